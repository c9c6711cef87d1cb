/* Signals without handlers: they are blocked and read from a descriptor, so nothing ever runs in the middle of
 * something else, and a vfork'ed child cannot run our code. */
#pragma once

/* Takes the signals of `wanted` (0-terminated; NULL: all that `cslsup exec` passes on, which is every one but KILL,
 * STOP, the faults and those that job control sends a background process) from now on through the non-blocking,
 * close-on-exec descriptor `*ret_fd`: they are blocked, and their dispositions, which a parent may have set to
 * "ignore", become the default. SIGPIPE and SIGXFSZ are ignored: a write tells. os_spawn undoes all of it in the child.
 * 0 or -errno. */
int os_signals_open(const int *wanted, int *ret_fd);

/* Takes the next pending signal, the lowest number first, so that stop signals (HUP INT QUIT TERM) come before SIGCHLD
 * of the same wake. 1 and the number, 0 when none is left, or -errno. Several pending ones of one kind are one. */
int os_signals_read(int fd, int *ret_signal);
