#include "init/shutdown.h"
#include "base/log.h"
#include "base/num.h"
#include "init/checks.h"
#include "init/say.h"
#include "os/procfs.h"
#include "os/reap.h"
#include <unistd.h>

/* Without a grace period orphans, and readers of our logs, get this long. */
#define SWEEP_NS (2 * NS_PER_S)
/* How long after SIGKILL the kernel may take to let go. */
#define KILLED_NS (NS_PER_S / 2)
/* supervisord's interval of `waiting for … to die`. */
#define REPORT_S 3.0
#define SWEEP_LOOK_S 0.05

static void say_dying(struct supervisor *s)
{
    TEXT(names, 4096);

    for (struct proc *p = fleet_each(&s->fleet, NULL); p; p = fleet_each(&s->fleet, p))
        if (proc_is_up(p))
            text_printf(&names, "%s%s", names.len ? ", " : "", p->spec->name);
    if (names.len)
        mainlog_say(LINE_WAITING_TO_DIE, &(struct line_facts){.text = names.ptr});
}

void shutdown_say_cut(struct supervisor *s, bool all)
{
    TEXT(text, STOP_TEXT_MAX);
    int64_t grace_ns = s->fleet.grace_ns;

    if (grace_ns == UNSET)
        return;
    size_t n = fleet_stop_items(&s->fleet, all);
    int64_t level_ns = stop_level_ns(s->stop_items, n, stop_budget_ns(grace_ns));
    if (stop_cut_text(s->stop_items, n, grace_ns, level_ns, &text))
        mainlog_say(LINE_GRACE_CUT, &(struct line_facts){.text = text.ptr});
}

static void start_timer(struct supervisor *s, double after_s, double repeat_s)
{
    ev_timer_stop(s->loop, &s->dying);
    ev_timer_set(&s->dying, after_s, repeat_s);
    ev_timer_start(s->loop, &s->dying);
}

static void on_timer(struct ev_loop *loop, ev_timer *w, int events)
{
    struct supervisor *s = w->data;

    (void)loop;
    (void)events;
    if (s->sweeping)
        shutdown_check(s);
    else
        say_dying(s);
}

void shutdown_begin(struct supervisor *s, int code)
{
    fleet_stop_all(&s->fleet, code, clock_now());
}

void shutdown_look(struct supervisor *s)
{
    if (!s->fleet.stopping || s->stop_said)
        return;
    s->stop_said = true;
    ev_init(&s->dying, on_timer);
    s->dying.data = s;
    shutdown_say_cut(s, false);
    say_dying(s);
    start_timer(s, REPORT_S, REPORT_S);
}

/* ---- what is left ---- */

struct sweep {
    int signal; /* 0: only count */
    unsigned left;
};

static int visit(void *context, const struct procfs_stat *process)
{
    struct sweep *sweep = context;

    if (process->state == 'Z' || process->pid == getpid())
        return 0;
    sweep->left++;
    if (sweep->signal)
        os_kill(process->pid, sweep->signal);
    return 0;
}

static unsigned sweep(int signal)
{
    struct sweep context = {.signal = signal};

    procfs_each_descendant(getpid(), visit, &context);
    return context.left;
}

static bool outlets_are_full(const struct supervisor *s)
{
    for (const struct outlet *o = s->outlets.first; o; o = o->next)
        if (o->waiting || o->tail_len)
            return true;
    return false;
}

static size_t count_pending(const struct supervisor *s)
{
    size_t n = 0;

    for (const struct outlet *o = s->outlets.first; o; o = o->next) {
        n += o->tail_len;
        for (struct capture *st = o->waiting; st; st = st->next_waiting[capture_slot(st, o)])
            n += capture_pending(st);
    }
    return n;
}

static void end(struct supervisor *s)
{
    size_t pending = count_pending(s);

    if (pending)
        log_line(LVL_WARN, "nobody read the logs: %zu bytes are lost", pending);
    ev_timer_stop(s->loop, &s->dying);
    ev_break(s->loop, EVBREAK_ALL);
}

void shutdown_check(struct supervisor *s)
{
    int64_t now_ns = clock_now().mono_ns;

    if (!s->sweeping)
        return;
    bool orphans = s->stored->set->daemon.stop_orphans && sweep(0) > 0;
    if (!orphans && !outlets_are_full(s)) {
        end(s);
        return;
    }
    if (now_ns < s->sweep_end_ns)
        return;
    if (orphans && !s->sweep_killed) {
        s->sweep_killed = true;
        s->sweep_end_ns = now_ns + KILLED_NS;
        log_line(LVL_WARN, "killing %u orphans with SIGKILL", sweep(9));
        return;
    }
    end(s);
}

void shutdown_hurry(struct supervisor *s)
{
    fleet_kill_all(&s->fleet);
    s->fleet.stop_deadline_ns = s->sweep_end_ns = clock_now().mono_ns;
    shutdown_check(s);
}

void shutdown_finished(struct supervisor *s, int code)
{
    int64_t now_ns = clock_now().mono_ns;

    s->exit_code = code;
    if (s->restarting) {
        ev_timer_stop(s->loop, &s->dying);
        supervisor_restart(s);
        return;
    }
    for (struct proc *p = fleet_each(&s->fleet, NULL); p; p = fleet_each(&s->fleet, p))
        checks_cancel(child_of(p));
    s->sweeping = true;
    s->sweep_end_ns = s->fleet.stop_deadline_ns == NEVER_NS ? now_ns + SWEEP_NS : s->fleet.stop_deadline_ns;
    unsigned left = s->stored->set->daemon.stop_orphans ? sweep(15) : 0;
    if (left)
        log_line(LVL_INFO, "waiting for %u orphans to end", left);
    start_timer(s, SWEEP_LOOK_S, SWEEP_LOOK_S);
    shutdown_check(s);
}
