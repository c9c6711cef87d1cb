/* Stopping everything: stages, grace period, killing, and who ends the container (container contract §3, §5). */
#include "kernel.h"

/* Programs that run, `names` of one letter each, with these waits, priorities and habits. */
struct row {
    const char *name;
    int64_t priority, wait_s;
    int64_t stops_ns, dies_ns;
};

static void run_rows(struct kernel *k, const struct row *rows, size_t n, int64_t grace_ns)
{
    kernel_init(k);
    k->daemon.stop_grace_period_ns = grace_ns;
    for (size_t i = 0; i < n; i++) {
        kernel_program(k, rows[i].name)->stopwait_ns = rows[i].wait_s * S;
        k->groups[i].priority = rows[i].priority;
        k->children[i].habit = (struct habit){.stops_ns = rows[i].stops_ns, .dies_ns = rows[i].dies_ns};
    }
    kernel_load(k);
    kernel_boot(k);
    kernel_run(k, 2 * S);
    text_init(&k->trace, k->trace_memory, sizeof k->trace_memory);
}

#define RUN_ROWS(k, grace_ns, rows) run_rows(k, rows, sizeof rows / sizeof *rows, grace_ns)

/* Highest priority first, equal ones together, the next stage when all of one is down. */
static void stages(void **state)
{
    static const struct row rows[] = {
        {"a", 1, 10, 0, 0}, {"b", 999, 10, 1 * S, 0}, {"c", 999, 10, 2 * S, 0}, {"d", 1000, 10, 1 * S, 0}};
    struct kernel k;

    (void)state;
    RUN_ROWS(&k, UNSET, rows);
    fleet_stop_all(&k.fleet, 0, k.now);
    kernel_run(&k, 60 * S);
    kernel_expect(&k, "2 d:STOPPING d:TERM 3 d:STOPPED b:STOPPING b:TERM c:STOPPING c:TERM 4 b:STOPPED 5 c:STOPPED "
                      "a:STOPPING a:TERM a:STOPPED FINISHED");
    assert_int_equal(k.code, 0);
    kernel_free(&k);
}

/* Three that ignore TERM, waits 3600, 10, 10, under a grace of 10 s: together, and one after another. (What is due at
 * one moment comes in no particular order.) */
static void grace_period(void **state)
{
    static const struct row together[] = {
        {"a", 1, 3600, NEVER_NS, 0}, {"b", 1, 10, NEVER_NS, 0}, {"c", 1, 10, NEVER_NS, 0}};
    static const struct row ordered[] = {
        {"a", 3, 3600, NEVER_NS, 0}, {"b", 2, 10, NEVER_NS, 0}, {"c", 1, 10, NEVER_NS, 0}};
    static const struct row early[] = {{"a", 3, 3600, 1 * S, 0}, {"b", 2, 10, NEVER_NS, 0}, {"c", 1, 10, NEVER_NS, 0}};
    struct kernel k;

    (void)state;
    RUN_ROWS(&k, 10 * S, together);
    fleet_stop_all(&k.fleet, 0, k.now);
    kernel_run(&k, 60 * S);
    kernel_expect(&k, "2 a:STOPPING a:TERM b:STOPPING b:TERM c:STOPPING c:TERM 11 a:KILL c:KILL b:KILL a:STOPPED "
                      "b:STOPPED c:STOPPED FINISHED");
    kernel_free(&k);
    RUN_ROWS(&k, 10 * S, ordered);
    fleet_stop_all(&k.fleet, 0, k.now);
    kernel_run(&k, 60 * S);
    kernel_expect(&k, "2 a:STOPPING a:TERM 5 a:KILL a:STOPPED b:STOPPING b:TERM 8 b:KILL b:STOPPED c:STOPPING c:TERM "
                      "11 c:KILL c:STOPPED FINISHED");
    kernel_free(&k);
    RUN_ROWS(&k, 10 * S, early); /* what one leaves the others may have */
    fleet_stop_all(&k.fleet, 0, k.now);
    kernel_run(&k, 60 * S);
    kernel_expect(&k, "2 a:STOPPING a:TERM 3 a:STOPPED b:STOPPING b:TERM 7 b:KILL b:STOPPED c:STOPPING c:TERM "
                      "11 c:KILL c:STOPPED FINISHED");
    kernel_free(&k);
}

