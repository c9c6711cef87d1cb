/* The init floor's record of one process: its streams, its stdin, its probe; and how it is spawned. */
#pragma once
#include "core/requests.h"
#include "init/accounts.h"
#include "init/capture.h"
#include "os/spawn.h"
#include <ev.h>
#include <sys/types.h>

struct supervisor;

/* A probe under way: a child that runs the checks of one program. */
struct prober {
    pid_t pid; /* 0 = none */
    int fd;    /* its stdout: the reason, when it fails */
    ev_timer deadline;
    bool timed_out;
};

enum { CHILD_STATUS_MAX = 128 };

struct child {
    struct supervisor *s;
    struct proc *p;
    struct capture out, err;
    int stdin_fd;  /* -1 = none */
    int notify_fd; /* our end of notify=fd:N; -1 = none */
    ev_io notify;
    struct prober prober;
    const struct account *account; /* borrowed from the generation of the group */
    struct schedule schedule;
    struct zone *zone;
    char status[CHILD_STATUS_MAX]; /* what it says of itself by STATUS= */
    uint64_t exits;                /* how often it ended */
    struct outcome outcome;        /* of the request with this serial number */
    uint64_t outcome_serial;
    uint64_t change;             /* number of its last change that watching clients were told */
    int64_t cpu_ns, cpu_seen_ns; /* `cpu:` checks: processor time when last looked at, and when it last grew */
    int64_t watchdog_ns;         /* the last WATCHDOG=1; monotonic */
};

/* Prepares p's child record, as one of `g`'s: account, schedule. 0, or -errno with one line in `e`. */
int child_open(struct child *c, struct supervisor *s, struct proc *p, struct generation *g, struct err *e);
void child_close(struct child *c);

/* p's spec has moved to the newer generation `g`, unchanged: what was borrowed from the old one is taken from there.
 * Its account is one that accounts_find knows already. */
void child_retarget(struct child *c, struct generation *g);

/* EFFECT_SPAWN: starts it, and posts what came of it. */
void child_spawn(struct child *c);

/* It was reaped: takes in what it still wrote. */
void child_reaped(struct child *c);

/* Writes to its stdin; the number of bytes taken, or -errno (-EPIPE: it is closed). */
ssize_t child_write_stdin(struct child *c, const void *bytes, size_t n);

/* It said what it is doing. */
void child_set_status(struct child *c, struct str status);
