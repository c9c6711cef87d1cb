/* Sockets: packets between our own processes (AF_UNIX, SOCK_SEQPACKET), and connecting with a deadline. Descriptors are
 * close-on-exec. */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Who is at the other end, by the kernel's word. A peer outside our pid namespace has pid 0. */
struct peer {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

/* Longest name of a unix socket; longer is -ENAMETOOLONG. A name that starts with `@` is abstract. */
enum { SOCKET_NAME_MAX = 107 };

/* A listening, non-blocking socket of packets at `name` with these permissions (whatever the umask); nothing is
 * unlinked. 0 or -errno (-EADDRINUSE: the name is taken, by a live one or a dead file). */
int os_packets_listen(const char *name, mode_t mode, int *ret_fd);

/* Takes one waiting connection, non-blocking. 0, -EAGAIN when none waits, or -errno. */
int os_accept(int listener, int *ret_fd, struct peer *ret_peer);

/* Connects to a socket of packets, at the latest until the monotonic deadline (0: now or not at all); the descriptor is
 * a blocking one. 0, -ETIMEDOUT (it is too busy), or -errno (-ENOENT no such socket, -ECONNREFUSED nobody listens). */
int os_packets_connect(const char *name, int64_t deadline_mono_ns, int *ret_fd, struct peer *ret_peer);

/* Sends one packet, and with it a copy of descriptor `passed` unless that is -1. Never waits, never raises SIGPIPE. 0,
 * -EAGAIN (the peer does not read), -EPIPE, -EMSGSIZE, or -errno. */
int os_packet_send(int fd, const void *bytes, size_t n, int passed);

/* Takes one packet without waiting: its length; 0 at the end of the connection; -EAGAIN when none is there; -EMSGSIZE
 * when it was longer than `size` (it is lost); or -errno. `*ret_passed` (may be NULL: descriptors are closed) is the
 * descriptor that came with it, or -1. */
ssize_t os_packet_receive(int fd, void *ret_bytes, size_t size, int *ret_passed);

/* A connected pair of packet sockets, both non-blocking. 0 or -errno. */
int os_packets_pair(int ret_fds[2]);

/* Waits until `fd` can be read, or written. 0, -ETIMEDOUT, or -errno. For clients: PID 1 never waits. */
int os_wait_readable(int fd, int64_t deadline_mono_ns);
int os_wait_writable(int fd, int64_t deadline_mono_ns);

/* Connects a byte stream and leaves it non-blocking: to host and port (a name or number; every address is tried in
 * turn), or to a unix socket. 0, or -errno with words in `e->text`: `connection refused`, `cannot resolve db: …`. The
 * deadline does not cut the resolver's wait: whoever resolves names is a child with a deadline of its own. */
int os_tcp_connect(const char *host, const char *port, int64_t deadline_mono_ns, int *ret_fd, struct err *e);
int os_unix_connect(const char *path, int64_t deadline_mono_ns, int *ret_fd, struct err *e);

/* Sends or receives on a non-blocking stream, at the latest until the deadline: bytes (0 from receive = end),
 * -ETIMEDOUT or -errno. Never raises SIGPIPE. */
ssize_t os_stream_send(int fd, const void *bytes, size_t n, int64_t deadline_mono_ns);
ssize_t os_stream_receive(int fd, void *ret_bytes, size_t size, int64_t deadline_mono_ns);

/* What strerror says, in lower case and without a locale; a static text or `ret_text` filled. */
const char *os_error_words(int error, char *ret_text, size_t size);
