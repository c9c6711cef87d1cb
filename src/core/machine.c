#include "core/machine.h"
#include "base/num.h"
#include "core/order.h"
#include <stdio.h>

/* What the kernel gets to let go of a process after SIGKILL, when time is short. */
#define KILL_SLACK_NS (250 * NS_PER_MS)

/* What a handler works on. A handler changes p and yields at most one effect; what else is to be done follows from the
 * fields when the LOOK column sees them next. */
struct step {
    struct fleet *f;
    struct proc *p;
    struct moment now;
    struct effect *effect;
};

typedef bool handler(struct step *s);

static bool enter(struct step *s, enum proc_state to, enum note note)
{
    *s->effect = (struct effect){.kind = EFFECT_NOTE, .p = s->p, .note = note, .from = s->p->state};
    s->p->state = to;
    s->f->facts_changed = true;
    return true;
}

static bool tell(struct step *s, enum note note)
{
    return enter(s, s->p->state, note);
}

static bool send_signal(struct step *s, int signal, bool as_group)
{
    *s->effect = (struct effect){.kind = EFFECT_SIGNAL, .p = s->p, .signal = signal, .as_group = as_group};
    return true;
}

/* "Look again then", by the monotonic clock. */
static void look_at(struct proc *p, struct fleet *f, int64_t ns)
{
    if (!p->mono.queued || ns < p->mono.key)
        heap_set(&f->mono, &p->mono, ns);
}

void machine_blame(struct proc *p, const char *why)
{
    struct text text;

    text_init(&text, p->spawnerr, sizeof p->spawnerr);
    text_add(&text, why);
}

/* When the next spawn may be, after this end. */
static int64_t restart_at(struct step *s, bool backoff, bool unwanted)
{
    struct proc *p = s->p;
    struct restart_facts facts = {.delay_ns = p->spec->restart_delay_ns,
                                  .delay_max_ns = p->spec->restart_delay_max_ns,
                                  .spawned_ns = p->started.mono_ns,
                                  .ended_ns = s->now.mono_ns,
                                  .unwanted = unwanted,
                                  .backoff = backoff,
                                  .tries = p->failures,
                                  .random = (uint32_t)fleet_random(s->f)};

    return restart_at_ns(&facts, &p->series);
}

/* What was known of the last start means nothing for the next one. */
static void forget(struct proc *p)
{
    p->by_request = p->recycle = p->was_running = p->completed = p->notified = false;
    p->dependency_failed = p->timed_out = p->hopeless = false;
    p->health_told = true;
    p->spawnerr[0] = '\0';
}

/* Down on account of a stop. A request disarms a job, too; the stop plan does not. */
static bool enter_stopped(struct step *s)
{
    s->p->armed = s->p->armed && !s->p->by_request;
    return enter(s, PROC_STOPPED, NOTE_STOPPED);
}

/* ---- starting ---- */

static bool begin_start(struct step *s)
{
    struct proc *p = s->p;

    if (p->started.wall_ns && p->go < GO_REQUEST && !p->schedule)
        p->restarts++;
    p->go = GO_NONE;
    forget(p);
    p->started = s->now;
    return enter(s, PROC_STARTING, NOTE_STARTING);
}

static bool enter_fatal(struct step *s)
{
    struct proc *p = s->p;

    p->failures = 0;
    if (p->spec->on_fatal == ON_END_EXIT)
        fleet_stop_all(s->f, p->fail_code ? p->fail_code : 1, s->now);
    return enter(s, PROC_FATAL, NOTE_FATAL);
}

static bool fail_by_dependency(struct step *s, const struct need *need)
{
    struct proc *p = s->p;
    char text[SPAWNERR_MAX];

    forget(p);
    snprintf(text, sizeof text, "dependency %s is FATAL", need->name);
    machine_blame(p, text);
    p->go = GO_NONE;
    p->dependency_failed = true;
    p->fail_code = fleet_failed_code(s->f, need);
    return enter_fatal(s);
}

