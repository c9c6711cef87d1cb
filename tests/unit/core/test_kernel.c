/* Random programs, random requests, a random world: after every step of it the properties hold that DESIGN names.
 *
 * CSLSUP_SEED=N runs the one world that a failure named, CSLSUP_STEPS=N that many steps (two million unless told; after
 * some seconds it is enough in any case). */
#define KERNEL_PROCS 21 /* three for each of PROGRAMS_MAX */
#include "kernel.h"
#include <stdio.h>
#include <time.h>

enum { WORLD_STEPS = 400, PROGRAMS_MAX = 7, CPU_SECONDS_MAX = 8, STEPS = 2000000 };
#define KILL_SLACK_NS (250 * MS)
#define DIES_MAX_NS (200 * MS)
#define FORKS_MAX_NS (KERNEL_PROCS * 30 * MS) /* that of all who are spawned meanwhile */

/* Beside the kernel, what the world remembers about it. */
struct world {
    struct kernel k;
    struct need needs[KERNEL_PROCS][2];
    bool up_front[KERNEL_PROCS]; /* something may start it at once: a request, or what depends on it */
    int64_t stopping_ns[KERNEL_PROCS], spawned_ns[KERNEL_PROCS];
    bool hangs[KERNEL_PROCS];      /* SIGKILL did not end it */
    unsigned starts[KERNEL_PROCS]; /* failed ones in a row */
    int64_t stop_all_ns, kill_all_ns;
    uint64_t random;
};

static uint64_t seed; /* of the present world */
static bool went_well;
static uint64_t cells[PROC_STATE_COUNT][EV_COUNT];
static uint64_t notes[NOTE_BUG + 1];

static uint64_t next_random(struct world *w)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return w->random * UINT64_C(2685821657736338717) >> 16;
}

static size_t below(struct world *w, size_t n)
{
    return (size_t)(next_random(w) % n);
}

static bool one_in(struct world *w, size_t n)
{
    return below(w, n) == 0;
}

#define PICK(w, ...)                                                                                                   \
    ((const int64_t[]){__VA_ARGS__})[below((w), sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))]

/* ---- a random configuration ---- */

static void random_task(struct world *w, struct spec *spec)
{
    static const char *const schedules[] = {"@every 1s", "@every 100ms", "@every 90s",
                                            "* * * * *", "*/5 * * * *",  "30 2 * * *"};

    if (one_in(w, 2)) {
        spec->oneshot = true;
    } else {
        spec->schedule = schedules[below(w, sizeof schedules / sizeof *schedules)];
        spec->schedule_overlap = one_in(w, 2) ? OVERLAP_REPLACE : OVERLAP_SKIP;
        spec->essential = one_in(w, 4);
    }
    spec->run_timeout_ns = PICK(w, 0, 0, 2 * S, 70 * S);
}

static void random_spec(struct world *w, struct spec *spec)
{
    static const char *check = "exec: true";

    spec->autostart = !one_in(w, 5);
    spec->autorestart = (enum autorestart)below(w, 3);
    spec->startsecs = PICK(w, 0, 1, 1, 3);
    spec->startretries = PICK(w, -1, 0, 1, 3);
    spec->stopwait_ns = PICK(w, -1, 0, 1, 5, 10, 60) * S;
    spec->stopasgroup = one_in(w, 2);
    spec->killasgroup = spec->stopasgroup || one_in(w, 2);
    spec->restart_delay_ns = PICK(w, UNSET, UNSET, UNSET, 0, 2 * S);
    spec->restart_delay_max_ns = PICK(w, UNSET, UNSET, UNSET, 0, 20 * S);
    spec->on_fatal = one_in(w, 12) ? ON_END_EXIT : ON_END_IGNORE;
    spec->on_exit = one_in(w, 12) ? ON_END_EXIT : ON_END_IGNORE;
    spec->notify = one_in(w, 4) ? NOTIFY_FD : NOTIFY_NONE;
    if (one_in(w, 3)) {
        spec->health.checks = (struct names){&check, 1};
        spec->health.interval_ns = PICK(w, 0, 1, 10) * S;
        spec->health.start_interval_ns = PICK(w, 0, 1) * S;
        spec->health.retries = PICK(w, 1, 3);
        spec->on_unhealthy = one_in(w, 8) ? UNHEALTHY_EXIT : one_in(w, 2) ? UNHEALTHY_RESTART : UNHEALTHY_NONE;
    }
    if (one_in(w, 3))
        random_task(w, spec);
}

