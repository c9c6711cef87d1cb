#include "core/wellness.h"
#include "core/lines.h"

static struct health_facts facts_of(const struct proc *p)
{
    const struct spec *spec = p->spec;

    return (struct health_facts){
        .kind = spec_is_job(spec) ? HEALTH_JOB
                : spec->oneshot   ? HEALTH_ONESHOT
                                  : HEALTH_PROGRAM,
        .essential = spec->essential,
        .autostart = spec->autostart,
        .ever_started = p->started.wall_ns != 0 || p->state == PROC_WAITING || p->armed || p->dependency_failed,
        .state = p->state,
        .stop_requested = p->by_request,
        .exit_expected = spec->oneshot ? p->completed : p->exit_expected,
        .comes_back = proc_restarts(p),
        .back_by_ns = p->wanted_exit ? health_back_by_ns(spec, p->stopped.mono_ns) : INT64_MIN,
        .check = p->check.status,
        .has_check = spec->health.checks.n > 0,
        .awaits_notify = spec->notify != NOTIFY_NONE && !p->notified,
        .flapping_until_ns = flap_until_ns(&p->flap),
        .failed_runs = p->failed_runs,
        .failed_runs_max = spec->health.retries,
    };
}

struct health_verdict proc_judge(const struct proc *p, bool named, struct moment now)
{
    struct health_facts facts = facts_of(p);

    facts.named = named;
    facts.essential |= named;
    return health_judge(&facts, now.mono_ns);
}

void proc_health_detail(const struct fleet *f, const struct proc *p, enum health_reason reason, struct text *out)
{
    switch (reason) {
    case HEALTH_FATAL:
    case HEALTH_BACKOFF:
        text_add(out, p->spawnerr);
        break;
    case HEALTH_CHECK:
        text_add(out, p->check_reason);
        break;
    case HEALTH_UNREADY:
        if (p->spec->notify != NOTIFY_NONE && !p->notified)
            text_add(out, "no readiness message yet");
        else
            text_add(out, p->check_reason);
        break;
    case HEALTH_EXITED:
    case HEALTH_RUNS:
        ending_text(out, p->ending.code, p->ending.signal, p->ending.core_dumped);
        break;
    case HEALTH_WAITING:
        need_text(f, p, out);
        break;
    default:
        break;
    }
}

bool fleet_is_ready(struct fleet *f, struct moment now)
{
    if (f->stopping)
        return false;
    for (struct proc *p = fleet_each(f, NULL); p; p = fleet_each(f, p))
        if (!proc_judge(p, false, now).well)
            return false;
    f->was_ready = true;
    return true;
}
