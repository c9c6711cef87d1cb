/* Effects out: what the fleet wants done is done here, one effect after another; what comes of it is a new event. */
#include "base/log.h"
#include "base/num.h"
#include "core/wellness.h"
#include "init/checks.h"
#include "init/child.h"
#include "init/notes.h"
#include "init/shutdown.h"
#include "init/supervisor.h"
#include "os/pages.h"
#include "os/reap.h"
#include <errno.h>
#include <string.h>

#define TURN_NS (5 * NS_PER_MS)
#define LONG_SLEEP_NS (2 * NS_PER_S)

static void say_cannot_signal(struct supervisor *s, const struct proc *p)
{
    if (s->cap_kill_said)
        return;
    s->cap_kill_said = true;
    log_line(LVL_ERRO, "cannot signal %s (uid %lld): add CAP_KILL", p->spec->name, (long long)p->spec->uid);
}

static void send_signal(struct supervisor *s, const struct effect *e)
{
    const struct proc *p = e->p;

    if (e->signal == 9)
        log_line(LVL_WARN, "killing '%s' (%d) with SIGKILL", p->spec->name, p->pid);
    if (log_enabled(LVL_DEBG))
        log_line(LVL_DEBG, "killing %s (pid %d) %swith signal %s", p->spec->name, p->pid,
                 e->as_group ? "process group " : "", signal_name(e->signal) ? signal_name(e->signal) : "?");
    int r = e->as_group ? os_kill_group(p->pid, e->signal) : os_kill(p->pid, e->signal);
    if (r == -EPERM)
        say_cannot_signal(s, p);
}

static void perform(struct supervisor *s, const struct effect *e)
{
    switch (e->kind) {
    case EFFECT_SPAWN:
        child_spawn(child_of(e->p));
        break;
    case EFFECT_SIGNAL:
        send_signal(s, e);
        break;
    case EFFECT_NOTE:
        notes_tell(s, e);
        break;
    case EFFECT_CHECK:
        checks_run(child_of(e->p));
        break;
    case EFFECT_FINISHED:
        shutdown_finished(s, e->code);
        break;
    }
}

/* Work was done and a long sleep follows: it need not keep what the work took. */
static void rest(struct supervisor *s, int64_t sleep_ns)
{
    if (!s->worked || sleep_ns < LONG_SLEEP_NS)
        return;
    s->worked = false;
    if (s->rested)
        os_stack_idle();
    else
        os_start_idle();
    s->rested = true;
}

/* One timer for both clocks. Not an ev_periodic: libev notices a set clock only on its second look, but `clock_jumps`
 * wakes us at once, and then what is left is worked out anew. */
static void set_timer(struct supervisor *s, bool more)
{
    struct moment due = fleet_due(&s->fleet), now = clock_now();
    int64_t left_ns = more ? 0 : NEVER_NS;

    if (!more && due.mono_ns != NEVER_NS)
        left_ns = due.mono_ns - now.mono_ns;
    if (due.wall_ns != NEVER_NS && due.wall_ns - now.wall_ns < left_ns)
        left_ns = due.wall_ns - now.wall_ns;
    rest(s, left_ns);
    ev_now_update(s->loop);
    ev_timer_stop(s->loop, &s->due);
    if (left_ns == NEVER_NS)
        return;
    ev_timer_set(&s->due, left_ns > 0 ? (double)left_ns / 1e9 : 0., 0.);
    ev_timer_start(s->loop, &s->due);
}

/* Performs effects for a while. True when there are more: a boot of 1,000 programs must not keep clients, signals and
 * full pipes waiting. */
static bool take_turn(struct supervisor *s)
{
    int64_t end_ns = clock_deadline(TURN_NS);
    struct moment now = clock_now();
    struct effect e;

    while (now.mono_ns < end_ns) {
        if (!fleet_next(&s->fleet, now, &e))
            return false;
        shutdown_look(s); /* a stop is announced before its first effect, which may be its end */
        perform(s, &e);
        s->worked = true;
        now = clock_now();
    }
    return true;
}

static void on_prepare(struct ev_loop *loop, ev_prepare *w, int events)
{
    struct supervisor *s = w->data;

    (void)loop;
    (void)events;
    bool more = take_turn(s);
    shutdown_look(s);
    if (!s->fleet.was_ready)
        fleet_is_ready(&s->fleet, clock_now());
    set_timer(s, more);
}

/* Waking up is all: the prepare watcher does the work. */
static void on_due(struct ev_loop *loop, ev_timer *w, int events)
{
    (void)loop;
    (void)w;
    (void)events;
}

void effects_begin(struct supervisor *s)
{
    ev_prepare_init(&s->effects, on_prepare);
    s->effects.data = s;
    ev_prepare_start(s->loop, &s->effects);
    ev_init(&s->due, on_due);
}