/* On programs that came before, so that there is no circle. */
static void random_needs(struct world *w, size_t group)
{
    static const enum condition conditions[] = {NEED_STARTED, NEED_HEALTHY, NEED_COMPLETED};
    struct need *needs = w->needs[group];
    size_t n = group ? below(w, 3) : 0;

    for (size_t i = 0; i < n; i++)
        needs[i] = (struct need){w->k.groups[below(w, group)].name, conditions[below(w, 3)]};
    for (size_t i = 0; i < w->k.groups[group].n; i++) {
        w->k.groups[group].specs[i].needs = needs;
        w->k.groups[group].specs[i].needs_n = n;
    }
}

static void random_configuration(struct world *w)
{
    static const char *const names[PROGRAMS_MAX] = {"a", "b", "c", "d", "e", "f", "g"};
    struct kernel *k = &w->k;
    size_t n = 1 + below(w, PROGRAMS_MAX);

    k->daemon.stop_grace_period_ns = PICK(w, UNSET, 1 * S, 10 * S, 60 * S);
    k->daemon.on_done = one_in(w, 6) ? ON_END_EXIT : ON_END_IGNORE;
    for (size_t i = 0; i < n; i++) {
        size_t members = one_in(w, 4) ? 1 + below(w, 3) : 0;
        struct spec *specs = kernel_group(k, names[i], members);
        k->groups[i].priority = PICK(w, 1, 999, 999);
        random_spec(w, &specs[0]);
        for (size_t m = 1; m < members; m++) {
            const char *name = specs[m].name;
            specs[m] = specs[0];
            specs[m].name = name;
        }
        random_needs(w, i);
    }
}

/* ---- a random world ---- */

static void random_habit(struct world *w, struct proc *p)
{
    struct habit *h = &child_of(p)->habit;
    bool no_brake = p->spec->restart_delay_ns != UNSET || p->spec->restart_delay_max_ns != UNSET;

    *h = (struct habit){.code = (int)PICK(w, 0, 0, 1, 255),
                        .killed = one_in(w, 6) ? 11 : 0,
                        .lives_ns = PICK(w, 0, 0, 0, 1, 500, 1500, 30000) * MS,
                        .stops_ns = PICK(w, 0, 0, 10 * MS, 3 * S, NEVER_NS),
                        .dies_ns = one_in(w, 20) ? NEVER_NS : PICK(w, 0, 0, DIES_MAX_NS),
                        .broken = one_in(w, 8) ? "no such file" : NULL,
                        .hopeless = one_in(w, 3),
                        .fork_ns = PICK(w, 0, 0, 30 * MS),
                        .check_fails = one_in(w, 3),
                        .check_ns = PICK(w, 0, 20 * MS, 4 * S),
                        .notify_ns = PICK(w, 0, 1, 2 * S)};
    if (!no_brake && one_in(w, 10))
        h->lives_ns = AT_ONCE;
}

static struct proc *any_proc(struct world *w)
{
    size_t n = below(w, w->k.specs_n);

    for (struct proc *p = fleet_each(&w->k.fleet, NULL); p; p = fleet_each(&w->k.fleet, p))
        if (p->spec == &w->k.specs[n])
            return p;
    return NULL; /* its group is not in */
}

static size_t index_of(const struct kernel *k, const struct proc *p)
{
    return (size_t)(child_of(p) - k->children);
}

static void excuse_all(struct world *w)
{
    for (size_t i = 0; i < KERNEL_PROCS; i++)
        w->up_front[i] = true;
}

/* A cell counts where nothing else is posted, so that the event will find this state. */
static void count_cell(const struct proc *p, enum proc_event event)
{
    if (!p->events)
        cells[p->state][event]++;
}

static void ask_start(struct world *w, struct proc *p)
{
    excuse_all(w);
    count_cell(p, EV_START);
    if (one_in(w, 3))
        fleet_start(&w->k.fleet, p);
    else
        request_start(&w->k.fleet, p, one_in(w, 2));
}

static void ask_run(struct world *w, struct proc *p)
{
    excuse_all(w);
    request_run(&w->k.fleet, p);
}

static void ask_stop(struct world *w, struct proc *p)
{
    bool applies = request_stop_applies(p) && !w->k.fleet.stopping;

    count_cell(p, EV_STOP);
    if (one_in(w, 3))
        fleet_stop(&w->k.fleet, p);
    else
        assert_int_equal(request_stop(&w->k.fleet, p).fault == FAULT_SUCCESS, applies);
}

