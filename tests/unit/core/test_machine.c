/* Every cell of the state machine's table: what follows when an event comes in a state. */
#include "kernel.h"

/* In a spec of the expectations: the event is impossible, it is counted and changes nothing. */
#define BUG(state)                                                                                                     \
    {                                                                                                                  \
        PROC_##state, "BUG"                                                                                            \
    }
/* Nothing follows. */
#define NONE(state)                                                                                                    \
    {                                                                                                                  \
        PROC_##state, ""                                                                                               \
    }

/* The state afterwards, and the first effect: a note's word, a signal's name, or "spawn". */
struct cell {
    enum proc_state to;
    const char *effect;
};

/* X(state, SPAWNED, SPAWN_FAILED, STOP, EXITED, START, LOOK) */
#define CELLS(X)                                                                                                       \
    X(STOPPED, BUG(STOPPED), BUG(STOPPED), NONE(STOPPED), BUG(STOPPED), CELL(STARTING, "STARTING"), NONE(STOPPED))     \
    X(WAITING, BUG(WAITING), BUG(WAITING), CELL(STOPPED, "STOPPED"), BUG(WAITING), NONE(WAITING), NONE(WAITING))       \
    X(STARTING, CELL(STARTING, "SPAWNED"), CELL(BACKOFF, "SPAWN_ERROR"), CELL(STOPPING, "STOPPING"),                   \
      CELL(BACKOFF, "TOO_QUICK"), NONE(STARTING), NONE(STARTING))                                                      \
    X(RUNNING, BUG(RUNNING), BUG(RUNNING), CELL(STOPPING, "STOPPING"), CELL(EXITED, "EXITED"), NONE(RUNNING),          \
      NONE(RUNNING))                                                                                                   \
    X(BACKOFF, BUG(BACKOFF), BUG(BACKOFF), CELL(STOPPED, "STOPPED"), BUG(BACKOFF), NONE(BACKOFF), NONE(BACKOFF))       \
    X(STOPPING, BUG(STOPPING), BUG(STOPPING), NONE(STOPPING), CELL(STOPPED, "STOPPED"), NONE(STOPPING),                \
      NONE(STOPPING))                                                                                                  \
    X(EXITED, BUG(EXITED), BUG(EXITED), NONE(EXITED), BUG(EXITED), CELL(STARTING, "STARTING"), NONE(EXITED))           \
    X(FATAL, BUG(FATAL), BUG(FATAL), NONE(FATAL), BUG(FATAL), CELL(STARTING, "STARTING"), NONE(FATAL))

#define CELL(state, effect)                                                                                            \
    {                                                                                                                  \
        PROC_##state, effect                                                                                           \
    }
static const struct cell cells[PROC_STATE_COUNT][EV_COUNT] = {
#define X(state, ...) [PROC_##state] = {__VA_ARGS__},
    CELLS(X)
#undef X
};

static const char *const state_words[] = {
#define X(name, number, shown) #name,
    PROC_STATES(X)
#undef X
};

static const char *const event_words[] = {
#define X(name) #name,
    PROC_EVENTS(X)
#undef X
};

/* ---- the way into each state: `a` is brought there ---- */

static void reach_nothing(struct kernel *k)
{
    (void)k;
}

static void reach_by_boot(struct kernel *k)
{
    kernel_boot(k);
}

static void reach_running(struct kernel *k)
{
    kernel_boot(k);
    kernel_run(k, 2 * S);
}

static void reach_stopping(struct kernel *k)
{
    reach_running(k);
    kernel_habit(k, "a")->stops_ns = NEVER_NS;
    fleet_stop(&k->fleet, kernel_find(k, "a"));
    kernel_settle(k);
}

static void reach_exited(struct kernel *k)
{
    kernel_habit(k, "a")->lives_ns = 2 * S;
    kernel_boot(k);
    kernel_run(k, 3 * S);
}

static void reach_backoff(struct kernel *k)
{
    kernel_habit(k, "a")->broken = "no such file";
    kernel_boot(k);
}

static void reach_fatal(struct kernel *k)
{
    kernel_habit(k, "a")->broken = "no such file";
    kernel_boot(k);
    kernel_run(k, 10 * S);
}

