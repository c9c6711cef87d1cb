#include "base/num.h"
#include "core/order.h"
#include "core/step.h"
#include <stdio.h>

/* What the kernel gets to let go of a process after SIGKILL, when time is short. */
#define KILL_SLACK_NS (250 * NS_PER_MS)

bool step_begin_stop(struct step *s)
{
    struct proc *p = s->p;

    p->signalled = false;
    p->kills = 0;
    p->wait_ns = fleet_stop_patience(s->f, p);
    return step_enter(s, PROC_STOPPING, NOTE_STOPPING);
}

/* Before the spawn there is nothing to signal. */
bool step_stop_starting(struct step *s)
{
    return s->p->pid ? step_begin_stop(s) : step_enter_stopped(s);
}

/* When SIGKILL is sent again. Short where time is: one that outlives the second is given up. */
static int64_t next_kill_ns(const struct step *s)
{
    bool brief = s->f->kill_now || s->f->stop_deadline_ns != NEVER_NS;
    int64_t wait_ns = s->p->wait_ns > NS_PER_S ? s->p->wait_ns : NS_PER_S;

    return num_add_sat(s->now.mono_ns, brief ? KILL_SLACK_NS : wait_ns);
}

bool step_look_stopping(struct step *s)
{
    struct proc *p = s->p;

    if (!p->signalled) {
        p->signalled = true;
        p->kill_ns = num_add_sat(s->now.mono_ns, p->wait_ns);
        return step_signal(s, p->spec->stopsignal, p->spec->stopasgroup);
    }
    if (fleet_gave_up(s->f, p))
        return false;
    if (s->f->kill_now) {
        int64_t soon_ns = p->kills ? next_kill_ns(s) : s->now.mono_ns;
        p->kill_ns = p->kill_ns < soon_ns ? p->kill_ns : soon_ns;
    }
    if (s->now.mono_ns >= p->kill_ns) {
        p->kills++;
        p->kill_ns = next_kill_ns(s);
        return step_signal(s, 9, p->spec->killasgroup);
    }
    step_look_at(p, s->f, p->kill_ns);
    return false;
}

static void take_ending(struct step *s)
{
    struct proc *p = s->p;

    p->pid = 0;
    p->stopped = s->now;
    p->ending = p->next_ending;
    p->exitstatus = p->ending.code;
    p->wanted_exit = false;
    p->exit_expected = exit_code_listed(&p->spec->exitcodes, p->ending.code);
    if (!p->exit_expected || p->timed_out)
        p->fail_code = ending_code(&p->ending) ? ending_code(&p->ending) : 1;
    check_gone(&p->check);
}

static void count_unwanted(struct step *s)
{
    s->p->unwanted_exits++;
    if (!spec_is_run(s->p->spec))
        flap_exited(&s->p->flap, s->now.mono_ns);
}

static void blame_ending(struct proc *p)
{
    char text[64];

    if (p->timed_out)
        snprintf(text, sizeof text, "run_timeout exceeded");
    else if (p->ending.signal && signal_name(p->ending.signal))
        snprintf(text, sizeof text, "Terminated by %s", signal_name(p->ending.signal));
    else
        snprintf(text, sizeof text, "Bad exit code %d", p->ending.code);
    machine_blame(p, text);
}

/* Over for good: on_exit may end the container with this program's code. */
static void end_for_good(struct step *s)
{
    if (s->p->spec->on_exit == ON_END_EXIT && !s->f->stopping)
        fleet_stop_all(s->f, ending_code(&s->p->ending), s->now);
}

bool step_exited_starting(struct step *s)
{
    struct proc *p = s->p;
    int64_t up_ns = num_add_sat(p->started.mono_ns, num_mul_sat(p->spec->startsecs, NS_PER_S));

    if (spec_is_run(p->spec) || s->now.mono_ns >= up_ns) {
        p->was_running = true;
        fleet_post(s->f, p, EV_EXITED); /* seen again as RUNNING */
        return step_enter(s, PROC_RUNNING, NOTE_RAN);
    }
    take_ending(s);
    p->exit_expected = false;
    p->fail_code = ending_code(&p->ending) ? ending_code(&p->ending) : 1;
    count_unwanted(s);
    machine_blame(p, "Exited too quickly (process log may have details)");
    return step_back_off(s, NOTE_TOO_QUICK);
}

static bool end_run(struct step *s)
{
    struct proc *p = s->p;

    p->completed = p->exit_expected && !p->timed_out;
    if (p->completed) {
        p->failures = 0;
    } else {
        p->exit_expected = false;
        count_unwanted(s);
        blame_ending(p);
    }
    if (p->schedule)
        return step_end_job_run(s);
    if (!p->completed)
        return step_back_off(s, NOTE_RETRY);
    end_for_good(s);
    return step_enter(s, PROC_EXITED, NOTE_EXITED);
}

bool step_exited_running(struct step *s)
{
    struct proc *p = s->p;

    take_ending(s);
    if (spec_is_run(p->spec))
        return end_run(s);
    p->failures = 0;
    p->wanted_exit = p->completed = p->exit_expected;
    if (!p->exit_expected) {
        count_unwanted(s);
        blame_ending(p);
    }
    if (!proc_restarts(p))
        end_for_good(s);
    p->retry_ns = step_restart_at(s, false, !p->exit_expected);
    return step_enter(s, PROC_EXITED, NOTE_EXITED);
}

bool step_exited_stopping(struct step *s)
{
    struct proc *p = s->p;

    take_ending(s);
    if (p->timed_out && !p->by_request && !s->f->stopping)
        return end_run(s);
    if (p->recycle && !p->by_request)
        p->go = GO_AGAIN;
    return step_enter_stopped(s);
}

/* What is down can be stopped only where it would start again by itself: an armed job, or a restart that is due. */
bool step_stop_down(struct step *s)
{
    bool returns = s->p->state == PROC_EXITED && proc_restarts(s->p);

    return (s->p->armed || returns) && step_enter_stopped(s);
}
