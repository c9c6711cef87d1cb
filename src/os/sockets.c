#include "os/sockets.h"
#include "address.h"
#include "base/num.h"
#include "cmsg.h"
#include "os/clock.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128, PASSED_MAX = 4 };

/* `@` at the front of a name means the NUL byte of the abstract namespace, whose names have no end but the length. */
int unix_address(const char *name, struct sockaddr_un *ret_address, socklen_t *ret_len)
{
    size_t n = strlen(name);

    if (n == 0)
        return -EINVAL;
    if (n > SOCKET_NAME_MAX)
        return -ENAMETOOLONG;
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(ret_address->sun_path, name, n);
    if (name[0] == '@')
        ret_address->sun_path[0] = '\0';
    *ret_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (name[0] != '@'));
    return 0;
}

static int peer_of(int fd, struct peer *ret_peer)
{
    struct ucred who;
    socklen_t size = sizeof who;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0)
        return -errno;
    *ret_peer = (struct peer){who.pid, who.uid, who.gid};
    return 0;
}

int os_packets_listen(const char *name, mode_t mode, int *ret_fd)
{
    struct sockaddr_un address;
    socklen_t len;

    int rc = unix_address(name, &address, &len);
    if (rc < 0)
        return rc;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    if (bind(fd, (struct sockaddr *)&address, len) < 0)
        goto failed;
    /* The umask had its say at bind; nobody can connect before listen. */
    if (name[0] != '@' && chmod(name, mode) < 0)
        goto failed_bound;
    if (listen(fd, BACKLOG) < 0)
        goto failed_bound;
    *ret_fd = fd;
    return 0;

failed_bound:
    rc = -errno;
    if (name[0] != '@')
        unlink(name);
    close(fd);
    return rc;
failed:
    rc = -errno;
    close(fd);
    return rc;
}

int os_accept(int listener, int *ret_fd, struct peer *ret_peer)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return errno == EINTR || errno == ECONNABORTED ? -EAGAIN : -errno;
    int rc = peer_of(fd, ret_peer);
    if (rc < 0) {
        close(fd);
        return rc;
    }
    *ret_fd = fd;
    return 0;
}

/* A full backlog makes connect(2) wait as long as the send timeout says, for ever with 0; or not at all. */
static int set_patience(int fd, int64_t deadline_mono_ns)
{
    struct timeval t = {0};

    if (deadline_mono_ns == NEVER_NS)
        return 0;
    int64_t left = deadline_mono_ns - clock_now().mono_ns;
    if (left < NS_PER_MS)
        return fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
    t.tv_sec = left / NS_PER_S;
    t.tv_usec = left % NS_PER_S / 1000;
    return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t) < 0 ? -errno : 0;
}

static int forget_patience(int fd)
{
    struct timeval none = {0};

    if (fcntl(fd, F_SETFL, 0) < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &none, sizeof none) < 0)
        return -errno;
    return 0;
}

static int connect_by(int fd, const struct sockaddr_un *address, socklen_t len, int64_t deadline_mono_ns)
{
    for (;;) {
        int rc = set_patience(fd, deadline_mono_ns);
        if (rc < 0)
            return rc;
        if (connect(fd, (const struct sockaddr *)address, len) == 0)
            return forget_patience(fd);
        if (errno == EAGAIN)
            return -ETIMEDOUT;
        if (errno != EINTR)
            return -errno;
    }
}

int os_packets_connect(const char *name, int64_t deadline_mono_ns, int *ret_fd, struct peer *ret_peer)
{
    struct sockaddr_un address;
    socklen_t len;

    int rc = unix_address(name, &address, &len);
    if (rc < 0)
        return rc;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    rc = connect_by(fd, &address, len, deadline_mono_ns);
    if (rc == 0)
        rc = peer_of(fd, ret_peer);
    if (rc < 0) {
        close(fd);
        return rc;
    }
    *ret_fd = fd;
    return 0;
}

/* Room for the control message that carries descriptors. */
union passage {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(sizeof(int) * PASSED_MAX)];
};

int os_packet_send(int fd, const void *bytes, size_t n, int passed)
{
    struct iovec part = {(void *)(uintptr_t)bytes, n};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    union passage passage = {0};

    if (passed >= 0) {
        message.msg_control = &passage;
        message.msg_controllen = CMSG_SPACE(sizeof passed);
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof passed);
        memcpy(CMSG_DATA(c), &passed, sizeof passed);
    }
    return sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* Keeps the first descriptor that came and closes the others. */
static int take_passed(struct msghdr *message)
{
    int kept = -1, fd;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = cmsg_next(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t at = 0; at + sizeof fd <= c->cmsg_len - CMSG_LEN(0); at += sizeof fd) {
            memcpy(&fd, CMSG_DATA(c) + at, sizeof fd);
            if (kept < 0)
                kept = fd;
            else
                close(fd);
        }
    }
    return kept;
}

ssize_t os_packet_receive(int fd, void *ret_bytes, size_t size, int *ret_passed)
{
    struct iovec part = {ret_bytes, size};
    union passage passage;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    /* Without room for them the kernel itself drops descriptors that nobody asked for. */
    if (ret_passed) {
        message.msg_control = &passage;
        message.msg_controllen = sizeof passage;
    }
    ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0)
        return errno == EINTR ? -EAGAIN : -errno;
    int passed = ret_passed ? take_passed(&message) : -1;
    if (message.msg_flags & MSG_TRUNC) {
        if (passed >= 0)
            close(passed);
        return -EMSGSIZE;
    }
    if (ret_passed)
        *ret_passed = passed;
    return n;
}

int os_packets_pair(int ret_fds[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ret_fds) < 0 ? -errno : 0;
}

static int wait_for(int fd, short events, int64_t deadline_mono_ns)
{
    struct pollfd p = {.fd = fd, .events = events};

    for (;;) {
        int rc = poll(&p, 1, clock_poll_ms(deadline_mono_ns));
        if (rc > 0)
            return p.revents & POLLNVAL ? -EBADF : 0;
        if (rc == 0 && clock_poll_ms(deadline_mono_ns) == 0)
            return -ETIMEDOUT;
        if (rc < 0 && errno != EINTR)
            return -errno;
    }
}

int os_wait_readable(int fd, int64_t deadline_mono_ns)
{
    return wait_for(fd, POLLIN, deadline_mono_ns);
}

int os_wait_writable(int fd, int64_t deadline_mono_ns)
{
    return wait_for(fd, POLLOUT, deadline_mono_ns);
}
