/* The texts that people read about a process: supervisord's `description` (supervisord contract §5) and what the
 * container contract adds to it (§3: waiting programs, jobs). Pure: the caller brings the numbers, and times of day
 * already broken down in the container's zone. */
#pragma once
#include "core/types.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Room for every text below: a spawnerr or dependency name of 1 KB and the words around it. */
#define DESCRIPTION_MAX 1280

/* Python's str(timedelta): `0:01:02`, `1 day, 1:01:01`, `2 days, 0:00:00`. A negative time (the clock was set back)
 * is 0. Needs 40 bytes. */
void describe_uptime(int64_t seconds, char *ret_text, size_t size);

/* `Nov 24 03:56 AM`: strftime's `%b %d %I:%M %p` in the C locale. Needs 20 bytes. */
void describe_time(const struct tm *local, char *ret_text, size_t size);

/* A span for people: `0.3s`, `2.1s`, `1m05s`, `2h03m`, `4d01h`. Needs 32 bytes. */
void describe_span(int64_t span_ns, char *ret_text, size_t size);

struct describe {
    enum proc_state state;
    const char *name; /* without its group */
    int pid;
    int64_t uptime_s;          /* RUNNING: since its start */
    const char *spawnerr;      /* BACKOFF, FATAL; "" or NULL = unknown */
    const char *waiting_for;   /* WAITING: `migrate (completed)`; "" or NULL otherwise */
    const struct tm *stopped;  /* STOPPED, EXITED: when it last ended; NULL = it never ran */
    bool job;                  /* has a schedule */
    const struct tm *next_run; /* armed job: its next run; NULL = none */
    int last_exit;             /* job: exit code of its last run, or -signal */
    int64_t last_run_ns;       /* job: how long its last run took; negative = it has not run yet */
};

/* supervisord's description of `d`, one line. Ours: WAITING gives `waiting for migrate (completed)`, an EXITED job
 * `next run Nov 24 04:00 AM, last exit 0 in 2.1s`. A text that does not fit `size` ends in `...`. */
void describe(const struct describe *d, char *ret_text, size_t size);
