/* Who waits for whom: dependencies at the start, stages at the stop (container contract §3 depends_on, §5 Stop plan).
 * Helpers of fleet.c and machine.c; the rest of the house uses fleet.h. */
#pragma once
#include "core/fleet.h"

/* The exit code that stands for p's when `need` made p FATAL: that of the program behind it. */
int fleet_failed_code(const struct fleet *f, const struct need *need);

/* The next random number of the fleet's own series. */
uint64_t fleet_random(struct fleet *f);

/* Starts what p depends on and is STOPPED (or about to be) or FATAL, and what that depends on. */
void fleet_start_needs(struct fleet *f, struct proc *p);

/* How long p may take to stop: stopwaitsecs, or while everything stops what the plan leaves of it. */
int64_t fleet_stop_patience(const struct fleet *f, const struct proc *p);

/* Whether p outlived SIGKILL twice: we may not signal it, or it hangs in the kernel. A shutdown goes on without it. */
bool fleet_gave_up(const struct fleet *f, const struct proc *p);

/* Gives every process its stage, and puts them in order: programs stop in reverse order of priority, dependents before
 * what they need. */
void fleet_plan_stages(struct fleet *f);

/* When all of the present stage is down: begins the next one. False when there is none to begin, or the present one
 * still stops. `*ret_down` tells that nothing at all is up any more. */
bool fleet_next_stage(struct fleet *f, struct moment now, bool *ret_down);
