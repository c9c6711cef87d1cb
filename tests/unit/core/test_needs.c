/* depends_on (container contract §3): who waits for what, and what becomes of them. */
#include "kernel.h"

/* `web` needs `db` under a condition; `db` is changed by the caller before boot. */
static void load(struct kernel *k, enum condition condition)
{
    static struct need needs[3] = {{"db", NEED_STARTED}, {"db", NEED_HEALTHY}, {"db", NEED_COMPLETED}};

    kernel_init(k);
    kernel_program(k, "db");
    kernel_dependent(k, "web", &needs[condition]);
}

static void boot(struct kernel *k)
{
    kernel_load(k);
    kernel_boot(k);
}

static void started(void **state)
{
    struct kernel k;

    (void)state;
    load(&k, NEED_STARTED);
    k.specs[0].startsecs = 3;
    boot(&k);
    kernel_run(&k, 2 * S);
    kernel_expect(&k, "0 db:SPAWNED web:WAITING");
    TEXT(text, 64);
    need_text(&k.fleet, kernel_find(&k, "web"), &text);
    assert_string_equal(text.ptr, "db (started)");
    kernel_run(&k, 10 * S);
    kernel_expect(&k, "3 db:RUNNING web:SPAWNED 4 web:RUNNING");
    kernel_free(&k);
}

/* Ready is: RUNNING, its checks passed, its message came. */
static void healthy(void **state)
{
    static const char *check = "exec: true";
    struct kernel k;

    (void)state;
    load(&k, NEED_HEALTHY);
    k.specs[0].health.checks = (struct names){&check, 1};
    k.specs[0].notify = NOTIFY_FD;
    k.children[0].habit = (struct habit){.check_fails = true, .check_ns = 500 * MS, .notify_ns = 4 * S};
    boot(&k);
    kernel_run(&k, 2500 * MS);
    kernel_expect(&k, "0 db:SPAWNED web:WAITING 1 db:RUNNING");
    kernel_habit(&k, "db")->check_fails = false;
    kernel_run(&k, 10 * S);
    kernel_expect(&k, "3.500 db:HEALTH 4 web:SPAWNED 5 web:RUNNING");
    kernel_free(&k);
}

static void completed(void **state)
{
    struct kernel k;

    (void)state;
    load(&k, NEED_COMPLETED);
    k.specs[0].oneshot = true;
    k.children[0].habit = (struct habit){.lives_ns = 2 * S, .code = 1};
    boot(&k);
    kernel_run(&k, 2500 * MS);
    kernel_habit(&k, "db")->code = 0;
    kernel_run(&k, 10 * S);
    kernel_expect(&k, "0 db:SPAWNED db:RAN web:WAITING 2 db:RETRY 3 db:SPAWNED db:RAN 5 db:EXITED web:SPAWNED "
                      "6 web:RUNNING");
    /* a start of web does not run it again */
    fleet_stop(&k.fleet, kernel_find(&k, "web"));
    kernel_run(&k, 11 * S);
    fleet_start(&k.fleet, kernel_find(&k, "web"));
    kernel_run(&k, 20 * S);
    kernel_expect(&k, "10 web:STOPPING web:TERM web:STOPPED 11 web:SPAWNED 12 web:RUNNING");
    kernel_free(&k);
}

/* FATAL makes those FATAL that wait; mended, all come up. */
static void fatal_and_revival(void **state)
{
    struct kernel k;

    (void)state;
    load(&k, NEED_STARTED);
    k.specs[0].startretries = 0;
    k.specs[1].on_fatal = ON_END_IGNORE;
    k.children[0].habit.broken = "no such file";
    boot(&k);
    kernel_run(&k, 5 * S);
    kernel_expect(&k, "0 db:SPAWN_ERROR db:FATAL web:FATAL");
    struct proc *web = kernel_find(&k, "web");
    assert_string_equal(web->spawnerr, "dependency db is FATAL");
    assert_int_equal(web->fail_code, 127);
    kernel_habit(&k, "db")->broken = NULL;
    fleet_start(&k.fleet, kernel_find(&k, "db"));
    kernel_run(&k, 10 * S);
    kernel_expect(&k, "5 db:SPAWNED 6 db:RUNNING web:SPAWNED 7 web:RUNNING");
    kernel_free(&k);
}

