#include "base/num.h"
#include "core/step.h"

/* Checks run from the spawn on, whatever the state; none is due without any. */
bool step_run_checks(struct step *s)
{
    struct proc *p = s->p;

    if (!p->health_told) {
        p->health_told = true;
        return step_tell(s, NOTE_HEALTH);
    }
    if (s->now.mono_ns < p->check.due_ns) {
        if (p->check.due_ns != NEVER_NS)
            step_look_at(p, s->f, p->check.due_ns);
        return false;
    }
    check_began(&p->check);
    *s->effect = (struct effect){.kind = EFFECT_CHECK, .p = p};
    return true;
}

static bool look_timeout(struct step *s)
{
    struct proc *p = s->p;
    int64_t end_ns = num_add_sat(p->started.mono_ns, p->spec->run_timeout_ns);

    if (!spec_is_run(p->spec) || p->spec->run_timeout_ns == 0)
        return false;
    if (s->now.mono_ns < end_ns) {
        step_look_at(p, s->f, end_ns);
        return false;
    }
    if (p->timed_out)
        return step_begin_stop(s);
    p->timed_out = true;
    return step_tell(s, NOTE_TIMEOUT);
}

/* A job's time came while it still runs: skip this time, or start over (schedule_overlap). */
static bool look_overlap(struct step *s)
{
    struct proc *p = s->p;

    if (!p->armed || p->schedule->every_ns)
        return false;
    if (s->now.wall_ns < p->next_run_ns) {
        heap_set(&s->f->wall, &p->wall, p->next_run_ns);
        return false;
    }
    p->last_due_ns = p->next_run_ns;
    machine_plan_run(p, s->now);
    if (p->spec->schedule_overlap == OVERLAP_SKIP)
        return step_tell(s, NOTE_SKIPPED);
    p->recycle = true;
    return step_begin_stop(s);
}

/* A rule wants it to start over: not sooner than any other restart. */
static bool look_recycle(struct step *s)
{
    struct proc *p = s->p;
    int64_t earliest_ns = num_add_sat(p->started.mono_ns, RESPAWN_MIN_NS);

    if (!p->recycle)
        return false;
    if (s->now.mono_ns >= earliest_ns)
        return step_begin_stop(s);
    step_look_at(p, s->f, earliest_ns);
    return false;
}

bool step_look_running(struct step *s)
{
    return look_recycle(s) || look_timeout(s) || look_overlap(s) || step_run_checks(s);
}

bool step_arm(struct step *s)
{
    struct proc *p = s->p;

    step_forget(p);
    p->armed = true;
    p->go = GO_NONE;
    if (p->schedule->every_ns)
        p->next_run_ns = s->now.wall_ns; /* `@every` runs at start */
    else
        machine_plan_run(p, s->now);
    return step_enter(s, PROC_EXITED, NOTE_ARMED);
}

bool step_look_job(struct step *s)
{
    struct proc *p = s->p;

    if (!p->armed)
        return false;
    if (s->now.wall_ns < p->next_run_ns) {
        if (p->next_run_ns != NEVER_NS)
            heap_set(&s->f->wall, &p->wall, p->next_run_ns);
        return false;
    }
    p->last_due_ns = p->next_run_ns;
    machine_plan_run(p, s->now);
    p->go = GO_REQUEST; /* each run waits for what it needs */
    return step_launch(s);
}

bool step_end_job_run(struct step *s)
{
    struct proc *p = s->p;

    p->last_run_ns = s->now.mono_ns - p->started.mono_ns;
    p->failed_runs = p->completed ? 0 : p->failed_runs + 1;
    if (p->armed && p->schedule->every_ns)
        p->next_run_ns = num_add_sat(s->now.wall_ns, p->schedule->every_ns);
    return step_enter(s, p->armed ? PROC_EXITED : PROC_STOPPED, NOTE_EXITED);
}

void machine_plan_run(struct proc *p, struct moment now)
{
    int64_t after_s = now.wall_ns / NS_PER_S;

    /* What the clock showed before it was set back by some hours does not run again, unless the job runs in every
     * hour, which then goes on by the new time: cron(8)'s rule. */
    if (p->schedule->every_ns) {
        p->next_run_ns = NEVER_NS; /* known when the run has ended */
        return;
    }
    int64_t last_s = p->last_due_ns / NS_PER_S;
    bool hourly = p->schedule->hours == SCHEDULE_EVERY_HOUR;
    if (!hourly && last_s > after_s && last_s - after_s <= 3 * 3600)
        after_s = last_s;
    int64_t next_s = schedule_next(p->schedule, p->zone, after_s);
    p->next_run_ns = next_s == NEVER_S ? NEVER_NS : num_mul_sat(next_s, NS_PER_S);
}

void machine_replan_run(struct proc *p, struct moment now)
{
    bool waits = p->next_run_ns != NEVER_NS;

    if (p->schedule->every_ns && waits) /* an interval has nothing to do with what the clock says */
        p->next_run_ns = num_add_sat(now.wall_ns, num_add_sat(p->schedule->every_ns, p->stopped.mono_ns - now.mono_ns));
    else if (waits && p->next_run_ns > now.wall_ns) /* else it was skipped, and runs now */
        machine_plan_run(p, now);
}
