/* Descriptors that join us and our children. All are close-on-exec; our own ends never block, theirs do. */
#pragma once
#include <stddef.h>

/* A pipe that a child writes and we read. A child of another uid may reopen its end by name (/dev/stdout). 0 or
 * -errno. */
int os_pipe_from_child(int *ret_ours, int *ret_theirs);

/* The other end of such a pipe once more, by way of /proc: the descriptor or -errno. */
int os_pipe_reopen(int ours);

/* How many bytes wait in a pipe; 0 also when that cannot be told. */
size_t os_pipe_filled(int fd);

/* A pipe that we write and a child reads: its stdin, never at end-of-file as long as ours is open. 0 or -errno. */
int os_pipe_to_child(int *ret_theirs, int *ret_ours);

/* A good size for pipes that prove busy, when at most `pipes` of them can: the kernel gives the pipes of one
 * unprivileged user (root in Docker is one) /proc/sys/fs/pipe-user-pages-soft pages together and makes every new pipe
 * small beyond that. At most 1 MiB; never less than 64 KiB, a pipe's size at birth. */
size_t os_pipe_size(size_t pipes);

/* Enlarges a pipe: for one that a read found full, so that quiet programs cost nothing. 0 or -errno, which is harmless.
 */
int os_pipe_grow(int fd, size_t bytes);

/* Once at the start: closes what we inherited from descriptor 5 on, makes 3 and 4 close-on-exec (supervisord keeps
 * these two, so a config may say /dev/fd/3), and opens 0, 1, 2 on the null device where they are closed. 0 or -errno.
 */
int os_descriptors_tidy(void);

/* /dev/null, close-on-exec; where there is none, a file that is empty to readers and full to writers. The descriptor or
 * -errno. */
int os_null_open(void);
