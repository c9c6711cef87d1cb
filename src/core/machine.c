#include "core/machine.h"
#include "core/order.h"
#include "core/step.h"

bool step_enter(struct step *s, enum proc_state to, enum note note)
{
    *s->effect = (struct effect){.kind = EFFECT_NOTE, .p = s->p, .note = note, .from = s->p->state};
    s->p->state = to;
    s->f->facts_changed = true;
    return true;
}

bool step_tell(struct step *s, enum note note)
{
    return step_enter(s, s->p->state, note);
}

bool step_signal(struct step *s, int signal, bool as_group)
{
    *s->effect = (struct effect){.kind = EFFECT_SIGNAL, .p = s->p, .signal = signal, .as_group = as_group};
    return true;
}

/* "Look again then", by the monotonic clock. */
void step_look_at(struct proc *p, struct fleet *f, int64_t ns)
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
int64_t step_restart_at(struct step *s, bool backoff, bool unwanted)
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
void step_forget(struct proc *p)
{
    p->by_request = p->recycle = p->was_running = p->completed = p->notified = false;
    p->dependency_failed = p->timed_out = p->hopeless = false;
    p->health_told = true;
    p->spawnerr[0] = '\0';
}

/* Down on account of a stop. A request disarms a job, too; the stop plan does not. */
bool step_enter_stopped(struct step *s)
{
    s->p->armed = s->p->armed && !s->p->by_request;
    return step_enter(s, PROC_STOPPED, NOTE_STOPPED);
}

static bool ignore(struct step *s)
{
    (void)s;
    return false;
}

static bool bug(struct step *s)
{
    s->f->bugs++;
    return step_tell(s, NOTE_BUG);
}

/* X(state, SPAWNED, SPAWN_FAILED, STOP, EXITED, START, LOOK) */
#define TABLE(X)                                                                                                       \
    X(STOPPED, bug, bug, ignore, bug, step_start_down, step_look_down)                                                 \
    X(WAITING, bug, bug, step_stop_waiting, bug, ignore, step_look_down)                                               \
    X(STARTING, step_spawned, step_spawn_failed, step_stop_starting, step_exited_starting, ignore, step_look_starting) \
    X(RUNNING, bug, bug, step_begin_stop, step_exited_running, ignore, step_look_running)                              \
    X(BACKOFF, bug, bug, step_enter_stopped, bug, ignore, step_look_backoff)                                           \
    X(STOPPING, bug, bug, ignore, step_exited_stopping, step_start_stopping, step_look_stopping)                       \
    X(EXITED, bug, bug, step_stop_down, bug, step_start_down, step_look_exited)                                        \
    X(FATAL, bug, bug, step_stop_down, bug, step_start_down, step_look_fatal)

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