static void ask_signal(struct world *w, struct proc *p)
{
    struct fake_child *c = child_of(p);

    if (request_signal(&w->k.fleet, p).fault != FAULT_SUCCESS)
        return;
    assert_true(c->pid > 0);
    kernel_signal(&w->k, c, one_in(w, 2) ? 9 : 1);
}

static void ask_stop_all(struct world *w, struct proc *p)
{
    (void)p;
    if (one_in(w, 20))
        fleet_stop_all(&w->k.fleet, 0, w->k.now);
}

static void ask_kill_all(struct world *w, struct proc *p)
{
    (void)p;
    if (!w->k.fleet.stopping || !one_in(w, 10))
        return;
    if (!w->k.fleet.kill_now)
        w->kill_all_ns = w->k.now.mono_ns;
    fleet_kill_all(&w->k.fleet);
}

static void die(struct world *w, struct proc *p)
{
    struct fake_child *c = child_of(p);

    if (!c->pid || c->end_ns <= w->k.now.mono_ns)
        return;
    c->end_ns = w->k.now.mono_ns;
    c->ending = (struct ending){.code = (int)PICK(w, 0, 1)};
}

static void set_clock(struct world *w, struct proc *p)
{
    (void)p;
    if (one_in(w, 5))
        kernel_set_clock(&w->k, PICK(w, -3600, 3600, -1, 1, 86400, -7200) * S);
}

/* A group goes and comes back, as `update` does it. */
static void replace_group(struct world *w, struct proc *p)
{
    struct kernel *k = &w->k;
    struct fleet_group *g = p->group;
    size_t i = (size_t)(g->group - k->groups);

    if (!fleet_group_is_down(g) || !one_in(w, 3) || k->fleet.stopping)
        return;
    excuse_all(w);
    fleet_remove(&k->fleet, g);
    free(k->memory[i]);
    kernel_add(k, i);
    for (size_t m = 0; m < k->groups[i].n; m++)
        w->starts[(size_t)(&k->groups[i].specs[m] - k->specs)] = 0;
    fleet_boot(&k->fleet, fleet_group_find(&k->fleet, k->groups[i].name));
}

static void retarget(struct world *w, struct proc *p)
{
    (void)w;
    fleet_retarget(p->group, p->group->group);
}

typedef void deed(struct world *w, struct proc *p);

static void random_deed(struct world *w)
{
    static deed *const deeds[] = {ask_start,  ask_start,     ask_stop, ask_stop,     ask_run,
                                  ask_signal, ask_stop_all,  die,      ask_kill_all, die,
                                  set_clock,  replace_group, retarget, random_habit};
    struct proc *p = any_proc(w);

    if (p)
        deeds[below(w, sizeof deeds / sizeof *deeds)](w, p);
}

/* ---- the properties ---- */

static void watch(struct kernel *k, const struct effect *e)
{
    struct world *w = k->context;

    if (e->kind == EFFECT_NOTE) {
        notes[e->note]++;
        if (e->note == NOTE_STOPPING)
            w->stopping_ns[index_of(k, e->p)] = k->now.mono_ns;
        if (e->note == NOTE_RUNNING || e->note == NOTE_RAN || e->note == NOTE_FATAL || e->note == NOTE_STOPPED)
            w->starts[index_of(k, e->p)] = 0;
        if (e->note == NOTE_HEALTH || e->note == NOTE_SKIPPED || e->note == NOTE_STOPPED)
            w->up_front[index_of(k, e->p)] = true; /* a restart by rule: what else follows has a brake of its own */
        if (e->note == NOTE_FATAL || e->note == NOTE_WAITING)
            excuse_all(w); /* a dependency that comes back lets it start at once */
        return;
    }
    if (e->kind != EFFECT_SPAWN)
        return;
    size_t i = index_of(k, e->p);
    const struct spec *spec = e->p->spec;
    bool keys = spec->restart_delay_ns != UNSET || spec->restart_delay_max_ns != UNSET;
    if (!w->up_front[i] && !keys && !spec_is_run(spec))
        assert_true(k->now.mono_ns - w->spawned_ns[i] >= 100 * MS);
    w->up_front[i] = false;
    w->spawned_ns[i] = k->now.mono_ns;
    w->starts[i]++;
    if (spec->startretries >= 0 && !spec_is_job(spec) && !spec->oneshot)
        assert_true(w->starts[i] <= (unsigned)spec->startretries + 1);
    count_cell(e->p, child_of(e->p)->habit.broken ? EV_SPAWN_FAILED : EV_SPAWNED);
}

