/* Requests of the control socket, verb by verb: what one changes at once, and the rows of its answer. */
#pragma once
#include "core/requests.h"
#include "init/rows.h"
#include "wire/proto.h"

struct supervisor;

/* An answer in the making. */
struct answer {
    struct proto_request request; /* borrows from the connection's packet */
    struct target target;
    uint64_t serial;  /* marks the outcomes of this request on the processes they are of */
    enum fault fault; /* how it ends */
    char text[512];   /* the end's detail */
    bool (*row)(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row); /* NULL: no rows */
    size_t rows_n; /* row is asked for 0..rows_n-1; false skips one */
    int passed_fd; /* goes with the first packet; -1 = none */
    size_t taken;  /* STDIN: bytes written */
    bool watch;    /* stays subscribed after the answer */
};

/* Does what the request asks. `a->request` is set; all else of `a` is filled. */
void request_perform(struct supervisor *s, struct answer *a);
