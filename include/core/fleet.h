/* The fleet: every process of this supervisor, its state, and what is to be done next. Pure: no clock, no system call,
 * no allocation. Time comes in as `now`; memory for groups comes from the caller; what has to happen goes out as
 * effects, one at a time:
 *
 *     event in:    fleet_post(f, p, …)             a child died, was spawned, a request came
 *     effects out: while (fleet_next(f, now, &e))  perform(e);   what comes of it is posted as a new event
 *     then sleep:  until fleet_due(f)
 *
 * The life cycle is a table [state][event] (machine.c). What is wanted (`go`, `armed`) and what is known (readiness,
 * checks, dependencies, due times, the stop stage) are fields that the table's LOOK column reads afresh each time. */
#pragma once
#include "core/backoff.h"
#include "core/health.h"
#include "core/heap.h"
#include "core/program.h"
#include "core/schedule.h"
#include "core/stopplan.h"
#include "core/text.h"
#include "core/types.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a process ended. */
struct ending {
    int code;   /* exit code; -1 when a signal ended it */
    int signal; /* 0 when it exited */
    bool core_dumped;
};

/* The shell's number for an ending: the code, or 128+N for a signal (container contract §3, on_fatal). */
int ending_code(const struct ending *e);

#define PROC_EVENTS(X)                                                                                                 \
    X(SPAWNED)      /* the child runs; its pid is posted */                                                            \
    X(SPAWN_FAILED) /* it could not be made to run; the reason is posted */                                            \
    X(STOP)         /* a request, or its stop stage has come */                                                        \
    X(EXITED)       /* it was reaped; its output is already drained */                                                 \
    X(START)        /* a request, or boot */                                                                           \
    X(LOOK)         /* something known changed or a time came: look at the fields */

/* In the order in which events of one wake are taken: a stop request that came together with the child's death makes
 * that death a requested one (container contract §5). */
enum proc_event {
#define X(name) EV_##name,
    PROC_EVENTS(X)
#undef X
        EV_COUNT
};

/* What an effect of kind NOTE tells: log lines, event listeners and watching clients are made from it. */
#define NOTES(X)                                                                                                       \
    X(WAITING)     /* held back by a dependency */                                                                     \
    X(STARTING)    /* about to be spawned */                                                                           \
    X(SPAWNED)     /* has a pid */                                                                                     \
    X(RUNNING)     /* stayed up for startsecs */                                                                       \
    X(RAN)         /* STARTING → RUNNING on the way to EXITED: an event, but no `success` line */                    \
    X(SPAWN_ERROR) /* STARTING → BACKOFF, could not be spawned */                                                    \
    X(TOO_QUICK)   /* STARTING → BACKOFF, exited within startsecs */                                                 \
    X(RETRY)       /* a failed oneshot, or a restart that waits for restart_delay: → BACKOFF */                      \
    X(EXITED)      /* → EXITED; see exit_expected */                                                                 \
    X(ARMED)       /* a job waits for its time */                                                                      \
    X(STOPPING)                                                                                                        \
    X(STOPPED)                                                                                                         \
    X(FATAL)                                                                                                           \
    X(TIMEOUT) /* run_timeout is over: it is being stopped */                                                          \
    X(SKIPPED) /* a job's time came while it still ran */                                                              \
    X(HEALTH)  /* its health status changed */                                                                         \
    X(BUG)     /* an event that the table calls impossible */

enum note {
#define X(name) NOTE_##name,
    NOTES(X)
#undef X
};

enum effect_kind {
    EFFECT_SPAWN,    /* start p's child, then post SPAWNED or SPAWN_FAILED, before fleet_next is called again */
    EFFECT_SIGNAL,   /* send `signal` to p's child, or to its process group */
    EFFECT_NOTE,     /* tell the world */
    EFFECT_CHECK,    /* run p's health checks, then call fleet_checked */
    EFFECT_FINISHED, /* everything is down after fleet_stop_all: `code` is the exit code */
};

struct effect {
    enum effect_kind kind;
    struct proc *p; /* NULL for FINISHED */
    enum note note;
    enum proc_state from; /* NOTE: the state before */
    int signal;
    bool as_group;
    int code;
};

enum { SPAWNERR_MAX = 512, CHECK_REASON_MAX = 256 };

/* A start that is asked for and not yet acted on. REQUEST waits for dependencies; AGAIN (a rule restarts what ran
 * already) does not (container contract §3, depends_on). RUN is a REQUEST that runs a job, armed or not. */
enum go { GO_NONE, GO_AGAIN, GO_REQUEST, GO_RUN };