static bool is_timed(const struct heap_node *node, int64_t ns)
{
    return node->queued && node->key <= ns;
}

static void check_timers(const struct kernel *k, const struct proc *p)
{
    bool stopping = k->fleet.stopping;
    int64_t up_ns = num_add_sat(p->started.mono_ns, p->spec->startsecs * S);

    if (p->state == PROC_STARTING)
        assert_true(is_timed(&p->mono, up_ns));
    if (p->state == PROC_STOPPING)
        assert_true(p->signalled && (is_timed(&p->mono, p->kill_ns) || (stopping && p->kills > 1)));
    if (p->state == PROC_BACKOFF && !stopping)
        assert_true(is_timed(&p->mono, p->retry_ns));
    if (p->state == PROC_EXITED && !stopping && proc_restarts(p))
        assert_true(is_timed(&p->mono, p->retry_ns));
    if (p->state == PROC_EXITED && !stopping && p->armed && p->next_run_ns != NEVER_NS) {
        assert_true(is_timed(&p->wall, p->next_run_ns));
        int64_t period_ns = p->schedule->every_ns ? p->schedule->every_ns : 26 * 3600 * S;
        assert_true(p->next_run_ns - k->now.wall_ns <= period_ns);
    }
}

static void check_state(struct world *w, struct proc *p)
{
    const struct fleet *f = &w->k.fleet;
    const struct fake_child *c = child_of(p);
    bool lives = p->state == PROC_STARTING || p->state == PROC_RUNNING || p->state == PROC_STOPPING;
    bool failed;

    assert_int_equal(p->pid, c->pid);
    assert_int_equal(p->pid != 0, lives);
    assert_int_equal(p->events, 0);
    if (p->state == PROC_STOPPED && !f->stopping)
        assert_false(p->armed || proc_is_asked(p));
    if (p->state == PROC_WAITING && !f->stopping)
        assert_true(fleet_unmet_need(f, p, &failed) && !failed);
    if (p->state == PROC_FATAL && p->dependency_failed && !f->stopping)
        assert_non_null(fleet_unmet_need(f, p, &failed));
    if (p->spec->startretries >= 0)
        assert_true(p->failures <= (unsigned)p->spec->startretries + 1);
    check_timers(&w->k, p);
}

/* Every stop ends: patience, then SIGKILL, then the kernel's time. */
static void check_stop(struct world *w, struct proc *p)
{
    size_t i = index_of(&w->k, p);
    int64_t wait_ns = p->spec->stopwait_ns > 0 ? p->spec->stopwait_ns : 0;
    int64_t end_ns = child_of(p)->end_ns;
    bool dies = child_of(p)->ending.signal == 9;

    if (p->state != PROC_STOPPING)
        w->hangs[i] = false;
    else if (p->kills == 0)
        assert_true(w->k.now.mono_ns - w->stopping_ns[i] <= wait_ns);
    else if (!dies)
        w->hangs[i] = true;
    else if (!w->hangs[i])
        assert_true(end_ns - w->stopping_ns[i] <= wait_ns + DIES_MAX_NS + FORKS_MAX_NS);
}

/* The longest that a shutdown may take: each stage its patience and the kernel's time to kill. */
static int64_t shutdown_max_ns(const struct world *w)
{
    const struct kernel *k = &w->k;
    int64_t sum_ns = 0, slack_ns = (int64_t)k->specs_n * (KILL_SLACK_NS + MS);

    if (w->kill_all_ns)
        return w->kill_all_ns - w->stop_all_ns + KILL_SLACK_NS + MS;
    if (k->daemon.stop_grace_period_ns != UNSET)
        return stop_budget_ns(k->daemon.stop_grace_period_ns) + slack_ns;
    for (size_t i = 0; i < k->specs_n; i++)
        sum_ns += 2 * (k->specs[i].stopwait_ns > S ? k->specs[i].stopwait_ns : S);
    return sum_ns + slack_ns;
}

static void check_world(struct world *w)
{
    struct kernel *k = &w->k;

    assert_int_equal(k->fleet.bugs, 0);
    for (struct proc *p = fleet_each(&k->fleet, NULL); p; p = fleet_each(&k->fleet, p)) {
        check_state(w, p);
        check_stop(w, p);
        count_cell(p, EV_LOOK);
    }
    if (!k->fleet.stopping)
        return;
    if (w->stop_all_ns == 0)
        w->stop_all_ns = k->now.mono_ns;
    if (!k->finished)
        assert_true(k->now.mono_ns - w->stop_all_ns <= shutdown_max_ns(w));
}

