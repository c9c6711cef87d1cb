/* Writing without ever blocking to a descriptor that may not be ours to change: its O_NONBLOCK belongs to everybody who
 * shares it, and a container's stdout is shared with the runtime and with programs. Inside the os floor only. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

enum stream_way {
    WAY_PLAIN,  /* writev: it cannot block, or says EAGAIN by itself */
    WAY_NOWAIT, /* pwritev2(RWF_NOWAIT), for pipes and terminals of a newer kernel */
    WAY_SEND,   /* sendmsg(MSG_DONTWAIT), for sockets */
    WAY_POLL    /* as much as poll's POLLOUT promises room for */
};

struct stream {
    int fd;
    bool owned; /* ours to close */
    enum stream_way way;
    size_t promise; /* bytes that fit once WAY_POLL says so */
};

/* The number of our own descriptor that a path names (`/dev/stdout`, `/dev/fd/3`, `/proc/1/fd/1` as PID 1, a symbolic
 * link to one of these); -1 when it names something else; -EBADF when it names one that we did not inherit. */
int stream_own_fd(const char *path);

/* Uses a descriptor that stays another's. 0 or -errno. */
int stream_adopt(int fd, struct stream *ret);

/* Takes over a descriptor with a description of its own, opened O_NONBLOCK. */
void stream_take(int fd, struct stream *ret);

/* Writes what it takes: bytes, -EAGAIN for none now, or -errno. */
ssize_t stream_write(struct stream *s, const struct iovec *parts, int parts_n);

/* Closes it, if it is ours. */
void stream_close(struct stream *s);
