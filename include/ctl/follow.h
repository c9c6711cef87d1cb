/* Long waits live in the client (wire/proto.h): after WATCH and a request, the processes whose outcome is pending are
 * followed until each is over, as supervisord's startProcess(wait=True) and its kin decide (supervisord contract §5).
 *
 * A process that waits for a dependency (STARTING without a pid) is over at once, as started: it will start by itself,
 * and `start a b`, one blocking call after another, must not hang where a needs b (container contract §3). */
#pragma once
#include "ctl/action.h"

/* What `info`, how the process is after the request, means: an enum fault (SUCCESS: done), or 0: not over yet. It is
 * never asked about a state that the request has not reached yet (PENDING). */
typedef int follow_judge(const struct record *info);

/* After START, STOP and RUN (wire/proto.h says when each is over). */
follow_judge follow_start, follow_stop, follow_run;

/* Hears about each process once, in the order in which they end. `info` is valid during the call; NULL when the
 * process is gone from the configuration (BAD_NAME). */
typedef void follow_done(void *context, const char *group, const char *name, int fault, const struct record *info);

struct follow {
    follow_judge *judge;
    follow_done *done;
    void *context;
};

/* Subscribes to what `r` names and asks. A server that hangs up in between, because events came while we were still
 * reading, has not seen the request: both are done again. 0 and the answer, or negative, said already. */
int follow_request(struct ctl *c, const struct proto_request *r, struct answer *ret_answer);

/* Waits for the processes of the `pending` outcome rows; follow_request made the request. Shows what it waits for on a
 * terminal. 0, or negative, said already. */
int follow(struct ctl *c, const struct follow *f, const struct records *pending);
