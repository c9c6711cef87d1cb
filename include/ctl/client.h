/* A client of the control socket: requests out, whole answers in. The protocol is wire/proto.h. Blocking, with
 * deadlines; an interrupt (ctl/terminal.h) ends every wait with -EINTR. */
#pragma once
#include "base/arena.h"
#include "os/control.h"
#include "wire/record.h"
#include <stdint.h>

/* How long a living server may take for the next packet of an answer: one that starts 1,000 programs on a loaded
 * machine is busy for a while. */
#define CLIENT_PATIENCE_NS INT64_C(20000000000)

struct client {
    int fd;
    struct control_server server;
    struct record_reader reader;
    int passed; /* descriptor that came with the answer being read, or -1 */
    char packet[PROTO_PACKET_MAX];
};

/* A row list in an arena. */
struct records {
    struct record **v;
    size_t n, cap;
};

/* All that came up to the end of an answer. */
struct answer {
    struct records rows;
    struct records events; /* changes that stood before it */
    int fault;             /* enum fault */
    const char *text;      /* its detail; "" = none */
    int fd;                /* LOG: the file; else -1. The caller closes it */
};

/* Connects to the instance that was started from `config` (absolute path), NULL: by the rule of control_connect.
 * 0, or negative errno as control_connect has it. */
int client_connect(struct client *c, const char *config);

/* Takes an open connection: for tests. */
void client_take(struct client *c, int fd);

/* Hangs up and frees what is held, a descriptor that nobody took included. */
void client_close(struct client *c);

/* Sends `r` and reads its whole answer into the arena. 0 (the fault is in the answer), or: -ETIMEDOUT the server is
 * stuck, -ECONNRESET it hung up, -EMSGSIZE the names are too long, -EINTR, -errno. */
int client_ask(struct client *c, struct arena *a, const struct proto_request *r, struct answer *ret_answer);

/* Waits for the next change that WATCH subscribed to; valid until the next call. 0, -ETIMEDOUT at the monotonic
 * deadline, otherwise as client_ask. */
int client_event(struct client *c, int64_t deadline_mono_ns, struct record *ret_event);
