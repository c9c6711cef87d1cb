/* The state machine of one process: a table [state][event] of small handlers (DESIGN, The state machine). Only
 * fleet.c calls it. */
#pragma once
#include "core/fleet.h"

/* Lets `p` take `event`. True when that yields an effect in `ret_effect`. LOOK sets p's deadlines anew. */
bool machine_step(struct fleet *f, struct proc *p, enum proc_event event, struct moment now, struct effect *ret_effect);

/* Works out an armed job's next run from `now` on. */
void machine_plan_run(struct proc *p, struct moment now);

/* The same after the wall clock was set: a time that was skipped stays due, an interval goes on as it was. */
void machine_replan_run(struct proc *p, struct moment now);

/* Sets the text that tells why p is not running. */
void machine_blame(struct proc *p, const char *why);
