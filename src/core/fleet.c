#include "core/fleet.h"
#include "base/num.h"
#include "core/machine.h"
#include "core/order.h"
#include <string.h>

bool spec_is_job(const struct spec *s)
{
    return s->schedule[0] != '\0';
}

bool spec_is_run(const struct spec *s)
{
    return s->oneshot || spec_is_job(s);
}

int ending_code(const struct ending *e)
{
    return e->signal ? 128 + e->signal : e->code;
}

void fleet_init(struct fleet *f, const struct daemon *d, uint64_t seed)
{
    *f = (struct fleet){
        .random = seed | 1, .grace_ns = d->stop_grace_period_ns, .on_done = d->on_done, .stop_deadline_ns = NEVER_NS};
}

void fleet_reserve(struct fleet *f, struct stop_item *items, size_t n)
{
    f->items = items;
    f->items_max = n;
}

/* xorshift64*: jitter needs no more. */
uint64_t fleet_random(struct fleet *f)
{
    f->random ^= f->random >> 12;
    f->random ^= f->random << 25;
    f->random ^= f->random >> 27;
    return f->random * UINT64_C(2685821657736338717);
}

/* ---- groups ---- */

size_t fleet_group_bytes(const struct group *g)
{
    return sizeof(struct fleet_group) + g->n * sizeof(struct proc);
}

static bool comes_before(const struct group *a, const struct group *b)
{
    return a->priority != b->priority ? a->priority < b->priority : strcmp(a->name, b->name) < 0;
}

struct fleet_group *fleet_add(struct fleet *f, const struct group *g, void *memory)
{
    struct fleet_group *fg = memory, **at = &f->groups;

    fg->group = g;
    fg->n = g->n;
    for (size_t i = 0; i < g->n; i++) {
        fg->procs[i] = (struct proc){
            .spec = &g->specs[i], .group = fg, .next_run_ns = NEVER_NS, .last_run_ns = -1, .health_told = true};
        check_gone(&fg->procs[i].check);
    }
    while (*at && comes_before((*at)->group, g))
        at = &(*at)->next;
    fg->next = *at;
    *at = fg;
    f->facts_changed = true;
    if (f->stopping)
        fleet_plan_stages(f);
    return fg;
}

static void unqueue(struct fleet *f, const struct proc *p)
{
    struct proc **at = &f->queue_head, *before = NULL;

    while (*at && *at != p) {
        before = *at;
        at = &before->queue_next;
    }
    if (!*at)
        return;
    *at = p->queue_next;
    if (f->queue_tail == p)
        f->queue_tail = before;
}

void fleet_remove(struct fleet *f, struct fleet_group *g)
{
    struct fleet_group **at = &f->groups;

    for (size_t i = 0; i < g->n; i++) {
        heap_remove(&f->mono, &g->procs[i].mono);
        heap_remove(&f->wall, &g->procs[i].wall);
        unqueue(f, &g->procs[i]);
    }
    while (*at != g)
        at = &(*at)->next;
    *at = g->next;
    f->facts_changed = true;
    if (f->stopping)
        fleet_plan_stages(f);
}

bool fleet_group_is_down(const struct fleet_group *g)
{
    for (size_t i = 0; i < g->n; i++)
        if (proc_is_up(&g->procs[i]))
            return false;
    return true;
}

void fleet_retarget(struct fleet_group *g, const struct group *newer)
{
    g->group = newer;
    for (size_t i = 0; i < g->n; i++)
        g->procs[i].spec = &newer->specs[i];
}

struct fleet_group *fleet_group_find(const struct fleet *f, const char *name)
{
    struct fleet_group *g = f->groups;

    while (g && strcmp(g->group->name, name) != 0)
        g = g->next;
    return g;
}

struct proc *fleet_proc_find(struct fleet_group *g, const char *name)
{
    for (size_t i = 0; i < g->n; i++)
        if (strcmp(g->procs[i].spec->name, name) == 0)
            return &g->procs[i];
    return NULL;
}

static struct proc *first_from(struct fleet_group *g)
{
    while (g && g->n == 0)
        g = g->next;
    return g ? &g->procs[0] : NULL;
}

struct proc *fleet_each(const struct fleet *f, const struct proc *after)
{
    if (!after)
        return first_from(f->groups);
    size_t i = (size_t)(after - after->group->procs) + 1;
    return i < after->group->n ? &after->group->procs[i] : first_from(after->group->next);
}

/* ---- facts ---- */

