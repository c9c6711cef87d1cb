#include "stream.h"
#include "base/num.h"
#include "base/str.h"
#include "fds.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LINKS_MAX = 8, TERMINAL_PROMISE = 256, PATH_SIZE = 64, NOWAIT = 0x8 /* RWF_NOWAIT */ };

/* ---- paths that mean a descriptor of our own ---- */

static int number_behind(const char *path, const char *prefix)
{
    int64_t n;
    struct str s = str_from(path);

    if (!str_starts(s, prefix))
        return -1;
    s.ptr += strlen(prefix);
    s.len -= strlen(prefix);
    if (s.len == 0 || s.ptr[0] < '0' || s.ptr[0] > '9' || num_int(s, &n) < 0 || n > INT_MAX)
        return -1;
    return (int)n;
}

static int named_fd(const char *path)
{
    char by_pid[PATH_SIZE];
    const char *const prefixes[] = {"/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/", by_pid};

    if (strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    snprintf(by_pid, sizeof by_pid, "/proc/%d/fd/", getpid());
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        int fd = number_behind(path, prefixes[i]);
        if (fd >= 0)
            return fd;
    }
    return -1;
}

/* Puts what the link at `path` says into `path`, relative to the link's own directory. False: no link. */
static bool follow_link(char *path)
{
    char target[PATH_MAX], joined[PATH_MAX];

    ssize_t n = readlink(path, target, sizeof target - 1);
    if (n <= 0)
        return false;
    target[n] = '\0';
    const char *slash = target[0] == '/' ? NULL : strrchr(path, '/');
    int dir = slash ? (int)(slash + 1 - path) : 0;
    int len = snprintf(joined, sizeof joined, "%.*s%s", dir, path, target);
    if (len >= PATH_MAX)
        return false;
    memcpy(path, joined, (size_t)len + 1);
    return true;
}

int stream_own_fd(const char *path)
{
    char at[PATH_MAX];

    if (snprintf(at, sizeof at, "%s", path) >= PATH_MAX)
        return -1;
    for (int i = 0; i < LINKS_MAX; i++) {
        int fd = named_fd(at);
        if (fd >= 0)
            return fd_is_inherited(fd) ? fd : -EBADF;
        if (!follow_link(at))
            return -1;
    }
    return -1;
}

/* ---- choosing a way ---- */

int stream_adopt(int fd, struct stream *ret)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return -errno;
    *ret = (struct stream){.fd = fd, .way = WAY_NOWAIT};
    /* A regular file never waits for a reader, nor does a device that is no terminal, such as /dev/null. */
    if (S_ISREG(st.st_mode) || (S_ISCHR(st.st_mode) && !isatty(fd)))
        ret->way = WAY_PLAIN;
    else if (S_ISSOCK(st.st_mode))
        ret->way = WAY_SEND;
    ret->promise = S_ISFIFO(st.st_mode) ? PIPE_BUF : TERMINAL_PROMISE;
    return 0;
}

void stream_take(int fd, struct stream *ret)
{
    *ret = (struct stream){.fd = fd, .owned = true, .way = WAY_PLAIN};
}

/* The kernel has no RWF_NOWAIT for this: opened anew, the pipe or terminal gets a description whose O_NONBLOCK is ours
 * alone; after setuid that may be forbidden. */
static void downgrade(struct stream *s)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof path, "/proc/self/fd/%d", s->fd);
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0)
        stream_take(fd, s);
    else
        s->way = WAY_POLL;
}

/* ---- writing ---- */

/* The bare call: musl knows pwritev2 only since 1.2.5. The offset -1 is "where it stands". */
static ssize_t write_nowait(struct stream *s, const struct iovec *parts, int parts_n)
{
    ssize_t n = syscall(SYS_pwritev2, s->fd, parts, parts_n, -1L, -1L, NOWAIT);
    if (n >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL))
        return n < 0 ? -errno : n;
    downgrade(s);
    return stream_write(s, parts, parts_n);
}

static ssize_t write_socket(const struct stream *s, const struct iovec *parts, int parts_n)
{
    struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)parts, .msg_iovlen = (size_t)parts_n};

    ssize_t n = sendmsg(s->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    return n < 0 ? -errno : n;
}

static ssize_t write_piece(const struct stream *s, const char *bytes, size_t n)
{
    struct pollfd p = {.fd = s->fd, .events = POLLOUT};

    if (poll(&p, 1, 0) <= 0)
        return -EAGAIN;
    ssize_t done = write(s->fd, bytes, n < s->promise ? n : s->promise);
    return done < 0 ? -errno : done;
}

static ssize_t write_promised(const struct stream *s, const struct iovec *parts, int parts_n)
{
    ssize_t sum = 0;

    for (int i = 0; i < parts_n; i++)
        for (size_t at = 0; at < parts[i].iov_len;) {
            ssize_t n = write_piece(s, (char *)parts[i].iov_base + at, parts[i].iov_len - at);
            if (n < 0)
                return sum > 0 ? sum : n;
            sum += n;
            at += (size_t)n;
        }
    return sum;
}

ssize_t stream_write(struct stream *s, const struct iovec *parts, int parts_n)
{
    ssize_t n;

    switch (s->way) {
    case WAY_NOWAIT:
        return write_nowait(s, parts, parts_n);
    case WAY_SEND:
        return write_socket(s, parts, parts_n);
    case WAY_POLL:
        return write_promised(s, parts, parts_n);
    case WAY_PLAIN:
        break;
    }
    n = writev(s->fd, parts, parts_n);
    return n < 0 ? -errno : n;
}

void stream_close(struct stream *s)
{
    if (s->owned)
        close(s->fd);
    s->owned = false;
    s->fd = -1;
}
