/* An outlet is a sink with a queue in front: streams of several programs, and the main log, write whole lines into it,
 * and those that found it full are called again when it has room (DESIGN, How things flow, 3). */
#pragma once
#include "core/types.h"
#include "os/sink.h"
#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

struct capture;

enum { CAPTURE_OUTLETS = 3 }; /* a stream's log file, syslog and tee */

struct outlet {
    struct outlets *all;
    struct outlet *next;
    struct sink *sink;
    unsigned users;
    ev_io writable;
    char *tail; /* what is left of a line that the sink took in part: goes before everything else */
    size_t tail_len;
    struct capture *waiting, *waiting_last; /* FIFO of those that found it full */
};

struct outlets {
    struct ev_loop *loop;
    struct sinks sinks;
    struct outlet *first;
};

/* Opens the outlet of a sink, or takes another hold of it. 0 or -errno. */
int outlet_open(struct outlets *all, const struct sink_plan *plan, struct outlet **ret_outlet);

/* Gives the hold back. NULL-safe. */
void outlet_release(struct outlet *o);

/* Whether only whole lines may go in: somebody else writes here, too. */
bool outlet_is_shared(const struct outlet *o);

/* Writes; the number of bytes dealt with. Short only when the sink is full, and then, with `lines`, at the end of a
 * line. After a short write `outlet_wait` calls the stream again. */
size_t outlet_write(struct outlet *o, const char *bytes, size_t n, bool lines);

/* Queues a stream until there is room: capture_resume is called then. `slot` is the outlet's place in the stream. */
void outlet_wait(struct outlet *o, struct capture *st, size_t slot);

/* Takes a stream that is going away out of the queue. */
void outlet_forget(struct outlet *o, struct capture *st, size_t slot);