bool proc_restarts(const struct proc *p)
{
    if (spec_is_run(p->spec))
        return false;
    return p->spec->autorestart == RESTART_ALWAYS || (p->spec->autorestart == RESTART_UNEXPECTED && !p->exit_expected);
}

bool proc_is_alive(const struct proc *p)
{
    return p->pid && !(p->events & 1u << EV_EXITED);
}

bool proc_is_down(const struct proc *p)
{
    return p->state == PROC_STOPPED || p->state == PROC_EXITED || p->state == PROC_FATAL;
}

bool proc_is_asked(const struct proc *p)
{
    return p->go != GO_NONE || p->events & 1u << EV_START;
}

bool proc_is_pending(const struct proc *p)
{
    if (p->state == PROC_WAITING)
        return p->events != 0;
    return p->events != 0 || p->go != GO_NONE || (p->state == PROC_STARTING && !p->pid);
}

bool proc_is_up(const struct proc *p)
{
    return p->pid || p->state == PROC_WAITING || p->state == PROC_STARTING || p->state == PROC_BACKOFF;
}

bool proc_is_ready(const struct proc *p)
{
    if (p->state != PROC_RUNNING)
        return false;
    if (p->spec->notify != NOTIFY_NONE && !p->notified)
        return false;
    return p->spec->health.checks.n == 0 || p->check.status == CHECK_HEALTHY;
}

/* ---- events in ---- */

static void queue(struct fleet *f, struct proc *p)
{
    if (p->queued)
        return;
    p->queued = true;
    p->queue_next = NULL;
    if (f->queue_tail)
        f->queue_tail->queue_next = p;
    else
        f->queue_head = p;
    f->queue_tail = p;
}

void fleet_post(struct fleet *f, struct proc *p, enum proc_event event)
{
    if (event != EV_LOOK) /* what the queue is for */
        p->events |= 1u << event;
    queue(f, p);
}

void fleet_spawned(struct fleet *f, struct proc *p, int pid)
{
    p->pid = pid;
    fleet_post(f, p, EV_SPAWNED);
}

void fleet_spawn_failed(struct fleet *f, struct proc *p, int code, const char *reason, bool hopeless)
{
    p->hopeless = hopeless;
    machine_blame(p, reason);
    p->next_ending = (struct ending){.code = code};
    fleet_post(f, p, EV_SPAWN_FAILED);
}

void fleet_exited(struct fleet *f, struct proc *p, struct ending ending)
{
    p->next_ending = ending;
    fleet_post(f, p, EV_EXITED);
}

void fleet_checked(struct fleet *f, struct proc *p, bool passed, const char *reason, struct moment now)
{
    enum check_status before = p->check.status;
    struct text text;

    if (!proc_is_alive(p) || p->state == PROC_STOPPING)
        return; /* it ends, or ended while it was being looked at */
    check_ended(&p->check, &p->spec->health, passed, now.mono_ns);
    if (!passed) {
        text_init(&text, p->check_reason, sizeof p->check_reason);
        text_add(&text, reason);
    }
    queue(f, p);
    if (p->check.status == before)
        return;
    p->health_told = false;
    f->facts_changed = true;
    if (p->check.status != CHECK_UNHEALTHY)
        return;
    p->recycle |= p->spec->on_unhealthy == UNHEALTHY_RESTART;
    if (p->spec->on_unhealthy == UNHEALTHY_EXIT)
        fleet_stop_all(f, 1, now);
}

void fleet_notified(struct fleet *f, struct proc *p)
{
    p->notified = f->facts_changed = true;
    queue(f, p);
}

void fleet_clock_jumped(struct fleet *f, struct moment now)
{
    for (struct proc *p = fleet_each(f, NULL); p; p = fleet_each(f, p)) {
        if (!p->armed)
            continue;
        machine_replan_run(p, now);
        queue(f, p);
    }
}

/* ---- requests ---- */

void fleet_start(struct fleet *f, struct proc *p)
{
    if (f->stopping)
        return;
    fleet_post(f, p, EV_START);
    fleet_start_needs(f, p);
}

void fleet_run(struct fleet *f, struct proc *p)
{
    if (f->stopping || !proc_is_down(p))
        return;
    p->go = GO_RUN;
    fleet_start(f, p);
}

void fleet_stop(struct fleet *f, struct proc *p)
{
    p->by_request = true;
    p->go = GO_NONE;
    p->events &= ~(1u << EV_START); /* the last word counts */
    f->facts_changed = true;        /* those who wait for that start */
    fleet_post(f, p, EV_STOP);
}

void fleet_boot(struct fleet *f, struct fleet_group *g)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->procs[i].spec->autostart)
            fleet_start(f, &g->procs[i]);
}

