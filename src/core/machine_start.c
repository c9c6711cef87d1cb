#include "base/num.h"
#include "core/order.h"
#include "core/step.h"
#include <stdio.h>

static bool begin_start(struct step *s)
{
    struct proc *p = s->p;

    if (p->started.wall_ns && p->go < GO_REQUEST && !p->schedule)
        p->restarts++;
    p->go = GO_NONE;
    step_forget(p);
    p->started = s->now;
    return step_enter(s, PROC_STARTING, NOTE_STARTING);
}

static bool enter_fatal(struct step *s)
{
    struct proc *p = s->p;

    p->failures = 0;
    if (p->spec->on_fatal == ON_END_EXIT)
        fleet_stop_all(s->f, p->fail_code ? p->fail_code : 1, s->now);
    return step_enter(s, PROC_FATAL, NOTE_FATAL);
}

static bool fail_by_dependency(struct step *s, const struct need *need)
{
    struct proc *p = s->p;
    char text[SPAWNERR_MAX];

    step_forget(p);
    snprintf(text, sizeof text, "dependency %s is FATAL", need->name);
    machine_blame(p, text);
    p->go = GO_NONE;
    p->dependency_failed = true;
    p->fail_code = fleet_failed_code(s->f, need);
    return enter_fatal(s);
}

/* A start was asked for: first come the dependencies. */
bool step_launch(struct step *s)
{
    struct proc *p = s->p;
    bool failed = false;
    const struct need *unmet = p->go >= GO_REQUEST ? fleet_unmet_need(s->f, p, &failed) : NULL;

    if (unmet && failed)
        return fail_by_dependency(s, unmet);
    if (!unmet)
        return begin_start(s);
    if (p->state == PROC_WAITING)
        return false;
    step_forget(p);
    return step_enter(s, PROC_WAITING, NOTE_WAITING);
}

bool step_back_off(struct step *s, enum note note)
{
    struct proc *p = s->p;

    p->exitstatus = 0;
    p->failures++;
    p->retry_ns = step_restart_at(s, true, true);
    return step_enter(s, PROC_BACKOFF, note);
}

/* STOPPED or WAITING. */
bool step_look_down(struct step *s)
{
    return s->p->go != GO_NONE && !s->f->stopping && step_launch(s);
}

/* START of what is down: of a job that is not armed it only arms it (container contract §3, Oneshots and jobs). */
bool step_start_down(struct step *s)
{
    struct proc *p = s->p;

    if (s->f->stopping)
        return false;
    if (p->schedule && !p->armed && p->go != GO_RUN)
        return step_arm(s);
    if (p->go < GO_REQUEST)
        p->go = GO_REQUEST;
    return false;
}

bool step_stop_waiting(struct step *s)
{
    s->p->go = GO_NONE;
    return step_enter_stopped(s);
}

bool step_spawned(struct step *s)
{
    if (s->p->spec->health.checks.n)
        check_spawned(&s->p->check, s->now.mono_ns);
    return step_tell(s, NOTE_SPAWNED);
}

bool step_spawn_failed(struct step *s)
{
    struct proc *p = s->p;
    int64_t earliest_ns = num_add_sat(s->now.mono_ns, RESPAWN_MIN_NS);

    p->exit_expected = p->wanted_exit = false;
    p->stopped.mono_ns = s->now.mono_ns; /* for people no process has ended: they are shown the wall clock's time */
    p->ending = p->next_ending;
    p->fail_code = p->ending.code;
    p->unwanted_exits++;
    if (p->schedule)
        return step_end_job_run(s);
    step_back_off(s, NOTE_SPAWN_ERROR);
    if (p->retry_ns < earliest_ns) /* it cost no time: whatever restart_delay says, do not spend all of ours with it */
        p->retry_ns = earliest_ns;
    return true;
}

bool step_look_starting(struct step *s)
{
    struct proc *p = s->p;

    if (!p->pid) {
        if (s->f->stopping)
            return step_enter_stopped(s);
        *s->effect = (struct effect){.kind = EFFECT_SPAWN, .p = p};
        return true;
    }
    int64_t up_ns = num_add_sat(p->started.mono_ns, num_mul_sat(p->spec->startsecs, NS_PER_S));
    bool run = spec_is_run(p->spec);
    if (run || s->now.mono_ns >= up_ns) {
        p->was_running = true;
        if (!run)
            p->failures = 0;
        return step_enter(s, PROC_RUNNING, run ? NOTE_RAN : NOTE_RUNNING);
    }
    step_look_at(p, s->f, up_ns);
    return step_run_checks(s);
}

bool step_look_backoff(struct step *s)
{
    struct proc *p = s->p;

    if (s->f->stopping)
        return false;
    if (p->hopeless || (p->spec->startretries >= 0 && p->failures > (uint64_t)p->spec->startretries))
        return enter_fatal(s);
    if (s->now.mono_ns >= p->retry_ns)
        return begin_start(s);
    step_look_at(p, s->f, p->retry_ns);
    return false;
}

/* EXITED: back at once, or after the restart delay, which shows as BACKOFF (container contract §11). */
static bool look_restart(struct step *s)
{
    struct proc *p = s->p;

    if (!proc_restarts(p))
        return false;
    if (s->now.mono_ns >= p->retry_ns)
        return begin_start(s);
    if (p->spec->restart_delay_ns != UNSET || p->spec->restart_delay_max_ns != UNSET) {
        p->failures += !p->exit_expected;
        return step_enter(s, PROC_BACKOFF, NOTE_RETRY);
    }
    step_look_at(p, s->f, p->retry_ns);
    return false;
}

bool step_look_exited(struct step *s)
{
    if (s->f->stopping)
        return false;
    if (s->p->go != GO_NONE)
        return step_launch(s);
    return s->p->schedule ? step_look_job(s) : look_restart(s);
}

bool step_look_fatal(struct step *s)
{
    bool failed;

    if (s->f->stopping)
        return false;
    if (s->p->dependency_failed && !fleet_unmet_need(s->f, s->p, &failed))
        s->p->go = GO_REQUEST;
    return s->p->go != GO_NONE && step_launch(s);
}

/* To be started again once it is down; a job is not armed, nor run, by that. */
bool step_start_stopping(struct step *s)
{
    if (!s->p->schedule)
        s->p->go = GO_REQUEST;
    return false;
}
