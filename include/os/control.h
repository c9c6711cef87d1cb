/* Where the control socket is, without any configuration (container contract §1, §11). The server takes the first place
 * it may use: /run/cslsup/, /dev/shm/cslsup-UID/ (each 0711 and its own), else an abstract name. The name carries the
 * inodes of the pid and mount namespaces and a hash of the config's path, so that containers that share one of these do
 * not meet, and a second instance of one config is noticed. Clients find servers in /proc/net/unix, where all three
 * places are listed for everybody, or, knowing the config, by the name itself. */
#pragma once
#include "os/sockets.h"
#include <stddef.h>
#include <stdint.h>

struct control_server {
    char name[SOCKET_NAME_MAX + 1];
    struct peer peer; /* pid 1: the container's own instance */
};

enum { CONTROL_SERVERS_MAX = 32 };

/* Opens the server's socket for the configuration known as `config` (its absolute path, or any stable text where there
 * is no file); `ret_name` holds SOCKET_NAME_MAX + 1 bytes. 0; -EADDRINUSE when an instance of this configuration lives;
 * or -errno. Mode 0666: who may command is decided by the peer's uid. */
int control_listen(const char *config, char *ret_name, int *ret_fd);

/* The same at the path of the option control_socket, which stands beside the place above. A dead socket file is
 * replaced, any other file is -EEXIST. */
int control_listen_at(const char *path, int *ret_fd);

/* Removes the socket file at the server's end; abstract names need none. */
void control_remove(const char *name);

/* Connects to the instance of `config`; NULL: PID 1's, else the only one. 0 and the connection; -ENOENT when there is
 * none; -ENOTUNIQ when there are several (control_list shows them); -EPERM when the server's uid is neither 0 nor ours;
 * -ETIMEDOUT, -errno. */
int control_connect(const char *config, int64_t deadline_mono_ns, struct control_server *ret_server, int *ret_fd);

/* The living instances of our pid and mount namespaces that we may trust, at most `max`: their number, or -errno.
 * Busy ones are asked again until the deadline. */
int control_list(struct control_server *ret_servers, size_t max, int64_t deadline_mono_ns);

/* Whether the server may hear a peer at all: pid 0 is outside of the pid namespace. */
bool control_peer_allowed(const struct peer *peer);
