/* A kernel for tests of the fleet: pids, children with habits, and two clocks that move only when told to. It performs
 * the fleet's effects, checks with each what must always hold, and writes down what happened:
 *
 *     "0 a:SPAWNED 1 a:RUNNING 5 a:STOPPING a:TERM a:STOPPED"
 *
 * Numbers are seconds since the beginning. NOTE_STARTING is left out: SPAWNED or SPAWN_ERROR follows. */
#pragma once
#include "base/num.h"
#include "core/fleet.h"
#include "core/requests.h"
#include "core/wellness.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define S NS_PER_S
#define MS NS_PER_MS
#define START_MONO_NS (1000 * S)
#define START_WALL_NS (INT64_C(1700000000) * S) /* 2023-11-14 22:13:20 UTC */

#ifndef KERNEL_PROCS
#define KERNEL_PROCS 16
#endif

enum { AT_ONCE = -1, PID_FIRST = 100, EFFECTS_AT_ONCE = 64 };

/* What a child does, looked at when it is spawned and when it is signalled. */
struct habit {
    int64_t lives_ns;   /* 0: until it is signalled; AT_ONCE: dead before anybody looks */
    int code, killed;   /* how it ends by itself: exit code, or a signal */
    int64_t stops_ns;   /* from the stop signal to its end; NEVER_NS: it ignores that */
    int64_t dies_ns;    /* from SIGKILL to its end; NEVER_NS: it hangs in the kernel, or we may not signal it */
    const char *broken; /* not NULL: it cannot be spawned, and why */
    bool hopeless;
    int64_t fork_ns; /* time that spawning takes */
    bool check_fails;
    int64_t check_ns;  /* time that a check takes; 0: it is PID 1's own knowledge */
    int64_t notify_ns; /* 0: it never says that it is ready */
};

struct fake_child {
    struct habit habit;
    struct schedule schedule;
    int pid; /* 0: none, or reaped */
    int64_t end_ns, check_ns, notify_ns;
    struct ending ending;
    uint64_t spawns;
};

struct kernel {
    struct daemon daemon;
    struct fleet fleet;
    struct moment now;
    struct zone zone;

    struct spec specs[KERNEL_PROCS];
    struct group groups[KERNEL_PROCS];
    void *memory[KERNEL_PROCS];
    struct fake_child children[KERNEL_PROCS];
    struct stop_item items[KERNEL_PROCS];
    char names[KERNEL_PROCS][16];
    size_t specs_n, groups_n;

    int last_pid;
    bool finished;
    int code;
    unsigned effects; /* since time moved */

    bool silent, aloud, show_checks; /* aloud: the trace goes to the terminal */
    int64_t told_ns;                 /* the last time written into the trace */
    struct text trace;
    char trace_memory[8192];

    /* for those who count */
    void (*watch)(struct kernel *k, const struct effect *e);
    void *context;
};

static inline void kernel_init(struct kernel *k)
{
    *k = (struct kernel){.daemon = {.stop_grace_period_ns = UNSET},
                         .now = {START_MONO_NS, START_WALL_NS},
                         .zone = zone_utc,
                         .last_pid = PID_FIRST,
                         .told_ns = -1};
    text_init(&k->trace, k->trace_memory, sizeof k->trace_memory);
}

static inline void kernel_free(struct kernel *k)
{
    for (size_t i = 0; i < KERNEL_PROCS; i++)
        free(k->memory[i]);
}

/* ---- the configuration ---- */

static inline struct spec kernel_default_spec(const char *group, const char *name)
{
    return (struct spec){.name = name,
                         .group = group,
                         .program = group,
                         .autostart = true,
                         .autorestart = RESTART_UNEXPECTED,
                         .startsecs = 1,
                         .startretries = 3,
                         .exitcodes = {{1}},
                         .stopsignal = 15,
                         .stopwait_ns = 10 * S,
                         .health = {.interval_ns = 10 * S, .start_interval_ns = S, .retries = 3},
                         .essential = true,
                         .schedule = "",
                         .schedule_timezone = "",
                         .restart_delay_ns = UNSET,
                         .restart_delay_max_ns = UNSET};
}

