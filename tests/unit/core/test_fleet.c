/* The life cycle of supervisord contract §3, with simulated time. */
#include "kernel.h"

/* Boots what the configuration holds, after `change` was applied to the habit of `a`. */
static void load_and_boot(struct kernel *k, const struct habit *habit)
{
    kernel_load(k);
    if (habit)
        *kernel_habit(k, "a") = *habit;
    kernel_boot(k);
}

#define HABIT(...) (&(struct habit){__VA_ARGS__})

/* ---- starting ---- */

static void back_off(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_program(&k, "a");
    load_and_boot(&k, HABIT(.lives_ns = 500 * MS));
    kernel_run(&k, 60 * S);
    kernel_expect(&k, "0 a:SPAWNED 0.500 a:TOO_QUICK 1.500 a:SPAWNED 2 a:TOO_QUICK 4 a:SPAWNED 4.500 a:TOO_QUICK "
                      "7.500 a:SPAWNED 8 a:TOO_QUICK a:FATAL");
    struct proc *p = kernel_find(&k, "a");
    assert_string_equal(p->spawnerr, "Exited too quickly (process log may have details)");
    assert_int_equal(p->exitstatus, 0);
    assert_int_equal(p->fail_code, 1); /* it exited with 0, yet a FATAL never ends with 0 */
    assert_int_equal(p->restarts, 3);
    assert_int_equal(p->unwanted_exits, 4);
    kernel_free(&k);
}

static void spawn_errors(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_program(&k, "a")->startretries = 1;
    load_and_boot(&k, HABIT(.broken = "can't find command '/x'"));
    kernel_run(&k, 60 * S);
    kernel_expect(&k, "0 a:SPAWN_ERROR 1 a:SPAWN_ERROR a:FATAL");
    assert_string_equal(kernel_find(&k, "a")->spawnerr, "can't find command '/x'");
    assert_int_equal(kernel_find(&k, "a")->fail_code, 127);
    kernel_free(&k);
}

static void hopeless(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_program(&k, "a")->startretries = -1;
    load_and_boot(&k, HABIT(.broken = "secret DB_PASSWORD is missing", .hopeless = true));
    kernel_run(&k, 60 * S);
    kernel_expect(&k, "0 a:SPAWN_ERROR a:FATAL");
    kernel_habit(&k, "a")->broken = NULL; /* mended: a start by hand works */
    fleet_start(&k.fleet, kernel_find(&k, "a"));
    kernel_run(&k, 62 * S);
    kernel_expect(&k, "60 a:SPAWNED 61 a:RUNNING");
    kernel_free(&k);
}

/* A start that gives up after retries starts over with all of them. */
static void fatal_and_again(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_program(&k, "a")->startretries = 1;
    load_and_boot(&k, HABIT(.lives_ns = AT_ONCE, .code = 3));
    kernel_run(&k, 10 * S);
    kernel_expect(&k, "0 a:SPAWNED a:TOO_QUICK 1 a:SPAWNED a:TOO_QUICK a:FATAL");
    assert_int_equal(kernel_find(&k, "a")->fail_code, 3);
    fleet_start(&k.fleet, kernel_find(&k, "a"));
    kernel_run(&k, 20 * S);
    kernel_expect(&k, "10 a:SPAWNED a:TOO_QUICK 11 a:SPAWNED a:TOO_QUICK a:FATAL");
    kernel_free(&k);
}

/* A stop keeps the back-off counter (supervisord does, too); FATAL and RUNNING set it back. */
static void stop_in_backoff(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_program(&k, "a")->startretries = 2;
    load_and_boot(&k, HABIT(.lives_ns = AT_ONCE));
    struct proc *p = kernel_find(&k, "a");
    fleet_stop(&k.fleet, p);
    kernel_run(&k, 10 * S);
    kernel_expect(&k, "0 a:SPAWNED a:TOO_QUICK a:STOPPED");
    assert_true(p->by_request);
    assert_true(p->stopped.wall_ns != 0); /* when its process ended */
    fleet_start(&k.fleet, p);
    kernel_run(&k, 20 * S);
    kernel_expect(&k, "10 a:SPAWNED a:TOO_QUICK 12 a:SPAWNED a:TOO_QUICK a:FATAL");
    kernel_free(&k);
}