/* A start was asked for: first come the dependencies. */
static bool launch(struct step *s)
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
    forget(p);
    return enter(s, PROC_WAITING, NOTE_WAITING);
}

static bool back_off(struct step *s, enum note note)
{
    struct proc *p = s->p;

    p->exitstatus = 0;
    p->failures++;
    p->retry_ns = restart_at(s, true, true);
    return enter(s, PROC_BACKOFF, note);
}

/* STOPPED or WAITING. */
static bool look_down(struct step *s)
{
    return s->p->go != GO_NONE && !s->f->stopping && launch(s);
}

static bool arm(struct step *s)
{
    struct proc *p = s->p;

    forget(p);
    p->armed = true;
    p->go = GO_NONE;
    if (p->schedule->every_ns)
        p->next_run_ns = s->now.wall_ns; /* `@every` runs at start */
    else
        machine_plan_run(p, s->now);
    return enter(s, PROC_EXITED, NOTE_ARMED);
}

/* START of what is down: of a job that is not armed it only arms it (container contract §3, Oneshots and jobs). */
static bool start_down(struct step *s)
{
    struct proc *p = s->p;

    if (s->f->stopping)
        return false;
    if (p->schedule && !p->armed && p->go != GO_RUN)
        return arm(s);
    if (p->go < GO_REQUEST)
        p->go = GO_REQUEST;
    return false;
}

static bool stop_waiting(struct step *s)
{
    s->p->go = GO_NONE;
    return enter_stopped(s);
}

static bool spawned(struct step *s)
{
    if (s->p->spec->health.checks.n)
        check_spawned(&s->p->check, s->now.mono_ns);
    return tell(s, NOTE_SPAWNED);
}

static bool end_job_run(struct step *s);

static bool spawn_failed(struct step *s)
{
    struct proc *p = s->p;
    int64_t earliest_ns = num_add_sat(s->now.mono_ns, RESPAWN_MIN_NS);

    p->exit_expected = p->wanted_exit = false;
    p->stopped.mono_ns = s->now.mono_ns; /* for people no process has ended: they are shown the wall clock's time */
    p->ending = p->next_ending;
    p->fail_code = p->ending.code;
    p->unwanted_exits++;
    if (p->schedule)
        return end_job_run(s);
    back_off(s, NOTE_SPAWN_ERROR);
    if (p->retry_ns < earliest_ns) /* it cost no time: whatever restart_delay says, do not spend all of ours with it */
        p->retry_ns = earliest_ns;
    return true;
}

/* ---- running ---- */

/* Checks run from the spawn on, whatever the state; none is due without any. */
static bool run_checks(struct step *s)
{
    struct proc *p = s->p;

    if (!p->health_told) {
        p->health_told = true;
        return tell(s, NOTE_HEALTH);
    }
    if (s->now.mono_ns < p->check.due_ns) {
        if (p->check.due_ns != NEVER_NS)
            look_at(p, s->f, p->check.due_ns);
        return false;
    }
    check_began(&p->check);
    *s->effect = (struct effect){.kind = EFFECT_CHECK, .p = p};
    return true;
}

static bool look_starting(struct step *s)
{
    struct proc *p = s->p;

    if (!p->pid) {
        if (s->f->stopping)
            return enter_stopped(s);
        *s->effect = (struct effect){.kind = EFFECT_SPAWN, .p = p};
        return true;
    }
    int64_t up_ns = num_add_sat(p->started.mono_ns, num_mul_sat(p->spec->startsecs, NS_PER_S));
    bool run = spec_is_run(p->spec);
    if (run || s->now.mono_ns >= up_ns) {
        p->was_running = true;
        if (!run)
            p->failures = 0;
        return enter(s, PROC_RUNNING, run ? NOTE_RAN : NOTE_RUNNING);
    }
    look_at(p, s->f, up_ns);
    return run_checks(s);
}