/* What is being stopped already gets no more than its stage. */
static void stopping_already(void **state)
{
    static const struct row rows[] = {{"a", 1, 3600, NEVER_NS, 0}};
    struct kernel k;

    (void)state;
    RUN_ROWS(&k, 10 * S, rows);
    fleet_stop(&k.fleet, kernel_find(&k, "a"));
    kernel_run(&k, 100 * S);
    fleet_stop_all(&k.fleet, 0, k.now);
    fleet_stop_all(&k.fleet, 7, k.now); /* the first one stands */
    kernel_run(&k, 200 * S);
    kernel_expect(&k, "2 a:STOPPING a:TERM 109 a:KILL a:STOPPED FINISHED");
    assert_int_equal(k.code, 0);
    kernel_free(&k);
}

/* A stop request and the shutdown in one wake: the request has its patience. */
static void stop_and_stop_all(void **state)
{
    static const struct row rows[] = {{"a", 1, 5, 3 * S, 0}};
    struct kernel k;

    (void)state;
    RUN_ROWS(&k, UNSET, rows);
    fleet_stop(&k.fleet, kernel_find(&k, "a"));
    fleet_stop_all(&k.fleet, 0, k.now);
    kernel_run(&k, 60 * S);
    kernel_expect(&k, "2 a:STOPPING a:TERM 5 a:STOPPED FINISHED");
    kernel_free(&k);
}

/* Ctrl-C for the second time: KILL for all, at once, whatever their stage and patience. */
static void kill_all(void **state)
{
    static const struct row rows[] = {
        {"a", 1, 3600, NEVER_NS, 0}, {"b", 2, 3600, NEVER_NS, 100 * MS}, {"c", 2, 5, NEVER_NS, NEVER_NS}};
    struct kernel k;

    (void)state;
    RUN_ROWS(&k, UNSET, rows);
    fleet_stop_all(&k.fleet, 0, k.now);
    kernel_run(&k, 10 * S);
    kernel_expect(&k, "2 b:STOPPING b:TERM c:STOPPING c:TERM 7 c:KILL");
    fleet_kill_all(&k.fleet);
    kernel_run(&k, 60 * S);
    kernel_expect(&k, "10 a:STOPPING a:TERM a:KILL b:KILL a:STOPPED 10.100 b:STOPPED 10.250 c:KILL FINISHED");
    kernel_free(&k);
}

/* We may not signal it (no CAP_KILL), or it hangs in the kernel: it is given up by the end of the grace period. */
static void given_up(void **state)
{
    static const struct row rows[] = {{"a", 1, 10, 1 * S, 0}, {"b", 2, 10, NEVER_NS, NEVER_NS}};
    struct kernel k;

    (void)state;
    RUN_ROWS(&k, 10 * S, rows);
    fleet_stop_all(&k.fleet, 0, k.now);
    kernel_run(&k, 20 * S);
    kernel_expect(&k, "2 b:STOPPING b:TERM 6.500 b:KILL 6.750 b:KILL a:STOPPING a:TERM 7.750 a:STOPPED FINISHED");
    kernel_free(&k);
}

/* What is not yet, or no more, a process goes down in its stage; nothing starts any more. */
static void nothing_starts(void **state)
{
    static struct need need = {"a", NEED_STARTED};
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_program(&k, "a")->startsecs = 5;
    kernel_dependent(&k, "b", &need);
    kernel_program(&k, "c");
    kernel_program(&k, "d")->autorestart = RESTART_ALWAYS;
    kernel_program(&k, "e");
    for (size_t i = 0; i < k.groups_n; i++)
        k.groups[i].priority = 10 - (int64_t)i;
    kernel_load(&k);
    kernel_habit(&k, "a")->stops_ns = 10 * S;
    kernel_habit(&k, "c")->broken = "no such file";
    kernel_habit(&k, "d")->lives_ns = 4 * S;
    kernel_habit(&k, "e")->lives_ns = 7 * S;
    kernel_boot(&k);
    kernel_run(&k, 3500 * MS);
    text_init(&k.trace, k.trace_memory, sizeof k.trace_memory);
    fleet_stop_all(&k.fleet, 0, k.now);
    fleet_start(&k.fleet, kernel_find(&k, "c"));
    fleet_run(&k.fleet, kernel_find(&k, "c"));
    assert_int_equal(request_start(&k.fleet, kernel_find(&k, "e"), true).fault, FAULT_SHUTDOWN_STATE);
    kernel_run(&k, 60 * S);
    /* b needs a, so it goes first, its priority notwithstanding; d and e end by themselves */
    kernel_expect(&k, "3.500 b:STOPPED a:STOPPING a:TERM 4 d:EXITED 7 e:EXITED 13.500 a:STOPPED c:STOPPED FINISHED");
    kernel_free(&k);
}

