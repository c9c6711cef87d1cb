/* Health (container contract §6, §11): what check runs add up to, what flaps, and whether a process is well.
 * PID 1 keeps one check_track and one flap_track a process, and asks health_judge afresh each time. Times are
 * monotonic nanoseconds. */
#pragma once
#include "core/program.h"
#include "core/text.h"
#include "core/types.h"
#include <stdbool.h>
#include <stdint.h>

/* --- check runs of one process: Docker's meaning of interval, retries and start period --- */

enum check_status {
    CHECK_NONE,      /* not running, or no healthcheck */
    CHECK_STARTING,  /* no pass since its start */
    CHECK_HEALTHY,   /* passed, and not failed `retries` times in a row since */
    CHECK_UNHEALTHY, /* failed `retries` times in a row */
};

struct check_track {
    enum check_status status;
    bool passed;        /* since the start */
    int64_t failures;   /* in a row; failures before the first pass and within start_period do not count */
    int64_t started_ns; /* the spawn */
    int64_t due_ns;     /* of the next run; NEVER_NS while one runs, or nothing does */
};

/* The process was spawned: the first run is due at once. */
void check_spawned(struct check_track *t, int64_t now_ns);

/* A run began; it is not due again before its result. */
void check_began(struct check_track *t);

/* A run ended: the next is due an interval later, start_interval until the first pass; never at once. */
void check_ended(struct check_track *t, const struct healthcheck *rules, bool passed, int64_t now_ns);

/* The process is gone: no status, nothing due. Also the state before the first spawn. */
void check_gone(struct check_track *t);

/* --- flapping: 3 unwanted exits within 60 s, until 60 s without one --- */

enum { FLAP_EXITS = 3 };

struct flap_track {
    int64_t exits_ns[FLAP_EXITS]; /* a ring: the last unwanted exits */
    unsigned n;                   /* all there ever were */
    bool flapping;                /* as of the last exit; ask flap_until_ns */
};

/* An unwanted exit. */
void flap_exited(struct flap_track *t, int64_t now_ns);

/* When flapping ends unless there is another exit; INT64_MIN when it does not flap: flapping is now < this. */
int64_t flap_until_ns(const struct flap_track *t);

/* --- the judgement of one process --- */

enum health_kind { HEALTH_PROGRAM, HEALTH_ONESHOT, HEALTH_JOB };

/* Plain facts about one process, put together anew for each judgement. */
struct health_facts {
    enum health_kind kind; /* listeners and fcgi programs are HEALTH_PROGRAM */
    bool essential;        /* or asked for by name: then `named`, too */
    bool named;            /* counts although autostart=false and never started */
    bool autostart, ever_started;

    enum proc_state state;
    bool stop_requested; /* STOPPED, STOPPING: by a request or `stop` of a job */
    bool exit_expected;  /* EXITED: its code was expected; a oneshot: it is done */
    bool comes_back;     /* EXITED: autorestart will start it again */
    int64_t back_by_ns;  /* after a wanted exit: health_back_by_ns; else INT64_MIN */

    enum check_status check; /* CHECK_NONE: has no healthcheck, or does not run */
    bool has_check;          /* so that a pass is needed for being ready */
    bool awaits_notify;      /* has `notify` and has not said so since its start */
    int64_t flapping_until_ns;
    int64_t failed_runs, failed_runs_max; /* of a job: in a row, and healthcheck_retries */
};

/* What a reason says about the process: it is well; LOST, which costs liveness, too; DOWN; or on its way up (RISING).
 */
enum health_class { HEALTH_CLASS_WELL, HEALTH_CLASS_LOST, HEALTH_CLASS_DOWN, HEALTH_CLASS_RISING };

/* Why a process is not well; WELL: it is, or is not counted. X(name, class, alone, before, after): the text is `NAME
 * alone`, or, where there is a detail, `NAME before DETAIL after`. The last column says what the detail is. */
#define HEALTH_REASONS(X)                                                                                              \
    X(WELL, WELL, "", " (", ")")              /* - */                                                                  \
    X(FATAL, LOST, " FATAL", " FATAL (", ")") /* spawnerr, `dependency migrate is FATAL` */                            \
    X(FLAPPING, LOST, " flapping (3 exits in 60 s)", " flapping (3 exits in 60 s): ", "") /* - */                      \
    X(CHECK, LOST, " unhealthy", ": ", "")                                   /* the failing check and why it fails */  \
    X(RUNS, LOST, ": its last runs failed", ": its last runs failed (", ")") /* `exit status 1` */                     \
    X(REQUEST, DOWN, " STOPPED (by request)", " STOPPED (by request): ", "") /* - */                                   \
    X(STOPPED, DOWN, " STOPPED", " STOPPED (", ")")                          /* `Not started` */                       \
    X(STOPPING, DOWN, " STOPPING", " STOPPING (", ")")                       /* - */                                   \
    X(BACKOFF, DOWN, " BACKOFF", " BACKOFF (", ")")                          /* spawnerr */                            \
    X(EXITED, DOWN, " EXITED", " EXITED (", ")")                             /* spawnerr */                            \
    X(WAITING, RISING, " waiting", " waiting for ", "")                      /* `migrate (completed)` */               \
    X(STARTING, RISING, " STARTING", " STARTING (", ")")                     /* - */                                   \
    X(UNFINISHED, RISING, " not done yet", " not done yet (", ")")           /* a oneshot that runs: - */              \
    X(UNREADY, RISING, " not ready", " not ready: ", "") /* why the check last failed, `no READY=1 yet` */

enum health_reason {
#define X(name, class, alone, before, after) HEALTH_##name,
    HEALTH_REASONS(X)
#undef X
};

struct health_verdict {
    bool counted; /* essential, and not an autostart=false that nobody started */
    bool well;    /* counts as ready; always true when not counted */
    bool live;    /* not FATAL, flapping or past its retries; always true when not counted */
    enum health_reason reason;
    int64_t until_ns; /* time alone may change the verdict then; NEVER_NS otherwise */
};

/* After a wanted exit a process may take that long to come back and stay well: startsecs + restart_delay + 5 s. */
int64_t health_back_by_ns(const struct spec *s, int64_t exited_ns);

/* The judgement of one process now. */
struct health_verdict health_judge(const struct health_facts *f, int64_t now_ns);

/* --- the line --- */

/* `laravel-queue_01 FATAL (Exited too quickly)`; `detail` as HEALTH_REASONS says, NULL or "" = none. */
void health_reason_text(struct text *out, const char *name, enum health_reason reason, const char *detail);

/* Names with their reasons, `A; B`. */
struct health_culprits {
    struct text text;
    unsigned left_out; /* those that did not fit; health_line says how many */
};

/* The judgement of all, built up process by process. */
struct health_sum {
    bool ready, live;
    struct health_culprits lost_or_down, rising;
};

/* Nothing judged yet: ready and live. `memory` holds the culprits, at least 8 bytes. */
void health_sum_init(struct health_sum *sum, char *memory, size_t size);

/* Adds one process's verdict. */
void health_sum_add(struct health_sum *sum, const struct health_verdict *v, const char *name, const char *detail);

/* The whole line: `healthy`; `unhealthy: A; B`; or, while nothing was ever ready and everything is live, `starting: A;
 * B`. What is on its way up comes last, and goes unnamed where something is lost before anything was ready.
 * `stopping`: PID 1 is stopping, so nothing is ready. Returns whether the answer is ready (exit code 0). */
bool health_line(struct text *out, const struct health_sum *sum, bool was_ready, bool stopping);

/* What a reason says about the process. */
enum health_class health_class(enum health_reason reason);
