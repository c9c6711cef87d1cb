/* Names of unix sockets as the kernel takes them. Inside the os floor only. */
#pragma once
#include <sys/socket.h>
#include <sys/un.h>

/* 0, -EINVAL for an empty name, -ENAMETOOLONG. */
int unix_address(const char *name, struct sockaddr_un *ret_address, socklen_t *ret_len);