/* A stage of the stop plan: what has this key stops together. */
struct stop_stage {
    int64_t priority, depth;
};

/* One process. Others read it; only core writes it, but for `host`. */
struct proc {
    const struct spec *spec;
    struct fleet_group *group;
    void *host; /* the init floor's own record */

    enum proc_state state;
    int pid; /* 0 = none */
    char spawnerr[SPAWNERR_MAX];
    struct moment started, stopped; /* last spawn, last end; wall_ns 0 = never */
    struct ending ending;           /* the last one */
    int exitstatus;                 /* as RPC tells it: code, -1 for a signal, 0 after BACKOFF */
    bool exit_expected;
    int fail_code; /* what a FATAL ends the container with; never 0 once something failed */

    /* what is wanted */
    enum go go;
    bool armed;      /* a job that waits for its times */
    bool by_request; /* it is down because somebody asked */
    bool recycle;    /* stop it, then start it again */

    /* what is known */
    bool was_running;       /* RUNNING was reached since the last start */
    bool completed;         /* ended as expected since the last start */
    bool notified;          /* its readiness message came */
    bool health_told;       /* its check status has not changed since the last NOTE_HEALTH */
    bool dependency_failed; /* FATAL on account of a dependency */
    bool hopeless;          /* no retry can help */
    bool timed_out;         /* over run_timeout: this stop is a failure */
    bool signalled;         /* the stop signal is sent */
    bool wanted_exit;       /* its last exit was expected: it may come back in peace */
    unsigned kills;         /* SIGKILLs sent */
    unsigned failures;      /* failed starts in a row: supervisord's back-off counter */
    int64_t series;         /* unwanted exits, as restart_delay_max counts them */
    int64_t retry_ns;       /* not started again by a rule before this */
    int64_t wait_ns;        /* this stop's patience: stopwaitsecs, or what the stop plan leaves of it */
    int64_t kill_ns;        /* STOPPING: when patience ends */
    uint64_t restarts, unwanted_exits;

    /* a job's */
    const struct schedule *schedule; /* borrowed, set by the init floor at fleet_add time; NULL for no job */
    const struct zone *zone;
    int64_t next_run_ns;  /* wall clock; NEVER_NS = none */
    int64_t last_due_ns;  /* wall clock: the calendar time of the last run */
    int64_t last_run_ns;  /* duration of the last run; -1 = it has not run */
    unsigned failed_runs; /* in a row */

    struct check_track check;
    char check_reason[CHECK_REASON_MAX]; /* of the last check that failed */
    struct flap_track flap;

    /* the fleet's own */
    uint32_t events;
    struct ending next_ending;
    struct proc *queue_next;
    bool queued;
    struct heap_node mono, wall; /* when to look next, by either clock */
    struct stop_stage stage;     /* the highest stops first */
    struct proc *stop_next;      /* in stop order */
    bool planned;                /* scratch of the stop plan */
};

/* One active group. */
struct fleet_group {
    const struct group *group;
    void *host;
    struct fleet_group *next; /* by (priority, name) */
    size_t n;
    struct proc procs[];
};

struct fleet {
    struct fleet_group *groups;
    struct proc *queue_head, *queue_tail;
    struct heap_node *mono, *wall;
    bool facts_changed; /* somebody's readiness or state did: those who wait look again */
    uint64_t bugs;
    uint64_t random; /* state of the jitter */

    enum on_end on_done;
    bool was_ready; /* readiness was reached once */

    /* stopping */
    bool stopping, finished;
    bool kill_now; /* patience is over for all */
    int exit_code;
    int64_t grace_ns;        /* UNSET, or stop_grace_period */
    int64_t level_ns;        /* the present stage's longest patience */
    struct stop_item *items; /* scratch */
    size_t items_max;
    int64_t stop_deadline_ns; /* NEVER_NS without a grace period */
    struct proc *stop_order;  /* as of the last plan */
    struct stop_stage stage;  /* this one and those before it are being stopped */
};

/* An empty fleet. `seed` feeds the jitter of restart_delay_max. */
void fleet_init(struct fleet *f, const struct daemon *d, uint64_t seed);

/* The array that stop plans are worked out in: at least as many items as there are processes. Borrowed; given anew
 * before fleet_add when that makes them more. */
void fleet_reserve(struct fleet *f, struct stop_item *items, size_t n);

/* The stop plan's items, in stop order, of what is up (or, with `all`, of every process but tasks): their number. They
 * stand in the array that fleet_reserve got. */
size_t fleet_stop_items(struct fleet *f, bool all);

/* Bytes that fleet_add needs for this group. */
size_t fleet_group_bytes(const struct group *g);

