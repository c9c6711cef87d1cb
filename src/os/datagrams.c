#include "os/datagrams.h"
#include "cmsg.h"
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Binding no more than the family makes the kernel choose an abstract name of five digits (unix(7), Autobind). */
static int bind_anywhere(int fd, char *ret_address)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    socklen_t len = sizeof name;
    int yes = 1;

    if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) < 0 ||
        bind(fd, (struct sockaddr *)&name, sizeof name.sun_family) < 0 ||
        getsockname(fd, (struct sockaddr *)&name, &len) < 0)
        return -errno;
    size_t n = len - offsetof(struct sockaddr_un, sun_path) - 1;
    snprintf(ret_address, DATAGRAM_ADDRESS_MAX, "@%.*s", (int)n, name.sun_path + 1);
    return 0;
}

int os_datagrams_open(int *ret_fd, char *ret_address)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -errno;
    int r = bind_anywhere(fd, ret_address);
    if (r < 0)
        close(fd);
    else
        *ret_fd = fd;
    return r;
}

/* Descriptors that a sender attached are closed: nobody asked for them. */
static void take_control(struct msghdr *message, struct peer *ret_peer)
{
    *ret_peer = (struct peer){0};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = cmsg_next(message, c)) {
        struct ucred sender;
        if (c->cmsg_level != SOL_SOCKET)
            continue;
        if (c->cmsg_type == SCM_CREDENTIALS) {
            memcpy(&sender, CMSG_DATA(c), sizeof sender);
            *ret_peer = (struct peer){.pid = sender.pid, .uid = sender.uid, .gid = sender.gid};
        } else if (c->cmsg_type == SCM_RIGHTS) {
            for (size_t at = CMSG_LEN(0); at + sizeof(int) <= c->cmsg_len; at += sizeof(int)) {
                int fd;
                memcpy(&fd, (char *)c + at, sizeof fd);
                close(fd);
            }
        }
    }
}

ssize_t os_datagram_receive(int fd, void *ret_bytes, size_t size, struct peer *ret_peer)
{
    _Alignas(struct cmsghdr) char control[512];
    struct iovec part = {ret_bytes, size};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);

    if (n < 0)
        return -errno;
    take_control(&message, ret_peer);
    return n;
}