static bool begin_stop(struct step *s)
{
    struct proc *p = s->p;

    p->signalled = false;
    p->kills = 0;
    p->wait_ns = fleet_stop_patience(s->f, p);
    return enter(s, PROC_STOPPING, NOTE_STOPPING);
}

/* Before the spawn there is nothing to signal. */
static bool stop_starting(struct step *s)
{
    return s->p->pid ? begin_stop(s) : enter_stopped(s);
}

static bool look_timeout(struct step *s)
{
    struct proc *p = s->p;
    int64_t end_ns = num_add_sat(p->started.mono_ns, p->spec->run_timeout_ns);

    if (!spec_is_run(p->spec) || p->spec->run_timeout_ns == 0)
        return false;
    if (s->now.mono_ns < end_ns) {
        look_at(p, s->f, end_ns);
        return false;
    }
    if (p->timed_out)
        return begin_stop(s);
    p->timed_out = true;
    return tell(s, NOTE_TIMEOUT);
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
        return tell(s, NOTE_SKIPPED);
    p->recycle = true;
    return begin_stop(s);
}

/* A rule wants it to start over: not sooner than any other restart. */
static bool look_recycle(struct step *s)
{
    struct proc *p = s->p;
    int64_t earliest_ns = num_add_sat(p->started.mono_ns, RESPAWN_MIN_NS);

    if (!p->recycle)
        return false;
    if (s->now.mono_ns >= earliest_ns)
        return begin_stop(s);
    look_at(p, s->f, earliest_ns);
    return false;
}

static bool look_running(struct step *s)
{
    return look_recycle(s) || look_timeout(s) || look_overlap(s) || run_checks(s);
}

/* When SIGKILL is sent again. Short where time is: one that outlives the second is given up. */
static int64_t next_kill_ns(const struct step *s)
{
    bool brief = s->f->kill_now || s->f->stop_deadline_ns != NEVER_NS;
    int64_t wait_ns = s->p->wait_ns > NS_PER_S ? s->p->wait_ns : NS_PER_S;

    return num_add_sat(s->now.mono_ns, brief ? KILL_SLACK_NS : wait_ns);
}

static bool look_stopping(struct step *s)
{
    struct proc *p = s->p;

    if (!p->signalled) {
        p->signalled = true;
        p->kill_ns = num_add_sat(s->now.mono_ns, p->wait_ns);
        return send_signal(s, p->spec->stopsignal, p->spec->stopasgroup);
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
        return send_signal(s, 9, p->spec->killasgroup);
    }
    look_at(p, s->f, p->kill_ns);
    return false;
}

/* ---- ending ---- */

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

static bool exited_starting(struct step *s)
{
    struct proc *p = s->p;
    int64_t up_ns = num_add_sat(p->started.mono_ns, num_mul_sat(p->spec->startsecs, NS_PER_S));

    if (spec_is_run(p->spec) || s->now.mono_ns >= up_ns) {
        p->was_running = true;
        fleet_post(s->f, p, EV_EXITED); /* seen again as RUNNING */
        return enter(s, PROC_RUNNING, NOTE_RAN);
    }
    take_ending(s);
    p->exit_expected = false;
    p->fail_code = ending_code(&p->ending) ? ending_code(&p->ending) : 1;
    count_unwanted(s);
    machine_blame(p, "Exited too quickly (process log may have details)");
    return back_off(s, NOTE_TOO_QUICK);
}

static bool end_job_run(struct step *s)
{
    struct proc *p = s->p;

    p->last_run_ns = s->now.mono_ns - p->started.mono_ns;
    p->failed_runs = p->completed ? 0 : p->failed_runs + 1;
    if (p->armed && p->schedule->every_ns)
        p->next_run_ns = num_add_sat(s->now.wall_ns, p->schedule->every_ns);
    return enter(s, p->armed ? PROC_EXITED : PROC_STOPPED, NOTE_EXITED);
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
        return end_job_run(s);
    if (!p->completed)
        return back_off(s, NOTE_RETRY);
    end_for_good(s);
    return enter(s, PROC_EXITED, NOTE_EXITED);
}

