#include "core/health.h"
#include "base/num.h"

#define FLAP_WINDOW_NS (60 * NS_PER_S)
#define BACK_MARGIN_NS (5 * NS_PER_S)
/* An interval of 0 must not keep us busy with checks alone. */
#define PAUSE_MIN_NS (100 * NS_PER_MS)

/* --- check runs --- */

void check_gone(struct check_track *t)
{
    *t = (struct check_track){.status = CHECK_NONE, .due_ns = NEVER_NS};
}

void check_spawned(struct check_track *t, int64_t now_ns)
{
    *t = (struct check_track){.status = CHECK_STARTING, .started_ns = now_ns, .due_ns = now_ns};
}

void check_began(struct check_track *t)
{
    t->due_ns = NEVER_NS;
}

/* Docker forgives failures within the start period, but only until the first pass. */
static bool failure_counts(const struct check_track *t, const struct healthcheck *rules, int64_t now_ns)
{
    return t->passed || now_ns >= num_add_sat(t->started_ns, rules->start_period_ns);
}

void check_ended(struct check_track *t, const struct healthcheck *rules, bool passed, int64_t now_ns)
{
    if (t->status == CHECK_NONE)
        return; /* the process went away meanwhile */
    if (passed) {
        t->passed = true;
        t->failures = 0;
        t->status = CHECK_HEALTHY;
    } else if (failure_counts(t, rules, now_ns)) {
        t->failures++;
        if (t->failures >= rules->retries)
            t->status = CHECK_UNHEALTHY;
    }
    int64_t pause_ns = t->passed ? rules->interval_ns : rules->start_interval_ns;
    t->due_ns = num_add_sat(now_ns, pause_ns > PAUSE_MIN_NS ? pause_ns : PAUSE_MIN_NS);
}

/* --- flapping --- */

/* The k-th last exit, k = 0 the last. */
static int64_t exit_before(const struct flap_track *t, unsigned k)
{
    return t->exits_ns[(t->n - 1 - k) % FLAP_EXITS];
}

void flap_exited(struct flap_track *t, int64_t now_ns)
{
    if (now_ns >= flap_until_ns(t))
        t->flapping = false;
    t->exits_ns[t->n % FLAP_EXITS] = now_ns;
    t->n++;
    if (t->n == 2 * FLAP_EXITS)
        t->n = FLAP_EXITS; /* the same place in the ring, and no count that could overflow */
    if (t->n >= FLAP_EXITS && now_ns - exit_before(t, FLAP_EXITS - 1) <= FLAP_WINDOW_NS)
        t->flapping = true;
}

int64_t flap_until_ns(const struct flap_track *t)
{
    return t->flapping ? num_add_sat(exit_before(t, 0), FLAP_WINDOW_NS) : INT64_MIN;
}

/* --- the judgement --- */

int64_t health_back_by_ns(const struct spec *s, int64_t exited_ns)
{
    int64_t delay = s->restart_delay_ns == UNSET ? 0 : s->restart_delay_ns;
    int64_t start = num_mul_sat(s->startsecs, NS_PER_S);

    return num_add_sat(exited_ns, num_add_sat(num_add_sat(start, delay), BACK_MARGIN_NS));
}

/* What no coming back excuses: the reasons that cost `live`, too. */
static enum health_reason beyond_retries(const struct health_facts *f, int64_t now_ns)
{
    if (f->state == PROC_FATAL)
        return HEALTH_FATAL;
    if (f->kind == HEALTH_PROGRAM && now_ns < f->flapping_until_ns)
        return HEALTH_FLAPPING;
    if (f->check == CHECK_UNHEALTHY)
        return HEALTH_CHECK;
    if (f->kind == HEALTH_JOB && f->failed_runs_max > 0 && f->failed_runs >= f->failed_runs_max)
        return HEALTH_RUNS;
    return HEALTH_WELL;
}

static enum health_reason judge_running(const struct health_facts *f)
{
    if (f->kind == HEALTH_ONESHOT)
        return HEALTH_UNFINISHED;
    if (f->kind == HEALTH_JOB)
        return HEALTH_WELL;
    return (f->has_check && f->check != CHECK_HEALTHY) || f->awaits_notify ? HEALTH_UNREADY : HEALTH_WELL;
}

static enum health_reason judge_exited(const struct health_facts *f)
{
    bool stays = f->kind == HEALTH_ONESHOT || !f->comes_back;
    bool done = f->kind == HEALTH_JOB || (f->exit_expected && stays);

    return done ? HEALTH_WELL : HEALTH_EXITED;
}

static enum health_reason judge_state(const struct health_facts *f)
{
    switch (f->state) {
    case PROC_RUNNING:
        return judge_running(f);
    case PROC_EXITED:
        return judge_exited(f);
    case PROC_STOPPED:
        return f->stop_requested ? HEALTH_REQUEST : HEALTH_STOPPED;
    case PROC_STOPPING:
        return HEALTH_STOPPING;
    case PROC_WAITING:
        return HEALTH_WAITING;
    case PROC_STARTING:
        return HEALTH_STARTING;
    case PROC_BACKOFF:
        return HEALTH_BACKOFF;
    case PROC_FATAL:
    case PROC_STATE_COUNT:
        break;
    }
    return HEALTH_FATAL;
}

enum health_class health_class(enum health_reason reason)
{
    static const enum health_class classes[] = {
#define X(name, class, alone, before, after) HEALTH_CLASS_##class,
        HEALTH_REASONS(X)
#undef X
    };
    return classes[reason];
}

static bool counts(const struct health_facts *f)
{
    bool idle = !f->autostart && !f->ever_started && f->state == PROC_STOPPED;
    return f->named || (f->essential && !idle);
}

struct health_verdict health_judge(const struct health_facts *f, int64_t now_ns)
{
    struct health_verdict v = {.well = true, .live = true, .reason = HEALTH_WELL, .until_ns = NEVER_NS};

    if (!counts(f))
        return v;
    v.counted = true;
    v.reason = beyond_retries(f, now_ns);
    if (v.reason == HEALTH_WELL) {
        v.reason = judge_state(f);
        bool excused = now_ns < f->back_by_ns && !f->stop_requested;
        if (v.reason != HEALTH_WELL && excused) {
            v.reason = HEALTH_WELL;
            v.until_ns = f->back_by_ns;
        }
    }
    if (v.reason == HEALTH_FLAPPING)
        v.until_ns = f->flapping_until_ns;
    v.well = v.reason == HEALTH_WELL;
    v.live = health_class(v.reason) != HEALTH_CLASS_LOST;
    return v;
}
