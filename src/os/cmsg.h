/* Walking control messages. Inside the os floor only. */
#pragma once
#include <sys/socket.h>

/* CMSG_NXTHDR; musl's macro converts signs on the way. */
static inline struct cmsghdr *cmsg_next(struct msghdr *message, struct cmsghdr *c)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
    return CMSG_NXTHDR(message, c);
#pragma GCC diagnostic pop
}