static bool exited_running(struct step *s)
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
    p->retry_ns = restart_at(s, false, !p->exit_expected);
    return enter(s, PROC_EXITED, NOTE_EXITED);
}

static bool exited_stopping(struct step *s)
{
    struct proc *p = s->p;

    take_ending(s);
    if (p->timed_out && !p->by_request && !s->f->stopping)
        return end_run(s);
    if (p->recycle && !p->by_request)
        p->go = GO_AGAIN;
    return enter_stopped(s);
}

/* ---- between ---- */

static bool look_backoff(struct step *s)
{
    struct proc *p = s->p;

    if (s->f->stopping)
        return false;
    if (p->hopeless || (p->spec->startretries >= 0 && p->failures > (uint64_t)p->spec->startretries))
        return enter_fatal(s);
    if (s->now.mono_ns >= p->retry_ns)
        return begin_start(s);
    look_at(p, s->f, p->retry_ns);
    return false;
}

static bool look_job(struct step *s)
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
    return launch(s);
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
        return enter(s, PROC_BACKOFF, NOTE_RETRY);
    }
    look_at(p, s->f, p->retry_ns);
    return false;
}

static bool look_exited(struct step *s)
{
    if (s->f->stopping)
        return false;
    if (s->p->go != GO_NONE)
        return launch(s);
    return s->p->schedule ? look_job(s) : look_restart(s);
}

/* What is down can be stopped only where it would start again by itself: an armed job, or a restart that is due. */
static bool stop_down(struct step *s)
{
    bool returns = s->p->state == PROC_EXITED && proc_restarts(s->p);

    return (s->p->armed || returns) && enter_stopped(s);
}

static bool look_fatal(struct step *s)
{
    bool failed;

    if (s->f->stopping)
        return false;
    if (s->p->dependency_failed && !fleet_unmet_need(s->f, s->p, &failed))
        s->p->go = GO_REQUEST;
    return s->p->go != GO_NONE && launch(s);
}

/* To be started again once it is down; a job is not armed, nor run, by that. */
static bool start_stopping(struct step *s)
{
    if (!s->p->schedule)
        s->p->go = GO_REQUEST;
    return false;
}

static bool ignore(struct step *s)
{
    (void)s;
    return false;
}

static bool bug(struct step *s)
{
    s->f->bugs++;
    return tell(s, NOTE_BUG);
}

/* X(state, SPAWNED, SPAWN_FAILED, STOP, EXITED, START, LOOK) */
#define TABLE(X)                                                                                                       \
    X(STOPPED, bug, bug, ignore, bug, start_down, look_down)                                                           \
    X(WAITING, bug, bug, stop_waiting, bug, ignore, look_down)                                                         \
    X(STARTING, spawned, spawn_failed, stop_starting, exited_starting, ignore, look_starting)                          \
    X(RUNNING, bug, bug, begin_stop, exited_running, ignore, look_running)                                             \
    X(BACKOFF, bug, bug, enter_stopped, bug, ignore, look_backoff)                                                     \
    X(STOPPING, bug, bug, ignore, exited_stopping, start_stopping, look_stopping)                                      \
    X(EXITED, bug, bug, stop_down, bug, start_down, look_exited)                                                       \
    X(FATAL, bug, bug, stop_down, bug, start_down, look_fatal)

static handler *const table[PROC_STATE_COUNT][EV_COUNT] = {
#define X(state, ...) [PROC_##state] = {__VA_ARGS__},
    TABLE(X)
#undef X
};

bool machine_step(struct fleet *f, struct proc *p, enum proc_event event, struct moment now, struct effect *ret_effect)
{
    struct step s = {f, p, now, ret_effect};

    if (event == EV_LOOK) {
        heap_remove(&f->mono, &p->mono);
        heap_remove(&f->wall, &p->wall);
    }
    return table[p->state][event](&s);
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