/* ---- steps ---- */

static void count_deaths(struct world *w)
{
    for (struct proc *p = fleet_each(&w->k.fleet, NULL); p; p = fleet_each(&w->k.fleet, p))
        if (child_of(p)->pid && child_of(p)->end_ns <= w->k.now.mono_ns)
            count_cell(p, EV_EXITED);
}

static void step(struct world *w)
{
    struct kernel *k = &w->k;
    int64_t limit_ns = after(k, PICK(w, 1 * MS, 100 * MS, 1 * S, 10 * S, 90 * S));
    size_t deeds = one_in(w, 3) ? 1 + below(w, 3) : 0;

    kernel_move(k, kernel_next_ns(k, limit_ns) - k->now.mono_ns);
    count_deaths(w);
    if (one_in(w, 2))
        kernel_happen(k); /* deaths and requests come in either order */
    while (deeds-- > 0)
        random_deed(w);
    kernel_happen(k);
    kernel_settle(k);
    check_world(w);
}

static void begin_world(struct world *w)
{
    kernel_init(&w->k);
    w->k.silent = true;
    w->k.aloud = w->k.show_checks = getenv("CSLSUP_SEED") != NULL;
    w->k.watch = watch;
    w->k.context = w;
    w->random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
    random_configuration(w);
    kernel_load(&w->k);
    for (struct proc *p = fleet_each(&w->k.fleet, NULL); p; p = fleet_each(&w->k.fleet, p))
        random_habit(w, p);
    excuse_all(w);
    kernel_boot(&w->k);
    check_world(w);
}

/* One life of a fleet, with its shutdown: the number of steps. */
static unsigned live(void)
{
    static struct world w;
    unsigned steps = 0;

    w = (struct world){.random = 1};
    begin_world(&w);
    for (; steps < WORLD_STEPS && !w.k.finished; steps++)
        step(&w);
    fleet_stop_all(&w.k.fleet, 0, w.k.now);
    for (; !w.k.finished; steps++)
        step(&w);
    for (int i = 0; i < 20; i++, steps++) /* and nothing happens any more */
        step(&w);
    kernel_free(&w.k);
    return steps;
}

static void random_worlds(void **state)
{
    const char *one = getenv("CSLSUP_SEED"), *some = getenv("CSLSUP_STEPS");
    unsigned long steps = 0, wanted = some ? strtoul(some, NULL, 10) : STEPS;
    bool ends = !some;

    (void)state;
    if (one) {
        seed = strtoull(one, NULL, 10);
        live();
        went_well = true;
        return;
    }
    seed = (uint64_t)time(NULL) * 1000000;
    print_message("first seed %llu\n", (unsigned long long)seed);
    while (steps < wanted && !(ends && clock() / CLOCKS_PER_SEC >= CPU_SECONDS_MAX)) {
        steps += live();
        seed++;
    }
    went_well = true;
    print_message("%lu steps\n", steps);
}

/* Whether all of the table that can be reached was reached, and everything told. */
static void all_was_seen(void **state)
{
    static const char *const states[] = {
#define X(name, number, shown) #name,
        PROC_STATES(X)
#undef X
    };
    static const char *const events[] = {
#define X(name) #name,
        PROC_EVENTS(X)
#undef X
    };
    unsigned missing = 0;

    (void)state;
    if (getenv("CSLSUP_SEED"))
        skip();
    for (int s = 0; s < PROC_STATE_COUNT; s++) {
        for (int e = 0; e < EV_COUNT; e++) {
            bool spawns = e == EV_SPAWNED || e == EV_SPAWN_FAILED;
            bool lives = s == PROC_STARTING || s == PROC_RUNNING || s == PROC_STOPPING;
            bool impossible = (spawns && s != PROC_STARTING) || (e == EV_EXITED && !lives);
            if (impossible || cells[s][e])
                continue;
            print_error("never seen: %s × %s\n", states[s], events[e]);
            missing++;
        }
    }
    for (int n = 0; n < NOTE_BUG; n++) {
        if (notes[n])
            continue;
        print_error("never told: %s\n", note_word((enum note)n));
        missing++;
    }
    assert_int_equal(missing, 0);
}

static int tell_seed(void **state)
{
    (void)state;
    if (!went_well)
        print_message("CSLSUP_SEED=%llu does it again, and tells what happens\n", (unsigned long long)seed);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_teardown(random_worlds, tell_seed),
                                       cmocka_unit_test(all_was_seen)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