/* A group of n processes `name_0`…; with n = 0 it is one program of its own. The specs, to be changed before boot. */
static inline struct spec *kernel_group(struct kernel *k, const char *name, size_t n)
{
    struct spec *specs = &k->specs[k->specs_n];
    size_t members = n ? n : 1;

    assert_true(k->specs_n + members <= KERNEL_PROCS);
    for (size_t i = 0; i < members; i++, k->specs_n++) {
        struct text text;
        text_init(&text, k->names[k->specs_n], sizeof k->names[k->specs_n]);
        text_printf(&text, n ? "%s_%zu" : "%s", name, i);
        k->specs[k->specs_n] = kernel_default_spec(name, text.ptr);
    }
    k->groups[k->groups_n++] =
        (struct group){.name = name, .homogeneous = true, .priority = 999, .specs = specs, .n = members};
    return specs;
}

static inline struct spec *kernel_program(struct kernel *k, const char *name)
{
    return kernel_group(k, name, 0);
}

/* A program that needs another one. */
static inline struct spec *kernel_dependent(struct kernel *k, const char *name, struct need *need)
{
    struct spec *spec = kernel_program(k, name);

    spec->needs = need;
    spec->needs_n = 1;
    return spec;
}

static inline struct fake_child *child_of(const struct proc *p)
{
    return p->host;
}

static inline void kernel_add(struct kernel *k, size_t i)
{
    const struct group *g = &k->groups[i];

    k->memory[i] = calloc(1, fleet_group_bytes(g));
    struct fleet_group *fg = fleet_add(&k->fleet, g, k->memory[i]);
    for (size_t m = 0; m < fg->n; m++) {
        struct proc *p = &fg->procs[m];
        struct fake_child *c = &k->children[p->spec - k->specs];
        p->host = c;
        if (!spec_is_job(p->spec))
            continue;
        assert_int_equal(schedule_parse(p->spec->schedule, &c->schedule, NULL), 0);
        p->schedule = &c->schedule;
        p->zone = &k->zone;
    }
}

static inline void kernel_load(struct kernel *k)
{
    fleet_init(&k->fleet, &k->daemon, 42);
    fleet_reserve(&k->fleet, k->items, KERNEL_PROCS);
    for (size_t i = 0; i < k->groups_n; i++)
        kernel_add(k, i);
}

static inline struct proc *kernel_find(struct kernel *k, const char *name)
{
    for (struct proc *p = fleet_each(&k->fleet, NULL); p; p = fleet_each(&k->fleet, p))
        if (strcmp(p->spec->name, name) == 0)
            return p;
    fail_msg("no process %s", name);
    return NULL;
}

static inline struct habit *kernel_habit(struct kernel *k, const char *name)
{
    return &child_of(kernel_find(k, name))->habit;
}

/* ---- the trace ---- */

static inline const char *note_word(enum note note)
{
    static const char *const words[] = {
#define X(name) #name,
        NOTES(X)
#undef X
    };
    return words[note];
}

static inline void kernel_tell(struct kernel *k, const char *format, const char *name, const char *word)
{
    int64_t ms = (k->now.mono_ns - START_MONO_NS) / MS;

    if (k->aloud) {
        print_message("%lld.%03d", (long long)(ms / 1000), (int)(ms % 1000));
        print_message(format, name, word);
        print_message("\n");
    }
    if (k->silent)
        return;
    if (ms != k->told_ns) {
        text_printf(&k->trace, "%s%lld", k->trace.len ? " " : "", (long long)(ms / 1000));
        if (ms % 1000)
            text_printf(&k->trace, ".%03d", (int)(ms % 1000));
        k->told_ns = ms;
    }
    text_printf(&k->trace, format, name, word);
}

