#include "core/order.h"
#include "base/num.h"
#include <string.h>

static bool is_target(const struct proc *q, const struct need *need)
{
    return strcmp(q->spec->program, need->name) == 0 || strcmp(q->spec->group, need->name) == 0;
}

bool proc_meets(const struct proc *p, enum condition condition)
{
    if (p->state != PROC_RUNNING && proc_is_asked(p))
        return false; /* it will be started: what it did before does not count */
    switch (condition) {
    case NEED_STARTED:
        return p->was_running;
    case NEED_HEALTHY:
        return proc_is_ready(p);
    case NEED_COMPLETED:
        return p->completed && !p->pid;
    }
    return false;
}

/* Whether q cannot meet the condition any more unless somebody starts it. */
static bool is_lost(const struct proc *q, enum condition condition)
{
    if (proc_is_asked(q))
        return false;
    if (q->state == PROC_FATAL)
        return true;
    return condition == NEED_COMPLETED && q->state == PROC_EXITED && !q->completed && !q->armed && !proc_restarts(q);
}

const struct need *fleet_unmet_need(const struct fleet *f, const struct proc *p, bool *ret_failed)
{
    const struct need *unmet = NULL;

    *ret_failed = false;
    for (size_t i = 0; i < p->spec->needs_n; i++) {
        const struct need *need = &p->spec->needs[i];
        for (struct proc *q = fleet_each(f, NULL); q; q = fleet_each(f, q)) {
            if (q == p || !is_target(q, need) || proc_meets(q, need->condition))
                continue;
            if (is_lost(q, need->condition)) {
                *ret_failed = true;
                return need;
            }
            if (!unmet)
                unmet = need;
        }
    }
    return unmet;
}

void need_text(const struct fleet *f, const struct proc *p, struct text *out)
{
    static const char *const words[] = {
        [NEED_STARTED] = "started", [NEED_HEALTHY] = "healthy", [NEED_COMPLETED] = "completed"};
    bool failed;
    const struct need *need = fleet_unmet_need(f, p, &failed);

    if (need)
        text_printf(out, "%s (%s)", need->name, words[need->condition]);
}

int fleet_failed_code(const struct fleet *f, const struct need *need)
{
    for (struct proc *q = fleet_each(f, NULL); q; q = fleet_each(f, q))
        if (is_target(q, need) && is_lost(q, need->condition) && q->fail_code)
            return q->fail_code;
    return 1;
}

void fleet_start_needs(struct fleet *f, struct proc *p)
{
    for (size_t i = 0; i < p->spec->needs_n; i++) {
        for (struct proc *q = fleet_each(f, NULL); q; q = fleet_each(f, q)) {
            bool ends = q->state == PROC_STOPPED || q->state == PROC_FATAL || q->state == PROC_STOPPING;
            if (q == p || !ends || proc_is_asked(q) || !is_target(q, &p->spec->needs[i]))
                continue;
            fleet_start(f, q); /* goes down its own dependencies, each but once */
        }
    }
}

/* ---- stopping ---- */

static int compare(struct stop_stage a, struct stop_stage b)
{
    if (a.priority != b.priority)
        return a.priority < b.priority ? -1 : 1;
    return a.depth < b.depth ? -1 : a.depth > b.depth;
}

/* q must not stop before p, which needs it. */
static void push_below(struct proc *q, const struct proc *p)
{
    struct stop_stage below = {p->stage.priority, p->stage.depth - 1};

    if (q != p && compare(q->stage, below) > 0)
        q->stage = below;
}

static bool needs(const struct proc *p, const struct proc *q)
{
    for (size_t i = 0; i < p->spec->needs_n; i++)
        if (is_target(q, &p->spec->needs[i]))
            return true;
    return false;
}

/* The stages of those that need q, then its own; each once, even in a circle. */
static void plan(struct fleet *f, struct proc *q)
{
    q->planned = true;
    q->stage = (struct stop_stage){q->group->group->priority, 0};
    for (struct proc *p = fleet_each(f, NULL); p; p = fleet_each(f, p)) {
        if (!needs(p, q))
            continue;
        if (!p->planned)
            plan(f, p);
        push_below(q, p);
    }
}

/* In stop order, those of one stage in the order of the fleet. */
static void insert(struct fleet *f, struct proc *p)
{
    struct proc **at = &f->stop_order;

    while (*at && compare((*at)->stage, p->stage) >= 0)
        at = &(*at)->stop_next;
    p->stop_next = *at;
    *at = p;
}

void fleet_plan_stages(struct fleet *f)
{
    for (struct proc *p = fleet_each(f, NULL); p; p = fleet_each(f, p))
        p->planned = false;
    f->stop_order = NULL;
    for (struct proc *p = fleet_each(f, NULL); p; p = fleet_each(f, p)) {
        if (!p->planned)
            plan(f, p);
        insert(f, p);
    }
}

bool fleet_gave_up(const struct fleet *f, const struct proc *p)
{
    return f->stopping && p->state == PROC_STOPPING && p->kills > 1;
}

static bool holds_up(const struct fleet *f, const struct proc *p)
{
    return proc_is_up(p) && !fleet_gave_up(f, p);
}

typedef bool chooser(const struct fleet *f, const struct proc *p);

/* A task is done by the time that what needs it is up: it does not prolong a stop. */
static bool lasts(const struct fleet *f, const struct proc *p)
{
    (void)f;
    return !p->spec->oneshot;
}

static size_t list_items(struct fleet *f, chooser *chosen)
{
    const struct proc *last = NULL;
    int64_t order = 0;
    size_t n = 0;

    for (const struct proc *p = f->stop_order; p && n < f->items_max; p = p->stop_next) {
        if (!chosen(f, p))
            continue;
        order += last && compare(p->stage, last->stage) != 0;
        f->items[n++] = (struct stop_item){p->spec->name, order, p->spec->stopwait_ns};
        last = p;
    }
    return n;
}

size_t fleet_stop_items(struct fleet *f, bool all)
{
    fleet_plan_stages(f);
    return list_items(f, all ? lasts : holds_up);
}

int64_t fleet_stop_patience(const struct fleet *f, const struct proc *p)
{
    int64_t wait_ns = p->spec->stopwait_ns;

    return f->stopping && f->level_ns < wait_ns ? f->level_ns : wait_ns;
}

/* Asks one process of the present stage to stop; one that is stopping already gets no more patience than the stage. */
static void stop_in_stage(struct fleet *f, struct proc *p, struct moment now)
{
    if (p->state != PROC_STOPPING) {
        fleet_post(f, p, EV_STOP);
        return;
    }
    int64_t end_ns = num_add_sat(now.mono_ns, fleet_stop_patience(f, p));
    if (p->kill_ns > end_ns)
        p->kill_ns = end_ns;
    fleet_post(f, p, EV_LOOK);
}

bool fleet_next_stage(struct fleet *f, struct moment now, bool *ret_down)
{
    struct proc *next = f->stop_order;

    while (next && !holds_up(f, next))
        next = next->stop_next;
    *ret_down = !next;
    if (!next || compare(next->stage, f->stage) >= 0)
        return false;
    f->stage = next->stage;
    size_t n = list_items(f, holds_up);
    int64_t budget_ns = f->stop_deadline_ns == NEVER_NS ? INT64_MAX : num_add_sat(f->stop_deadline_ns, -now.mono_ns);
    f->level_ns = stop_level_ns(f->items, n, budget_ns > 0 ? budget_ns : 0);
    for (struct proc *p = next; p && compare(p->stage, f->stage) == 0; p = p->stop_next)
        if (holds_up(f, p))
            stop_in_stage(f, p, now);
    return true;
}
