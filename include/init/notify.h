/* notify=systemd (container contract §3): sd_notify(3)'s datagrams, taken only from a program's own descendants. */
#pragma once
#include "base/err.h"

struct supervisor;
struct notify_socket;

/* Opens the socket when a program asks for it and it is not open yet. 0 or -errno. */
int notify_open(struct supervisor *s);
void notify_close(struct supervisor *s);

/* The value of $NOTIFY_SOCKET; "" while there is none. */
const char *notify_address(const struct supervisor *s);
