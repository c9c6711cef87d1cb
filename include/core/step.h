/* The handlers of the state machine and what they share (machine.c has the table). A handler changes p and yields at
 * most one effect; what else is to be done follows from the fields when the LOOK column sees them next. */
#pragma once
#include "core/machine.h"

struct step {
    struct fleet *f;
    struct proc *p;
    struct moment now;
    struct effect *effect;
};

typedef bool handler(struct step *s);

/* ---- shared ---- */

/* Changes the state, and tells it. Always true: that is an effect. */
bool step_enter(struct step *s, enum proc_state to, enum note note);

/* Tells something without a change of state. */
bool step_tell(struct step *s, enum note note);

/* "Look again then", by the monotonic clock. */
void step_look_at(struct proc *p, struct fleet *f, int64_t ns);

/* When the next spawn may be, after this end. */
int64_t step_restart_at(struct step *s, bool backoff, bool unwanted);

/* What was known of the last start means nothing for the next one. */
void step_forget(struct proc *p);

/* Sends a signal to the child or its group. */
bool step_signal(struct step *s, int signal, bool as_group);

/* Down on account of a stop. A request disarms a job, too; the stop plan does not. */
bool step_enter_stopped(struct step *s);

/* ---- starting, waiting, backing off: machine_start.c ---- */

/* Handlers, and the ways of one into another. */
bool step_launch(struct step *s);
bool step_back_off(struct step *s, enum note note);
bool step_look_down(struct step *s);
bool step_start_down(struct step *s);
bool step_stop_waiting(struct step *s);
bool step_spawned(struct step *s);
bool step_spawn_failed(struct step *s);
bool step_look_starting(struct step *s);
bool step_look_backoff(struct step *s);
bool step_look_exited(struct step *s);
bool step_look_fatal(struct step *s);
bool step_start_stopping(struct step *s);

/* ---- running, and jobs: machine_run.c ---- */

/* Handlers, and what other states look at too. */
bool step_run_checks(struct step *s);
bool step_look_running(struct step *s);
bool step_arm(struct step *s);
bool step_look_job(struct step *s);
bool step_end_job_run(struct step *s);

/* ---- stopping and ending: machine_stop.c ---- */

/* Handlers, and the ways of one into another. */
bool step_begin_stop(struct step *s);
bool step_stop_starting(struct step *s);
bool step_look_stopping(struct step *s);
bool step_exited_starting(struct step *s);
bool step_exited_running(struct step *s);
bool step_exited_stopping(struct step *s);
bool step_stop_down(struct step *s);
