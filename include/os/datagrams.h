/* A socket of datagrams whose senders the kernel names: for sd_notify(3). */
#pragma once
#include "os/sockets.h"

enum { DATAGRAM_ADDRESS_MAX = 16 };

/* Opens a non-blocking socket under an abstract name of the kernel's choice; `ret_address` gets it as $NOTIFY_SOCKET
 * wants it, `@` first. 0 or -errno. */
int os_datagrams_open(int *ret_fd, char *ret_address);

/* Takes one datagram and its sender (pid 0: unknown). Its length, cut at `size`; -EAGAIN when none is there; -errno. */
ssize_t os_datagram_receive(int fd, void *ret_bytes, size_t size, struct peer *ret_peer);