/* A start of web also starts what it needs, if that is FATAL or STOPPED. */
static void start_takes_needs_along(void **state)
{
    struct kernel k;

    (void)state;
    load(&k, NEED_STARTED);
    k.specs[0].startretries = 0;
    k.children[0].habit.broken = "no such file";
    boot(&k);
    kernel_run(&k, 5 * S);
    kernel_habit(&k, "db")->broken = NULL;
    fleet_start(&k.fleet, kernel_find(&k, "web"));
    kernel_run(&k, 10 * S);
    kernel_expect(&k, "0 db:SPAWN_ERROR db:FATAL web:FATAL 5 web:WAITING db:SPAWNED 6 db:RUNNING web:SPAWNED "
                      "7 web:RUNNING");
    fleet_stop(&k.fleet, kernel_find(&k, "web"));
    fleet_stop(&k.fleet, kernel_find(&k, "db"));
    kernel_run(&k, 11 * S);
    /* that db has been RUNNING before does not count: it is started now */
    fleet_start(&k.fleet, kernel_find(&k, "web"));
    kernel_run(&k, 20 * S);
    kernel_expect(&k, "10 web:STOPPING web:TERM db:STOPPING db:TERM db:STOPPED web:STOPPED 11 web:WAITING db:SPAWNED "
                      "12 db:RUNNING web:SPAWNED 13 web:RUNNING");
    kernel_free(&k);
}

/* What is being stopped comes back when somebody needs it. */
static void needs_of_what_stops(void **state)
{
    struct kernel k;

    (void)state;
    load(&k, NEED_STARTED);
    k.specs[1].autostart = false;
    k.children[0].habit.stops_ns = 3 * S;
    boot(&k);
    kernel_run(&k, 2 * S);
    fleet_stop(&k.fleet, kernel_find(&k, "db"));
    kernel_run(&k, 3 * S);
    fleet_start(&k.fleet, kernel_find(&k, "web"));
    kernel_run(&k, 10 * S);
    kernel_expect(&k, "0 db:SPAWNED 1 db:RUNNING 2 db:STOPPING db:TERM 3 web:WAITING 5 db:STOPPED db:SPAWNED 6 "
                      "db:RUNNING web:SPAWNED 7 web:RUNNING");
    kernel_free(&k);
}

/* autostart=false is started by the boot of what needs it. */
static void boot_starts_needs(void **state)
{
    struct kernel k;

    (void)state;
    load(&k, NEED_STARTED);
    k.specs[0].autostart = false;
    boot(&k);
    kernel_run(&k, 5 * S);
    kernel_expect(&k, "0 web:WAITING db:SPAWNED 1 db:RUNNING web:SPAWNED 2 web:RUNNING");
    kernel_free(&k);
}

/* A stop while it waits is a stop at once; it can be asked for again. */
static void stop_waiting(void **state)
{
    struct kernel k;

    (void)state;
    load(&k, NEED_STARTED);
    k.specs[0].startsecs = 100;
    boot(&k);
    struct proc *web = kernel_find(&k, "web");
    assert_int_equal(request_signal(&k.fleet, web).fault, FAULT_NOT_RUNNING);
    struct outcome o = request_stop(&k.fleet, web);
    assert_true(o.fault == FAULT_SUCCESS && !o.pending);
    kernel_run(&k, 200 * S);
    kernel_expect(&k, "0 db:SPAWNED web:WAITING web:STOPPED 100 db:RUNNING");
    kernel_free(&k);
}

/* Automatic restarts do not wait again. */
static void restarts_do_not_wait(void **state)
{
    struct kernel k;

    (void)state;
    load(&k, NEED_HEALTHY);
    k.children[1].habit = (struct habit){.lives_ns = 3 * S, .code = 1};
    boot(&k);
    kernel_run(&k, 2 * S);
    fleet_stop(&k.fleet, kernel_find(&k, "db"));
    kernel_run(&k, 4500 * MS);
    kernel_expect(&k, "0 db:SPAWNED web:WAITING 1 db:RUNNING web:SPAWNED 2 web:RUNNING db:STOPPING db:TERM db:STOPPED "
                      "4 web:EXITED web:SPAWNED");
    kernel_free(&k);
}

