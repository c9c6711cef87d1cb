/* Connecting and talking with a deadline: for clients and probes, never for PID 1. */
#include "address.h"
#include "base/str.h"
#include "os/clock.h"
#include "os/sockets.h"
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <unistd.h>

const char *os_error_words(int error, char *ret_text, size_t size)
{
    int n = snprintf(ret_text, size, "%s", strerror(error < 0 ? -error : error));
    /* "No such file …" begins small, "RPC …" stays. */
    if (n > 1 && size > 1 && str_lower(ret_text[1]) == ret_text[1])
        ret_text[0] = str_lower(ret_text[0]);
    return ret_text;
}

static int fail(struct err *e, int rc)
{
    char words[128];

    if (rc == -ETIMEDOUT)
        err_set(e, "connection timed out");
    else
        err_set(e, "%s", os_error_words(rc, words, sizeof words));
    return rc;
}

/* The outcome of a connect(2) that was begun. */
static int finish_connect(int fd, int64_t deadline_mono_ns)
{
    int error = 0;
    socklen_t size = sizeof error;

    int rc = os_wait_writable(fd, deadline_mono_ns);
    if (rc < 0)
        return rc;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        return -errno;
    return -error;
}

static int connect_stream(const struct sockaddr *address, socklen_t len, int64_t deadline_mono_ns, int *ret_fd)
{
    int rc = 0;

    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, address, len) < 0)
        rc = errno == EINPROGRESS || errno == EINTR ? finish_connect(fd, deadline_mono_ns) : -errno;
    if (rc < 0) {
        close(fd);
        return rc;
    }
    *ret_fd = fd;
    return 0;
}

int os_tcp_connect(const char *host, const char *port, int64_t deadline_mono_ns, int *ret_fd, struct err *e)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV}, *all;

    int rc = getaddrinfo(host, port, &hints, &all);
    if (rc != 0) {
        err_set(e, "cannot resolve %s: %s", host, gai_strerror(rc));
        return -EHOSTUNREACH;
    }
    rc = -EHOSTUNREACH;
    for (struct addrinfo *a = all; a && rc < 0; a = a->ai_next)
        rc = connect_stream(a->ai_addr, a->ai_addrlen, deadline_mono_ns, ret_fd);
    freeaddrinfo(all);
    return rc < 0 ? fail(e, rc) : 0;
}

/* A full backlog answers EAGAIN at once instead of waiting: it is asked again until the deadline. */
int os_unix_connect(const char *path, int64_t deadline_mono_ns, int *ret_fd, struct err *e)
{
    struct sockaddr_un address;
    socklen_t len;

    int rc = unix_address(path, &address, &len);
    while (rc == 0) {
        rc = connect_stream((struct sockaddr *)&address, len, deadline_mono_ns, ret_fd);
        if (rc != -EAGAIN)
            break;
        rc = clock_poll_ms(deadline_mono_ns) == 0 ? -ETIMEDOUT : 0;
        usleep(5000);
    }
    return rc < 0 ? fail(e, rc) : 0;
}

ssize_t os_stream_send(int fd, const void *bytes, size_t n, int64_t deadline_mono_ns)
{
    size_t sent = 0;

    while (sent < n) {
        ssize_t done = send(fd, (const char *)bytes + sent, n - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (done >= 0) {
            sent += (size_t)done;
            continue;
        }
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return -errno;
        int rc = os_wait_writable(fd, deadline_mono_ns);
        if (rc < 0)
            return rc;
    }
    return (ssize_t)sent;
}

ssize_t os_stream_receive(int fd, void *ret_bytes, size_t size, int64_t deadline_mono_ns)
{
    for (;;) {
        ssize_t n = recv(fd, ret_bytes, size, MSG_DONTWAIT);
        if (n >= 0)
            return n;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return -errno;
        int rc = os_wait_readable(fd, deadline_mono_ns);
        if (rc < 0)
            return rc;
    }
}