/* ---- the end of one that ends all ---- */

static void ends_container(struct kernel *k, const char *name, int code)
{
    kernel_run(k, 100 * S);
    assert_true(k->finished);
    assert_int_equal(k->code, code);
    assert_int_equal(kernel_find(k, name)->state, PROC_STOPPED);
    kernel_free(k);
}

/* X(how it ends, the container's code) under on_fatal=exit and on_exit=exit */
static void on_fatal_and_on_exit(void **state)
{
    static const struct {
        struct habit habit;
        int64_t startsecs;
        int code;
    } rows[] = {
        {{.lives_ns = AT_ONCE, .code = 7}, 1, 7},      {{.lives_ns = AT_ONCE}, 1, 1}, /* a FATAL never ends with 0 */
        {{.lives_ns = AT_ONCE, .killed = 11}, 1, 139}, {{.broken = "no such file"}, 1, 127},
        {{.lives_ns = 2 * S, .code = 3}, 1, 3},        {{.lives_ns = 2 * S}, 1, 0},
        {{.lives_ns = AT_ONCE, .killed = 15}, 0, 143},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct kernel k;
        kernel_init(&k);
        struct spec *spec = kernel_program(&k, "a");
        spec->on_fatal = spec->on_exit = ON_END_EXIT;
        spec->startretries = 0;
        spec->startsecs = rows[i].startsecs;
        spec->autorestart = RESTART_NEVER;
        kernel_program(&k, "b");
        k.groups[1].priority = 1; /* it runs when a comes to its end */
        k.children[0].habit = rows[i].habit;
        kernel_load(&k);
        kernel_boot(&k);
        ends_container(&k, "b", rows[i].code);
    }
}

/* on_done=exit: when nothing essential is left to do; the first bad code. */
static void on_done(void **state)
{
    static const struct {
        int a, b;
        bool b_essential;
        int code;
    } rows[] = {{0, 0, true, 0}, {0, 5, true, 5}, {4, 5, true, 4}, {0, 5, false, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct kernel k;
        kernel_init(&k);
        k.daemon.on_done = ON_END_EXIT;
        kernel_program(&k, "a")->oneshot = true;
        kernel_program(&k, "b")->autorestart = RESTART_NEVER;
        kernel_program(&k, "c")->essential = false;
        k.specs[0].startretries = 0;
        k.specs[1].essential = rows[i].b_essential;
        k.children[0].habit = (struct habit){.lives_ns = 3 * S, .code = rows[i].a};
        k.children[1].habit = (struct habit){.lives_ns = 5 * S, .code = rows[i].b};
        kernel_load(&k);
        kernel_boot(&k);
        kernel_run(&k, 2 * S);
        assert_false(k.fleet.stopping);
        ends_container(&k, "c", rows[i].code);
    }
}

/* Orders that the stop plan's texts are made from: dependents first, then by priority. */
static void items(void **state)
{
    static struct need need = {"web", NEED_STARTED};
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_program(&k, "web");
    kernel_dependent(&k, "edge", &need);
    kernel_program(&k, "last");
    k.groups[0].priority = 1000;
    k.groups[2].priority = 1;
    kernel_load(&k);
    assert_int_equal(fleet_stop_items(&k.fleet, true), 3);
    assert_string_equal(k.items[0].name, "edge");
    assert_string_equal(k.items[1].name, "web");
    assert_string_equal(k.items[2].name, "last");
    assert_int_equal(fleet_stop_items(&k.fleet, false), 0);
    kernel_free(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stages),           cmocka_unit_test(grace_period),
        cmocka_unit_test(stopping_already), cmocka_unit_test(stop_and_stop_all),
        cmocka_unit_test(kill_all),         cmocka_unit_test(given_up),
        cmocka_unit_test(nothing_starts),   cmocka_unit_test(on_fatal_and_on_exit),
        cmocka_unit_test(on_done),          cmocka_unit_test(items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