static inline void kernel_tell_effect(struct kernel *k, const struct effect *e)
{
    const char *name = e->p ? e->p->spec->name : "";

    if (e->kind == EFFECT_NOTE && e->note != NOTE_STARTING)
        kernel_tell(k, " %s:%s", name, note_word(e->note));
    else if (e->kind == EFFECT_SIGNAL)
        kernel_tell(k, e->as_group ? " %s:%s*" : " %s:%s", name, signal_name(e->signal) + 3);
    else if (e->kind == EFFECT_CHECK && k->show_checks)
        kernel_tell(k, " %s:%s", name, "check");
    else if (e->kind == EFFECT_FINISHED)
        kernel_tell(k, "%s %s", name, "FINISHED");
}

/* What was written down since the last call. */
static inline void kernel_expect(struct kernel *k, const char *trace)
{
    assert_string_equal(k->trace.ptr, trace);
    text_init(&k->trace, k->trace_memory, sizeof k->trace_memory);
    k->told_ns = -1;
}

/* ---- effects ---- */

static inline int64_t after(const struct kernel *k, int64_t ns)
{
    return num_add_sat(k->now.mono_ns, ns);
}

static inline void kernel_move(struct kernel *k, int64_t ns)
{
    k->now.mono_ns += ns;
    k->now.wall_ns += ns;
    if (ns > 0)
        k->effects = 0;
}

/* The child is dead and reaped. */
static inline void kernel_end(struct kernel *k, struct proc *p)
{
    child_of(p)->pid = 0;
    child_of(p)->check_ns = NEVER_NS;
    fleet_exited(&k->fleet, p, child_of(p)->ending);
}

static inline void kernel_spawn(struct kernel *k, struct proc *p)
{
    struct fake_child *c = child_of(p);
    const struct habit *h = &c->habit;

    assert_int_equal(p->state, PROC_STARTING);
    assert_false(k->fleet.stopping);
    assert_int_equal(p->pid, 0);
    assert_int_equal(c->pid, 0);
    kernel_move(k, h->fork_ns);
    if (h->broken) {
        fleet_spawn_failed(&k->fleet, p, 127, h->broken, h->hopeless);
        return;
    }
    c->pid = ++k->last_pid;
    c->spawns++;
    c->end_ns = after(k, h->lives_ns ? h->lives_ns : NEVER_NS);
    c->ending = (struct ending){.code = h->killed ? -1 : h->code, .signal = h->killed};
    c->check_ns = NEVER_NS;
    c->notify_ns = after(k, h->notify_ns ? h->notify_ns : NEVER_NS);
    fleet_spawned(&k->fleet, p, c->pid);
    if (h->lives_ns == AT_ONCE)
        kernel_end(k, p);
}

static inline void kernel_signal(struct kernel *k, struct fake_child *c, int signal)
{
    int64_t end_ns = after(k, signal == 9 ? c->habit.dies_ns : c->habit.stops_ns);

    if (end_ns >= c->end_ns)
        return;
    c->end_ns = end_ns;
    c->ending = (struct ending){.code = -1, .signal = signal};
}

static inline void kernel_checked(struct kernel *k, struct proc *p)
{
    bool fails = child_of(p)->habit.check_fails;

    child_of(p)->check_ns = NEVER_NS;
    fleet_checked(&k->fleet, p, !fails, fails ? "refused" : "", k->now);
}