/* on_fatal=exit of what a dependency made FATAL ends with that one's code. */
static void code_of_the_dependency(void **state)
{
    struct kernel k;

    (void)state;
    load(&k, NEED_COMPLETED);
    k.specs[0].oneshot = true;
    k.specs[0].startretries = 0;
    k.specs[1].on_fatal = ON_END_EXIT;
    k.children[0].habit = (struct habit){.lives_ns = S, .code = 42};
    boot(&k);
    kernel_run(&k, 5 * S);
    kernel_expect(&k, "0 db:SPAWNED db:RAN web:WAITING 1 db:RETRY db:FATAL web:FATAL FINISHED");
    assert_int_equal(k.code, 42);
    kernel_free(&k);
}

/* A completed end that will not come any more is as bad as FATAL. */
static void never_completes(void **state)
{
    struct kernel k;

    (void)state;
    load(&k, NEED_COMPLETED);
    k.specs[0].autorestart = RESTART_NEVER;
    k.children[0].habit = (struct habit){.lives_ns = 2 * S, .code = 9};
    boot(&k);
    kernel_run(&k, 5 * S);
    kernel_expect(&k, "0 db:SPAWNED web:WAITING 1 db:RUNNING 2 db:EXITED web:FATAL");
    assert_int_equal(kernel_find(&k, "web")->fail_code, 9);
    kernel_free(&k);
}

/* The load refuses circles, but two generations together can make one: it is waited for, and can be ended. */
static void circle(void **state)
{
    static struct need on_b = {"b", NEED_STARTED}, on_a = {"a", NEED_STARTED};
    struct kernel k;

    (void)state;
    for (int tasks = 0; tasks < 2; tasks++) {
        kernel_init(&k);
        kernel_dependent(&k, "a", &on_b);
        kernel_dependent(&k, "b", &on_a);
        if (tasks)
            k.specs[0].schedule = k.specs[1].schedule = "@every 90s";
        kernel_load(&k);
        kernel_boot(&k);
        kernel_run(&k, 1000 * S);
        fleet_stop_items(&k.fleet, true);
        fleet_stop_all(&k.fleet, 0, k.now);
        kernel_run(&k, 1001 * S);
        assert_true(k.finished);
        kernel_free(&k);
    }
}

/* By a group's name: all of its processes; one of the group may need the others. */
static void groups(void **state)
{
    static struct need need = {"g", NEED_STARTED};
    struct kernel k;

    (void)state;
    kernel_init(&k);
    struct spec *specs = kernel_group(&k, "g", 3);
    specs[1].startsecs = 2;
    specs[2].needs = &need;
    specs[2].needs_n = 1;
    kernel_load(&k);
    kernel_boot(&k);
    kernel_run(&k, 10 * S);
    kernel_expect(&k, "0 g_0:SPAWNED g_1:SPAWNED g_2:WAITING 1 g_0:RUNNING 2 g_1:RUNNING g_2:SPAWNED 3 g_2:RUNNING");
    fleet_stop_all(&k.fleet, 0, k.now);
    kernel_run(&k, 20 * S);
    kernel_expect(&k, "10 g_2:STOPPING g_2:TERM g_2:STOPPED g_0:STOPPING g_0:TERM g_1:STOPPING g_1:TERM g_0:STOPPED "
                      "g_1:STOPPED FINISHED");
    kernel_free(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(started),
        cmocka_unit_test(healthy),
        cmocka_unit_test(completed),
        cmocka_unit_test(fatal_and_revival),
        cmocka_unit_test(start_takes_needs_along),
        cmocka_unit_test(needs_of_what_stops),
        cmocka_unit_test(boot_starts_needs),
        cmocka_unit_test(stop_waiting),
        cmocka_unit_test(restarts_do_not_wait),
        cmocka_unit_test(code_of_the_dependency),
        cmocka_unit_test(never_completes),
        cmocka_unit_test(circle),
        cmocka_unit_test(groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