void fleet_stop_all(struct fleet *f, int code, struct moment now)
{
    if (f->stopping)
        return;
    f->stopping = true;
    f->exit_code = code;
    f->level_ns = INT64_MAX; /* until the first stage begins */
    f->stage = (struct stop_stage){INT64_MAX, INT64_MAX};
    if (f->grace_ns != UNSET)
        f->stop_deadline_ns = num_add_sat(now.mono_ns, stop_budget_ns(f->grace_ns));
    fleet_plan_stages(f);
}

void fleet_kill_all(struct fleet *f)
{
    f->kill_now = true;
    f->stage = (struct stop_stage){INT64_MIN, INT64_MIN};
    for (struct proc *p = fleet_each(f, NULL); p; p = fleet_each(f, p)) {
        if (!proc_is_up(p))
            continue;
        if (p->state != PROC_STOPPING)
            fleet_post(f, p, EV_STOP);
        queue(f, p);
    }
}

/* ---- effects out ---- */

static void queue_due(struct fleet *f, struct moment now)
{
    while (f->mono && f->mono->key <= now.mono_ns) {
        struct proc *p = heap_owner(f->mono, struct proc, mono);
        heap_remove(&f->mono, &p->mono);
        queue(f, p);
    }
    while (f->wall && f->wall->key <= now.wall_ns) {
        struct proc *p = heap_owner(f->wall, struct proc, wall);
        heap_remove(&f->wall, &p->wall);
        queue(f, p);
    }
}

/* The next event of the queue's head; LOOK when none is posted. */
static enum proc_event take_event(struct proc *p)
{
    for (int event = 0; event < EV_LOOK; event++) {
        if (p->events & 1u << event) {
            p->events &= ~(1u << event);
            return (enum proc_event)event;
        }
    }
    return EV_LOOK;
}

static void dequeue_head(struct fleet *f)
{
    struct proc *p = f->queue_head;

    f->queue_head = p->queue_next;
    if (!f->queue_head)
        f->queue_tail = NULL;
    p->queued = false;
}

/* One process's turn: until it yields an effect or has nothing left to do. */
static bool serve_queue(struct fleet *f, struct moment now, struct effect *ret_effect)
{
    while (f->queue_head) {
        struct proc *p = f->queue_head;
        enum proc_event event = take_event(p);
        if (machine_step(f, p, event, now, ret_effect))
            return true;
        if (event == EV_LOOK)
            dequeue_head(f);
    }
    return false;
}

/* Readiness or a state changed somewhere: those held back by a dependency look again. */
static void wake_waiting(struct fleet *f)
{
    f->facts_changed = false;
    for (struct proc *p = fleet_each(f, NULL); p; p = fleet_each(f, p))
        if (p->state == PROC_WAITING || (p->state == PROC_FATAL && p->dependency_failed))
            queue(f, p);
}

static bool is_done(const struct proc *p)
{
    if (p->state == PROC_FATAL)
        return true;
    return p->state == PROC_EXITED && !p->armed && p->go == GO_NONE && !proc_restarts(p);
}

/* on_done=exit: nothing essential is left to do. */
static void end_when_done(struct fleet *f, struct moment now)
{
    int code = 0;
    bool any = false;

    if (f->on_done != ON_END_EXIT || f->stopping)
        return;
    for (struct proc *p = fleet_each(f, NULL); p; p = fleet_each(f, p)) {
        if (!p->spec->essential)
            continue;
        if (!is_done(p))
            return;
        any = true;
        if (code == 0 && !p->completed)
            code = p->fail_code;
    }
    if (any)
        fleet_stop_all(f, code, now);
}

static bool finish(struct fleet *f, struct effect *ret_effect)
{
    if (f->finished)
        return false;
    f->finished = true;
    *ret_effect = (struct effect){.kind = EFFECT_FINISHED, .code = f->exit_code};
    return true;
}

bool fleet_next(struct fleet *f, struct moment now, struct effect *ret_effect)
{
    bool down = false;

    for (;;) {
        queue_due(f, now);
        if (serve_queue(f, now, ret_effect))
            return true;
        if (f->facts_changed) {
            wake_waiting(f);
            end_when_done(f, now);
            continue;
        }
        if (f->stopping && fleet_next_stage(f, now, &down))
            continue;
        return f->stopping && down && finish(f, ret_effect);
    }
}

struct moment fleet_due(const struct fleet *f)
{
    return (struct moment){f->mono ? f->mono->key : NEVER_NS, f->wall ? f->wall->key : NEVER_NS};
}