static inline void kernel_perform(struct kernel *k, const struct effect *e)
{
    struct fake_child *c = e->p ? child_of(e->p) : NULL;

    assert_true(++k->effects <= EFFECTS_AT_ONCE * KERNEL_PROCS);
    kernel_tell_effect(k, e);
    if (k->watch)
        k->watch(k, e);
    /* behind FINISHED there is only the late end of what outlived SIGKILL */
    assert_true(!k->finished || (e->kind == EFFECT_NOTE && e->note == NOTE_STOPPED));
    switch (e->kind) {
    case EFFECT_SPAWN:
        kernel_spawn(k, e->p);
        break;
    case EFFECT_SIGNAL:
        assert_true(c->pid > 0);
        assert_int_equal(e->p->pid, c->pid);
        kernel_signal(k, c, e->signal);
        break;
    case EFFECT_CHECK:
        assert_true(c->pid > 0);
        assert_int_equal(e->p->pid, c->pid);
        if (c->habit.check_ns > 0)
            c->check_ns = after(k, c->habit.check_ns);
        else
            kernel_checked(k, e->p);
        break;
    case EFFECT_FINISHED:
        k->finished = true;
        k->code = e->code;
        break;
    case EFFECT_NOTE:
        break;
    }
}

/* What is due at this very moment in the world outside. */
static inline void kernel_happen(struct kernel *k)
{
    for (struct proc *p = fleet_each(&k->fleet, NULL); p; p = fleet_each(&k->fleet, p)) {
        struct fake_child *c = child_of(p);
        if (!c->pid)
            continue;
        if (c->notify_ns <= k->now.mono_ns) {
            c->notify_ns = NEVER_NS;
            fleet_notified(&k->fleet, p);
        }
        if (c->check_ns <= k->now.mono_ns)
            kernel_checked(k, p);
        if (c->end_ns <= k->now.mono_ns)
            kernel_end(k, p);
    }
}

/* Takes effects until there is none, with the time standing still (but for slow forks). */
static inline void kernel_settle(struct kernel *k)
{
    struct effect e;

    while (fleet_next(&k->fleet, k->now, &e))
        kernel_perform(k, &e);
    struct moment due = fleet_due(&k->fleet);
    assert_true(due.mono_ns > k->now.mono_ns);
    assert_true(due.wall_ns > k->now.wall_ns);
}

static inline void at_most(int64_t *ns, int64_t other_ns)
{
    if (other_ns < *ns)
        *ns = other_ns;
}

/* The next moment at which anything happens, or `limit_ns`; now, when a slow fork has made us late. */
static inline int64_t kernel_next_ns(struct kernel *k, int64_t limit_ns)
{
    struct moment due = fleet_due(&k->fleet);

    at_most(&limit_ns, due.mono_ns);
    if (due.wall_ns != NEVER_NS)
        at_most(&limit_ns, after(k, due.wall_ns - k->now.wall_ns));
    for (struct proc *p = fleet_each(&k->fleet, NULL); p; p = fleet_each(&k->fleet, p)) {
        const struct fake_child *c = child_of(p);
        if (!c->pid)
            continue;
        at_most(&limit_ns, c->end_ns);
        at_most(&limit_ns, c->check_ns);
        at_most(&limit_ns, c->notify_ns);
    }
    return limit_ns > k->now.mono_ns ? limit_ns : k->now.mono_ns;
}

/* Lets time pass until `ns` after the beginning. */
static inline void kernel_run(struct kernel *k, int64_t ns)
{
    int64_t end_ns = START_MONO_NS + ns;

    kernel_happen(k);
    kernel_settle(k);
    while (k->now.mono_ns < end_ns) {
        kernel_move(k, kernel_next_ns(k, end_ns) - k->now.mono_ns);
        kernel_happen(k);
        kernel_settle(k);
    }
    assert_int_equal(k->fleet.bugs, 0);
}

static inline void kernel_boot(struct kernel *k)
{
    for (struct fleet_group *g = k->fleet.groups; g; g = g->next)
        fleet_boot(&k->fleet, g);
    kernel_happen(k);
    kernel_settle(k);
}

static inline void kernel_set_clock(struct kernel *k, int64_t by_ns)
{
    k->now.wall_ns += by_ns;
    fleet_clock_jumped(&k->fleet, k->now);
}