/* Puts a group in, stopped, into `memory` (zeroed, fleet_group_bytes, owned by the caller, who frees it after
 * fleet_remove). `g` is borrowed. */
struct fleet_group *fleet_add(struct fleet *f, const struct group *g, void *memory);

/* Takes a group out. All of it must be down (fleet_group_is_down). */
void fleet_remove(struct fleet *f, struct fleet_group *g);
bool fleet_group_is_down(const struct fleet_group *g);

/* Points an unchanged group at its twin in a newer generation. */
void fleet_retarget(struct fleet_group *g, const struct group *newer);

/* Finds a group, or a process by both names; NULL when there is none. */
struct fleet_group *fleet_group_find(const struct fleet *f, const char *name);
struct proc *fleet_proc_find(struct fleet_group *g, const char *name);

/* Walks all processes in order: NULL gives the first, the last gives NULL. */
struct proc *fleet_each(const struct fleet *f, const struct proc *after);

/* Boot of one group (its autostart programs), with what these depend on. */
void fleet_boot(struct fleet *f, struct fleet_group *g);

/* Events. Several may be posted before fleet_next is called. */
void fleet_post(struct fleet *f, struct proc *p, enum proc_event event);
void fleet_spawned(struct fleet *f, struct proc *p, int pid);
/* `hopeless`: trying again cannot help, so it is FATAL at once (container contract §3: a missing secret or variable).
 */
void fleet_spawn_failed(struct fleet *f, struct proc *p, int code, const char *reason, bool hopeless);
void fleet_exited(struct fleet *f, struct proc *p, struct ending ending);
/* The result of EFFECT_CHECK; `reason` is kept (cut at CHECK_REASON_MAX) when it failed. */
void fleet_checked(struct fleet *f, struct proc *p, bool passed, const char *reason, struct moment now);
/* The process said that it is ready (notify=). */
void fleet_notified(struct fleet *f, struct proc *p);
/* The wall clock was set: due times of jobs are worked out again. */
void fleet_clock_jumped(struct fleet *f, struct moment now);

/* Requests (core/verbs.h says what a client's words mean). `fleet_start` also starts what p depends on. */
void fleet_start(struct fleet *f, struct proc *p);
void fleet_run(struct fleet *f, struct proc *p);
void fleet_stop(struct fleet *f, struct proc *p);

/* Stops everything by the stop plan (container contract §5); FINISHED comes when all is down. Called again it changes
 * nothing. `code` is the exit code, the first one given stands. */
void fleet_stop_all(struct fleet *f, int code, struct moment now);
/* Kills what is left, at once (a second Ctrl-C). */
void fleet_kill_all(struct fleet *f);

/* The next thing to do. False when there is none; then sleep until fleet_due. */
bool fleet_next(struct fleet *f, struct moment now, struct effect *ret_effect);

/* When to call fleet_next again without an event: `mono_ns` by the monotonic, `wall_ns` by the wall clock; NEVER_NS
 * for none. */
struct moment fleet_due(const struct fleet *f);

/* Whether p meets what others may need of it (container contract §3, depends_on). */
bool proc_meets(const struct proc *p, enum condition condition);

/* The first dependency of p that is not met, or NULL; `*ret_failed` tells that it cannot be met any more (FATAL). */
const struct need *fleet_unmet_need(const struct fleet *f, const struct proc *p, bool *ret_failed);

/* Whether this is a oneshot or a job: something that runs to its end. */
bool spec_is_run(const struct spec *s);
bool spec_is_job(const struct spec *s);

/* Whether autorestart brings p back after the ending it had (supervisord contract §3). False for runs. */
bool proc_restarts(const struct proc *p);

/* Whether p is ready: RUNNING, its checks (if any) passed since its start and do not fail now, and its notification
 * (if any) came (container contract §11, Health). */
bool proc_is_ready(const struct proc *p);

/* Whether a request, or a death, has not shown its effect on p's state yet. */
bool proc_is_pending(const struct proc *p);

/* Whether p has a child, or is on its way to one. Not: EXITED before a restart or a job's next run. */
bool proc_is_up(const struct proc *p);

/* Whether p has a child that has not been reaped. */
bool proc_is_alive(const struct proc *p);

/* Whether p is STOPPED, EXITED or FATAL. */
bool proc_is_down(const struct proc *p);

/* Whether a start of p is asked for and not yet acted on. */
bool proc_is_asked(const struct proc *p);

/* `migrate (completed)`: what a WAITING process waits for. */
void need_text(const struct fleet *f, const struct proc *p, struct text *out);
