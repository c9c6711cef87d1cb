/* A log file that is read as it grows. The server hands the file over as an open descriptor; when it was rotated the
 * next one is asked for, when it was emptied reading starts over. Nothing in between is lost: what is left in the old
 * file is read first. */
#pragma once
#include "ctl/action.h"
#include <poll.h>

struct follower {
    const char *name;  /* as a request names it; "" = the main log */
    unsigned flags;    /* VERB_FLAG_STDERR */
    const char *label; /* for the reader's own use */
    char path[4096];   /* for looking whether it was rotated */
    int fd;            /* -1: no file now */
    int64_t at;        /* the next byte to read */
    int64_t looked_ns; /* when it was last looked at for rotation, monotonic */
};

/* Hears the bytes that were read, or with `bytes` NULL that the file was truncated. */
typedef void follower_output(void *context, struct follower *f, const char *bytes, size_t n);

/* Asks for the file; the first byte to read is the `last`-th from the end (negative: from the first). 0 and the fault
 * in `ret_fault` (SUCCESS: it is open), or negative, said already. */
int follower_open(struct ctl *c, struct follower *f, int64_t last, int *ret_fault);
void follower_close(struct follower *f);

/* Gives what is there to `output`, and goes over to the next file where this one was rotated. 0, or negative, said
 * already. */
int follower_step(struct ctl *c, struct follower *f, follower_output *output, void *context);

/* Subscribes, so that the server does not hang up on who is silent: before the first pause. 0, or negative, said
 * already. */
int follower_subscribe(struct ctl *c, const char *name);

/* Waits up to 200 ms or until Ctrl-C (-EINTR), or until `extra` (may be NULL) can be read. 0; -ECONNRESET when the
 * server is gone. Nothing is said. */
int follower_pause(struct ctl *c, struct pollfd *extra);