/* X(state, how to get there, whether it needs `b`, which does not become ready) */
#define WAYS(X)                                                                                                        \
    X(STOPPED, reach_nothing, false)                                                                                   \
    X(WAITING, reach_by_boot, true)                                                                                    \
    X(STARTING, reach_by_boot, false)                                                                                  \
    X(RUNNING, reach_running, false)                                                                                   \
    X(BACKOFF, reach_backoff, false)                                                                                   \
    X(STOPPING, reach_stopping, false)                                                                                 \
    X(EXITED, reach_exited, false)                                                                                     \
    X(FATAL, reach_fatal, false)

static const struct way {
    void (*reach)(struct kernel *k);
    bool waits;
} ways[] = {
#define X(state, reach, waits) [PROC_##state] = {reach, waits},
    WAYS(X)
#undef X
};

static struct proc *bring(struct kernel *k, enum proc_state state)
{
    static struct need need = {"b", NEED_STARTED};

    kernel_init(k);
    if (ways[state].waits) {
        kernel_program(k, "b")->startsecs = 3600;
        kernel_dependent(k, "a", &need);
    } else {
        kernel_program(k, "a");
    }
    kernel_load(k);
    ways[state].reach(k);
    struct proc *p = kernel_find(k, "a");
    assert_int_equal(p->state, state);
    return p;
}

/* ---- the events ---- */

/* Takes effects up to SPAWN, whose answer is left to the caller. */
static void await_spawn(struct kernel *k, struct proc *p)
{
    struct effect e;

    fleet_start(&k->fleet, p);
    while (fleet_next(&k->fleet, k->now, &e))
        if (e.kind == EFFECT_SPAWN)
            return;
    fail_msg("no SPAWN");
}

static void post(struct kernel *k, struct proc *p, enum proc_event event)
{
    switch (event) {
    case EV_SPAWNED:
        fleet_spawned(&k->fleet, p, 77);
        break;
    case EV_SPAWN_FAILED:
        fleet_spawn_failed(&k->fleet, p, 127, "no such file", false);
        break;
    case EV_STOP:
        fleet_stop(&k->fleet, p);
        break;
    case EV_EXITED:
        fleet_exited(&k->fleet, p, (struct ending){.code = 0});
        break;
    case EV_START:
        fleet_start(&k->fleet, p);
        break;
    default:
        fleet_post(&k->fleet, p, event);
    }
}

static const char *effect_word(const struct effect *e)
{
    switch (e->kind) {
    case EFFECT_SPAWN:
        return "spawn";
    case EFFECT_NOTE:
        return note_word(e->note);
    case EFFECT_SIGNAL:
        return signal_name(e->signal);
    default:
        return "?";
    }
}

static void check_cell(enum proc_state state, enum proc_event event)
{
    const struct cell *cell = &cells[state][event];
    bool answers = state == PROC_STARTING && (event == EV_SPAWNED || event == EV_SPAWN_FAILED);
    struct kernel k;
    struct effect e;

    if (!cell->effect)
        fail_msg("%s × %s has no row", state_words[state], event_words[event]);
    struct proc *p = bring(&k, answers ? PROC_STOPPED : state);
    if (answers)
        await_spawn(&k, p);
    post(&k, p, event);
    const char *effect = fleet_next(&k.fleet, k.now, &e) ? effect_word(&e) : "";
    if (p->state != cell->to || strcmp(effect, cell->effect) != 0)
        fail_msg("%s × %s: %s '%s'", state_words[state], event_words[event], state_words[p->state], effect);
    assert_int_equal(k.fleet.bugs, strcmp(cell->effect, "BUG") == 0);
    kernel_free(&k);
}

static void every_cell(void **state)
{
    (void)state;
    for (int s = 0; s < PROC_STATE_COUNT; s++)
        for (int event = 0; event < EV_COUNT; event++)
            check_cell((enum proc_state)s, (enum proc_event)event);
}

/* A bug is counted and told, and life goes on. */
static void bugs_are_survived(void **state)
{
    struct kernel k;
    struct proc *p = bring(&k, PROC_RUNNING);

    (void)state;
    for (int i = 0; i < 3; i++) {
        fleet_spawn_failed(&k.fleet, p, 127, "odd", false);
        kernel_settle(&k);
    }
    assert_int_equal(k.fleet.bugs, 3);
    k.fleet.bugs = 0;
    kernel_expect(&k, "0 a:SPAWNED 1 a:RUNNING 2 a:BUG a:BUG a:BUG");
    fleet_stop(&k.fleet, p);
    kernel_run(&k, 3 * S);
    kernel_expect(&k, "2 a:STOPPING a:TERM a:STOPPED");
    kernel_free(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_cell), cmocka_unit_test(bugs_are_survived)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
