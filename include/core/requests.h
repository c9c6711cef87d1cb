/* What a client's words mean for the fleet: names, and the answers of supervisord's calls (supervisord contract §5;
 * container contract §3, Oneshots and jobs). */
#pragma once
#include "base/str.h"
#include "core/fleet.h"

/* `x`, `g:x`, `g:*`, `g:`, or empty for all (supervisord contract §5: a name without `:` means group=name). */
struct target {
    struct str group, name; /* name empty: the whole group; both empty: everything */
};

/* Reads a name; borrows from `text`. */
struct target target_parse(struct str text);
bool target_has(const struct target *t, const struct proc *p);
bool target_is_one(const struct target *t);

/* Whether the fleet has what the target names: a process, a group (an empty one, too), or all. */
bool target_exists(const struct target *t, const struct fleet *f);

/* How a request ends for one process: a fault, FAULT_SUCCESS when it is done or, with `pending`, accepted. */
struct outcome {
    enum fault fault;
    bool pending;
};

/* Start, as startProcess does. `single`: p was named alone, which runs an armed job; else it is only armed. */
struct outcome request_start(struct fleet *f, struct proc *p, bool single);
struct outcome request_stop(struct fleet *f, struct proc *p);
/* Only oneshots and jobs can be run: FAILED for others. */
struct outcome request_run(struct fleet *f, struct proc *p);
/* Whether p can be signalled now; who does it is the init floor. */
struct outcome request_signal(const struct fleet *f, const struct proc *p);

/* Whether a call for a group or all applies to p: starting what runs, or stopping what does not, is left out. */
bool request_start_applies(const struct proc *p);
bool request_stop_applies(const struct proc *p);