/* Stopped in BACKOFF when no process ever ended: it has not been stopped at any time. */
static void never_started(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_program(&k, "a");
    load_and_boot(&k, HABIT(.broken = "no such file"));
    fleet_stop(&k.fleet, kernel_find(&k, "a"));
    kernel_run(&k, 10 * S);
    kernel_expect(&k, "0 a:SPAWN_ERROR a:STOPPED");
    assert_int_equal(kernel_find(&k, "a")->stopped.wall_ns, 0);
    kernel_free(&k);
}

static void never_give_up(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    struct spec *spec = kernel_program(&k, "a");
    spec->startretries = -1;
    spec->restart_delay_ns = 5 * S;
    load_and_boot(&k, HABIT(.lives_ns = AT_ONCE, .code = 1));
    kernel_run(&k, 1000 * S);
    assert_int_equal(child_of(kernel_find(&k, "a"))->spawns, 201);
    assert_int_equal(kernel_find(&k, "a")->state, PROC_BACKOFF);
    kernel_free(&k);
}

/* ---- running and ending ---- */

/* With exitcodes=0,2. */
static void ends(void **state)
{
    static const struct {
        enum autorestart autorestart;
        int code, killed;
        bool expected, restarts;
        const char *spawnerr;
    } rows[] = {
        {RESTART_UNEXPECTED, 0, 0, true, false, ""},
        {RESTART_UNEXPECTED, 2, 0, true, false, ""},
        {RESTART_UNEXPECTED, 1, 0, false, true, ""},
        {RESTART_UNEXPECTED, 0, 11, false, true, ""},
        {RESTART_ALWAYS, 0, 0, true, true, ""},
        {RESTART_ALWAYS, 255, 0, false, true, ""},
        {RESTART_NEVER, 0, 0, true, false, ""},
        {RESTART_NEVER, 1, 0, false, false, "Bad exit code 1"},
        {RESTART_NEVER, 0, 9, false, false, "Terminated by SIGKILL"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct kernel k;
        kernel_init(&k);
        struct spec *spec = kernel_program(&k, "a");
        spec->autorestart = rows[i].autorestart;
        spec->exitcodes.bits[0] = 1 | 1 << 2;
        load_and_boot(&k, HABIT(.lives_ns = 5 * S, .code = rows[i].code, .killed = rows[i].killed));
        kernel_run(&k, 5 * S);
        kernel_expect(&k, rows[i].restarts ? "0 a:SPAWNED 1 a:RUNNING 5 a:EXITED a:SPAWNED"
                                           : "0 a:SPAWNED 1 a:RUNNING 5 a:EXITED");
        struct proc *p = kernel_find(&k, "a");
        assert_int_equal(p->exit_expected, rows[i].expected);
        assert_int_equal(p->exitstatus, rows[i].killed ? -1 : rows[i].code);
        assert_string_equal(p->spawnerr, rows[i].spawnerr);
        kernel_free(&k);
    }
}

/* startsecs=0: RUNNING at once; dead at once it passes RUNNING without `success`; not respawned within 100 ms. */
static void startsecs_zero(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    struct spec *spec = kernel_program(&k, "a");
    spec->startsecs = 0;
    spec->autorestart = RESTART_ALWAYS;
    load_and_boot(&k, HABIT(.lives_ns = AT_ONCE));
    kernel_run(&k, 250 * MS);
    kernel_expect(&k, "0 a:SPAWNED a:RAN a:EXITED 0.100 a:SPAWNED a:RAN a:EXITED 0.200 a:SPAWNED a:RAN a:EXITED");
    kernel_habit(&k, "a")->lives_ns = 30 * MS;
    kernel_run(&k, 350 * MS);
    kernel_expect(&k, "0.300 a:SPAWNED a:RUNNING 0.330 a:EXITED");
    kernel_free(&k);
}

/* The hot loop can be stopped between two lives, too. */
static void stop_between_lives(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    struct spec *spec = kernel_program(&k, "a");
    spec->startsecs = 0;
    spec->autorestart = RESTART_ALWAYS;
    load_and_boot(&k, HABIT(.lives_ns = AT_ONCE));
    kernel_run(&k, 150 * MS);
    struct outcome o = request_stop(&k.fleet, kernel_find(&k, "a"));
    assert_int_equal(o.fault, FAULT_SUCCESS);
    assert_false(o.pending);
    kernel_run(&k, 10 * S);
    kernel_expect(&k, "0 a:SPAWNED a:RAN a:EXITED 0.100 a:SPAWNED a:RAN a:EXITED 0.150 a:STOPPED");
    kernel_free(&k);
}

/* RUNNING sets the counter back: a late death is followed by all the retries. */
static void running_resets(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_program(&k, "a")->startretries = 1;
    load_and_boot(&k, HABIT(.lives_ns = AT_ONCE));
    kernel_habit(&k, "a")->lives_ns = 2 * S;
    kernel_habit(&k, "a")->code = 1;
    kernel_run(&k, 3500 * MS);
    kernel_expect(&k, "0 a:SPAWNED a:TOO_QUICK 1 a:SPAWNED 2 a:RUNNING 3 a:EXITED a:SPAWNED");
    kernel_habit(&k, "a")->lives_ns = AT_ONCE;
    kernel_run(&k, 20 * S);
    kernel_expect(&k, "4 a:RUNNING 5 a:EXITED a:SPAWNED a:TOO_QUICK 6 a:SPAWNED a:TOO_QUICK a:FATAL");
    kernel_free(&k);
}

/* restart_delay governs both kinds of restart; only unwanted exits count towards startretries. */
static void restart_delay(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    struct spec *spec = kernel_program(&k, "a");
    spec->restart_delay_ns = 7 * S;
    spec->autorestart = RESTART_ALWAYS;
    spec->startretries = 0;
    load_and_boot(&k, HABIT(.lives_ns = 2 * S));
    kernel_run(&k, 12 * S);
    kernel_expect(&k, "0 a:SPAWNED 1 a:RUNNING 2 a:EXITED a:RETRY 9 a:SPAWNED 10 a:RUNNING 11 a:EXITED a:RETRY");
    kernel_habit(&k, "a")->code = 1;
    kernel_run(&k, 100 * S);
    kernel_expect(&k, "18 a:SPAWNED 19 a:RUNNING 20 a:EXITED a:RETRY a:FATAL");
    kernel_free(&k);
}

static void restart_delay_max(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    struct spec *spec = kernel_program(&k, "a");
    spec->restart_delay_ns = 1 * S;
    spec->restart_delay_max_ns = 60 * S;
    spec->startretries = -1;
    load_and_boot(&k, HABIT(.lives_ns = AT_ONCE));
    struct proc *p = kernel_find(&k, "a");
    for (int64_t wait_ns = S, n = 0; n < 10; n++) {
        int64_t waits_ns = p->retry_ns - p->stopped.mono_ns;
        assert_in_range(waits_ns, wait_ns / 10 * 9, wait_ns / 10 * 11);
        kernel_run(&k, p->retry_ns - START_MONO_NS);
        wait_ns = wait_ns * 2 < 60 * S ? wait_ns * 2 : 60 * S;
    }
    kernel_free(&k);
}

/* What cannot even be spawned costs no time, so that it must not be tried again at once, whatever the keys say. */
static void broken_without_delay(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    struct spec *spec = kernel_program(&k, "a");
    spec->restart_delay_ns = 0;
    spec->startretries = -1;
    load_and_boot(&k, HABIT(.broken = "no such file"));
    kernel_run(&k, 250 * MS);
    kernel_expect(&k, "0 a:SPAWN_ERROR 0.100 a:SPAWN_ERROR 0.200 a:SPAWN_ERROR");
    kernel_free(&k);
}

/* ---- stopping one ---- */

static void stop_and_kill(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    struct spec *spec = kernel_program(&k, "a");
    spec->stopsignal = 3;
    spec->stopwait_ns = 4 * S;
    spec->stopasgroup = spec->killasgroup = true;
    load_and_boot(&k, HABIT(.stops_ns = NEVER_NS, .dies_ns = 9 * S));
    kernel_run(&k, 5 * S);
    fleet_stop(&k.fleet, kernel_find(&k, "a"));
    kernel_run(&k, 60 * S);
    kernel_expect(&k, "0 a:SPAWNED 1 a:RUNNING 5 a:STOPPING a:QUIT* 9 a:KILL* 13 a:KILL* 17 a:KILL* 18 a:STOPPED");
    kernel_free(&k);
}

static void stop_while_starting(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_program(&k, "a");
    load_and_boot(&k, HABIT(.stops_ns = 200 * MS));
    fleet_stop(&k.fleet, kernel_find(&k, "a"));
    kernel_run(&k, 60 * S);
    kernel_expect(&k, "0 a:SPAWNED a:STOPPING a:TERM 0.200 a:STOPPED");
    kernel_free(&k);
}

/* STARTING was told, and before the spawn somebody stops it. */
static void stop_before_spawn(void **state)
{
    struct kernel k;
    struct effect e;

    (void)state;
    kernel_init(&k);
    kernel_program(&k, "a");
    kernel_load(&k);
    fleet_start(&k.fleet, kernel_find(&k, "a"));
    assert_true(fleet_next(&k.fleet, k.now, &e) && e.note == NOTE_STARTING);
    fleet_stop(&k.fleet, kernel_find(&k, "a"));
    kernel_run(&k, 60 * S);
    kernel_expect(&k, "0 a:STOPPED");
    kernel_free(&k);
}

/* The last word counts, whatever comes together in one wake. */
static void last_word(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_program(&k, "a");
    kernel_load(&k);
    struct proc *p = kernel_find(&k, "a");
    fleet_start(&k.fleet, p);
    fleet_stop(&k.fleet, p);
    kernel_run(&k, 1 * S);
    kernel_expect(&k, "");
    fleet_stop(&k.fleet, p);
    fleet_start(&k.fleet, p);
    kernel_run(&k, 3 * S);
    kernel_expect(&k, "1 a:SPAWNED 2 a:RUNNING");
    kernel_free(&k);
}

/* A stop request that comes together with the death makes it a requested one. */
static void stop_and_death(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_program(&k, "a");
    load_and_boot(&k, HABIT(.lives_ns = 3 * S, .code = 1));
    kernel_run(&k, 2 * S);
    kernel_move(&k, 1 * S);
    kernel_happen(&k);
    fleet_stop(&k.fleet, kernel_find(&k, "a"));
    kernel_run(&k, 60 * S);
    kernel_expect(&k, "0 a:SPAWNED 1 a:RUNNING 3 a:STOPPING a:STOPPED");
    kernel_free(&k);
}

static void start_while_stopping(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_program(&k, "a");
    load_and_boot(&k, HABIT(.stops_ns = 3 * S));
    struct proc *p = kernel_find(&k, "a");
    kernel_run(&k, 2 * S);
    assert_int_equal(request_stop(&k.fleet, p).fault, FAULT_SUCCESS);
    kernel_run(&k, 3 * S);
    assert_int_equal(request_start(&k.fleet, p, true).fault, FAULT_ABNORMAL_TERMINATION);
    assert_int_equal(request_stop(&k.fleet, p).fault, FAULT_NOT_RUNNING);
    kernel_run(&k, 60 * S);
    kernel_expect(&k, "0 a:SPAWNED 1 a:RUNNING 2 a:STOPPING a:TERM 5 a:STOPPED");
    kernel_free(&k);
}

/* Asked to start what runs: nothing, now and when it ends later. */
static void start_while_running(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_program(&k, "a");
    load_and_boot(&k, HABIT(.lives_ns = 4 * S));
    kernel_run(&k, 2 * S);
    fleet_start(&k.fleet, kernel_find(&k, "a"));
    kernel_run(&k, 60 * S);
    kernel_expect(&k, "0 a:SPAWNED 1 a:RUNNING 4 a:EXITED");
    kernel_free(&k);
}

/* ---- order and groups ---- */

static void boot_order(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_program(&k, "late");
    kernel_program(&k, "b");
    kernel_group(&k, "a", 2);
    kernel_program(&k, "first");
    kernel_program(&k, "off")->autostart = false;
    k.groups[0].priority = 1000;
    k.groups[3].priority = -1;
    kernel_load(&k);
    kernel_boot(&k);
    kernel_expect(&k, "0 first:SPAWNED a_0:SPAWNED a_1:SPAWNED b:SPAWNED late:SPAWNED");
    kernel_free(&k);
}

static void find_things(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_group(&k, "a", 2);
    kernel_program(&k, "b");
    kernel_load(&k);
    struct fleet_group *a = fleet_group_find(&k.fleet, "a");
    assert_non_null(a);
    assert_null(fleet_group_find(&k.fleet, "c"));
    assert_ptr_equal(fleet_proc_find(a, "a_1"), kernel_find(&k, "a_1"));
    assert_null(fleet_proc_find(a, "b"));
    kernel_free(&k);
}

/* A group goes while its timers are pending, another takes its place. */
static void remove_and_add(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_group(&k, "a", 2);
    kernel_program(&k, "b")->startsecs = 2;
    kernel_load(&k);
    *kernel_habit(&k, "a_0") = *kernel_habit(&k, "a_1") = *HABIT(.lives_ns = 5 * S);
    kernel_boot(&k);
    kernel_run(&k, 5 * S);
    struct fleet_group *a = fleet_group_find(&k.fleet, "a");
    assert_true(fleet_group_is_down(a));
    fleet_start(&k.fleet, kernel_find(&k, "a_1")); /* it is queued when it goes */
    fleet_remove(&k.fleet, a);
    free(k.memory[0]);
    k.memory[0] = NULL;
    kernel_run(&k, 6 * S);
    kernel_add(&k, 0);
    fleet_boot(&k.fleet, fleet_group_find(&k.fleet, "a"));
    kernel_run(&k, 7 * S);
    kernel_expect(&k, "0 a_0:SPAWNED a_1:SPAWNED b:SPAWNED 1 a_0:RUNNING a_1:RUNNING 2 b:RUNNING "
                      "5 a_0:EXITED a_1:EXITED 6 a_0:SPAWNED a_1:SPAWNED 7 a_0:RUNNING a_1:RUNNING");
    kernel_free(&k);
}

/* The twin of a newer generation: what it says counts from then on. */
static void retarget(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_program(&k, "a");
    load_and_boot(&k, HABIT(.stops_ns = NEVER_NS));
    struct spec twin = k.specs[0];
    struct group newer = k.groups[0];
    newer.specs = &twin;
    twin.stopwait_ns = 2 * S;
    fleet_retarget(fleet_group_find(&k.fleet, "a"), &newer);
    memset(k.specs, 0xa5, sizeof k.specs);
    fleet_stop(&k.fleet, kernel_find(&k, "a"));
    kernel_run(&k, 60 * S);
    kernel_expect(&k, "0 a:SPAWNED a:STOPPING a:TERM 2 a:KILL a:STOPPED");
    kernel_free(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(back_off),
        cmocka_unit_test(spawn_errors),
        cmocka_unit_test(hopeless),
        cmocka_unit_test(fatal_and_again),
        cmocka_unit_test(stop_in_backoff),
        cmocka_unit_test(never_started),
        cmocka_unit_test(never_give_up),
        cmocka_unit_test(ends),
        cmocka_unit_test(startsecs_zero),
        cmocka_unit_test(stop_between_lives),
        cmocka_unit_test(running_resets),
        cmocka_unit_test(restart_delay),
        cmocka_unit_test(restart_delay_max),
        cmocka_unit_test(broken_without_delay),
        cmocka_unit_test(stop_and_kill),
        cmocka_unit_test(stop_while_starting),
        cmocka_unit_test(stop_before_spawn),
        cmocka_unit_test(last_word),
        cmocka_unit_test(stop_and_death),
        cmocka_unit_test(start_while_stopping),
        cmocka_unit_test(start_while_running),
        cmocka_unit_test(boot_order),
        cmocka_unit_test(find_things),
        cmocka_unit_test(remove_and_add),
        cmocka_unit_test(retarget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
