/* Oneshots and jobs, checks and health (container contract §3, §6). The world begins on 2023-11-14, 22:13:20 UTC. */
#include "kernel.h"

#define AT(h, m, s) (((h)*3600 + (m)*60 + (s)-22 * 3600 - 13 * 60 - 20) * S) /* a time of day, since the beginning */

static struct spec *job(struct kernel *k, const char *schedule)
{
    kernel_init(k);
    struct spec *spec = kernel_program(k, "a");
    spec->schedule = schedule;
    spec->essential = false;
    return spec;
}

static void boot(struct kernel *k, struct habit habit)
{
    k->children[0].habit = habit;
    kernel_load(k);
    kernel_boot(k);
}

/* A habit: how long it lives, and more. */
#define LIVES(...) ((struct habit){.lives_ns = __VA_ARGS__})

/* ---- oneshots ---- */

static void oneshot(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    struct spec *spec = kernel_program(&k, "a");
    spec->oneshot = true;
    spec->startretries = 1;
    spec->autorestart = RESTART_ALWAYS; /* ignored, as startsecs is */
    boot(&k, LIVES(3 * S, .code = 6));
    kernel_run(&k, 10 * S);
    kernel_expect(&k, "0 a:SPAWNED a:RAN 3 a:RETRY 4 a:SPAWNED a:RAN 7 a:RETRY a:FATAL");
    assert_string_equal(kernel_find(&k, "a")->spawnerr, "Bad exit code 6");
    assert_int_equal(kernel_find(&k, "a")->fail_code, 6);
    *kernel_habit(&k, "a") = LIVES(2 * S);
    fleet_run(&k.fleet, kernel_find(&k, "a"));
    kernel_run(&k, 100 * S);
    kernel_expect(&k, "10 a:SPAWNED a:RAN 12 a:EXITED");
    assert_true(kernel_find(&k, "a")->completed);
    kernel_free(&k);
}

static void run_timeout(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    struct spec *spec = kernel_program(&k, "a");
    spec->oneshot = true;
    spec->startretries = 0;
    spec->run_timeout_ns = 30 * S;
    boot(&k, (struct habit){.stops_ns = 2 * S});
    kernel_run(&k, 100 * S);
    kernel_expect(&k, "0 a:SPAWNED a:RAN 30 a:TIMEOUT a:STOPPING a:TERM 32 a:RETRY a:FATAL");
    assert_string_equal(kernel_find(&k, "a")->spawnerr, "run_timeout exceeded");
    fleet_start(&k.fleet, kernel_find(&k, "a"));
    kernel_run(&k, 131 * S);
    fleet_stop(&k.fleet, kernel_find(&k, "a")); /* asked for while it is stopped for its time: no failure */
    kernel_run(&k, 200 * S);
    kernel_expect(&k, "100 a:SPAWNED a:RAN 130 a:TIMEOUT a:STOPPING a:TERM 132 a:STOPPED");
    kernel_free(&k);
}

/* The shutdown comes while a run is stopped for its time: it does not go to BACKOFF, and holds nothing up. */
static void run_timeout_at_shutdown(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    struct spec *spec = kernel_program(&k, "a");
    spec->oneshot = true;
    spec->run_timeout_ns = 5 * S;
    boot(&k, (struct habit){.stops_ns = 2 * S});
    kernel_run(&k, 6 * S);
    fleet_stop_all(&k.fleet, 0, k.now);
    kernel_run(&k, 100 * S);
    kernel_expect(&k, "0 a:SPAWNED a:RAN 5 a:TIMEOUT a:STOPPING a:TERM 7 a:STOPPED FINISHED");
    kernel_free(&k);
}

/* ---- jobs ---- */

/* Runs at start, then counts from each end; a failed run waits for its next time. */
static void every(void **state)
{
    struct kernel k;

    (void)state;
    job(&k, "@every 60s");
    boot(&k, LIVES(5 * S));
    kernel_run(&k, 68 * S);
    kernel_expect(&k, "0 a:ARMED a:SPAWNED a:RAN 5 a:EXITED 65 a:SPAWNED a:RAN");
    kernel_habit(&k, "a")->broken = "no such file";
    kernel_run(&k, 131 * S);
    kernel_expect(&k, "70 a:EXITED 130 a:EXITED");
    assert_int_equal(kernel_find(&k, "a")->failed_runs, 1);
    assert_int_equal(kernel_find(&k, "a")->last_run_ns, 0);
    kernel_free(&k);
}

static void cron(void **state)
{
    struct kernel k;

    (void)state;
    job(&k, "*/5 * * * *");
    boot(&k, LIVES(30 * S));
    kernel_run(&k, AT(22, 21, 0));
    kernel_expect(&k, "0 a:ARMED 100 a:SPAWNED a:RAN 130 a:EXITED 400 a:SPAWNED a:RAN 430 a:EXITED");
    kernel_free(&k);
}

static void overlap(void **state)
{
    struct kernel k;

    (void)state;
    job(&k, "*/5 * * * *");
    boot(&k, LIVES(400 * S));
    kernel_run(&k, 800 * S);
    kernel_expect(&k, "0 a:ARMED 100 a:SPAWNED a:RAN 400 a:SKIPPED 500 a:EXITED 700 a:SPAWNED a:RAN");
    kernel_free(&k);
    job(&k, "*/5 * * * *")->schedule_overlap = OVERLAP_REPLACE;
    boot(&k, LIVES(400 * S, .stops_ns = 2 * S));
    kernel_run(&k, 650 * S);
    kernel_expect(&k, "0 a:ARMED 100 a:SPAWNED a:RAN 400 a:STOPPING a:TERM 402 a:STOPPED a:SPAWNED a:RAN");
    kernel_free(&k);
}

/* start arms, start of an armed one runs, stop disarms, run runs what is not armed. */
static void arm_and_run(void **state)
{
    struct kernel k;

    (void)state;
    job(&k, "0 3 * * *")->autostart = false;
    boot(&k, LIVES(2 * S));
    struct proc *a = kernel_find(&k, "a");
    kernel_expect(&k, "");
    assert_false(request_start(&k.fleet, a, true).pending);
    kernel_run(&k, 1 * S);
    kernel_expect(&k, "0 a:ARMED");
    request_start(&k.fleet, a, false); /* start all: it is armed already */
    kernel_run(&k, 10 * S);
    kernel_expect(&k, "");
    assert_true(request_start(&k.fleet, a, true).pending);
    kernel_run(&k, 20 * S);
    kernel_expect(&k, "10 a:SPAWNED a:RAN 12 a:EXITED");
    assert_true(a->armed);
    assert_int_equal(request_stop(&k.fleet, a).fault, FAULT_SUCCESS);
    kernel_run(&k, 30 * S);
    kernel_expect(&k, "20 a:STOPPED");
    assert_int_equal(request_stop(&k.fleet, a).fault, FAULT_NOT_RUNNING);
    assert_true(request_run(&k.fleet, a).pending);
    kernel_run(&k, 31 * S);
    assert_int_equal(request_run(&k.fleet, a).fault, FAULT_ALREADY_STARTED);
    kernel_run(&k, 24 * 3600 * S);
    kernel_expect(&k, "30 a:SPAWNED a:RAN 32 a:EXITED");
    assert_int_equal(a->state, PROC_STOPPED);
    kernel_free(&k);
}

/* A stop of a running job disarms it, too. */
static void stop_running_job(void **state)
{
    struct kernel k;

    (void)state;
    job(&k, "@every 1s");
    boot(&k, LIVES(0));
    kernel_run(&k, 1 * S);
    fleet_stop(&k.fleet, kernel_find(&k, "a"));
    kernel_run(&k, 100 * S);
    kernel_expect(&k, "0 a:ARMED a:SPAWNED a:RAN 1 a:STOPPING a:TERM a:STOPPED");
    assert_false(kernel_find(&k, "a")->armed);
    kernel_free(&k);
}

/* The clock is set: what was skipped runs once, what comes again does not run again; an interval does not care. */
static void clock_is_set(void **state)
{
    struct kernel k;

    (void)state;
    job(&k, "30 22 * * *");
    boot(&k, LIVES(2 * S));
    kernel_run(&k, 60 * S);
    kernel_set_clock(&k, 3600 * S); /* 23:14 */
    kernel_run(&k, 120 * S);
    kernel_expect(&k, "0 a:ARMED 60 a:SPAWNED a:RAN 62 a:EXITED");
    kernel_set_clock(&k, -3600 * S); /* 22:15: half past ten comes again */
    kernel_run(&k, 23 * 3600 * S);
    kernel_expect(&k, "");
    kernel_run(&k, 25 * 3600 * S);
    kernel_expect(&k, "87400 a:SPAWNED a:RAN 87402 a:EXITED");
    kernel_free(&k);
    job(&k, "@every 60s");
    boot(&k, LIVES(2 * S));
    kernel_run(&k, 10 * S);
    kernel_set_clock(&k, -3600 * S);
    kernel_run(&k, 70 * S);
    kernel_set_clock(&k, 3600 * S);
    kernel_run(&k, 130 * S);
    kernel_expect(&k, "0 a:ARMED a:SPAWNED a:RAN 2 a:EXITED 62 a:SPAWNED a:RAN 64 a:EXITED 124 a:SPAWNED a:RAN "
                      "126 a:EXITED");
    kernel_free(&k);
}

/* Berlin, the last Sunday of March: 02:30 is skipped and runs at 03:00; in October it comes twice and runs once. */
static void daylight_saving(void **state)
{
    struct kernel k;

    (void)state;
    job(&k, "30 2 * * *");
    assert_int_equal(zone_from_posix(str_from("CET-1CEST,M3.5.0,M10.5.0/3"), &k.zone), 0);
    k.now.wall_ns = INT64_C(1711839600) * S; /* Saturday 2024-03-31 00:00 CET */
    boot(&k, LIVES(2 * S));
    kernel_run(&k, 24 * 3600 * S);
    kernel_expect(&k, "0 a:ARMED 7200 a:SPAWNED a:RAN 7202 a:EXITED");
    kernel_free(&k);
    job(&k, "30 2 * * *");
    assert_int_equal(zone_from_posix(str_from("CET-1CEST,M3.5.0,M10.5.0/3"), &k.zone), 0);
    k.now.wall_ns = INT64_C(1729980000) * S; /* Sunday 2024-10-27 00:00 CEST */
    boot(&k, LIVES(2 * S));
    kernel_run(&k, 24 * 3600 * S);
    kernel_expect(&k, "0 a:ARMED 9000 a:SPAWNED a:RAN 9002 a:EXITED");
    kernel_free(&k);
}

/* Each run waits for what it needs. */
static void job_waits(void **state)
{
    static struct need need = {"b", NEED_COMPLETED};
    struct kernel k;

    (void)state;
    struct spec *spec = job(&k, "@every 60s");
    spec->needs = &need;
    spec->needs_n = 1;
    kernel_program(&k, "b")->oneshot = true;
    k.children[1].habit.lives_ns = 5 * S;
    boot(&k, LIVES(2 * S));
    kernel_run(&k, 70 * S);
    kernel_expect(&k, "0 a:ARMED a:WAITING b:SPAWNED b:RAN 5 b:EXITED a:SPAWNED a:RAN 7 a:EXITED 67 a:SPAWNED a:RAN "
                      "69 a:EXITED");
    kernel_free(&k);
    struct spec *other = job(&k, "@every 60s");
    other->needs = &need;
    other->needs_n = 1;
    kernel_program(&k, "b")->oneshot = true;
    boot(&k, LIVES(2 * S));
    fleet_stop(&k.fleet, kernel_find(&k, "a")); /* a stop while it waits disarms it */
    kernel_run(&k, 5 * S);
    kernel_expect(&k, "0 a:ARMED a:WAITING b:SPAWNED b:RAN a:STOPPED");
    assert_false(kernel_find(&k, "a")->armed);
    kernel_free(&k);
}

/* ---- checks ---- */

static struct spec *checked(struct kernel *k, enum on_unhealthy on_unhealthy)
{
    static const char *check = "exec: true";

    kernel_init(k);
    k->show_checks = true;
    struct spec *spec = kernel_program(k, "a");
    spec->health.checks = (struct names){&check, 1};
    spec->on_unhealthy = on_unhealthy;
    return spec;
}

static const char *health_of(struct kernel *k)
{
    static char line[256];
    struct text text;

    text_init(&text, line, sizeof line);
    struct proc *p = kernel_find(k, "a");
    struct health_verdict v = proc_judge(p, false, k->now);
    if (!v.counted)
        return "not counted";
    TEXT(detail, 128);
    proc_health_detail(&k->fleet, p, v.reason, &detail);
    health_reason_text(&text, "a", v.reason, detail.ptr);
    return v.well ? "well" : line;
}

static void unhealthy_restarts(void **state)
{
    struct kernel k;

    (void)state;
    checked(&k, UNHEALTHY_RESTART);
    boot(&k, (struct habit){.check_ns = 100 * MS});
    kernel_run(&k, 2 * S);
    kernel_expect(&k, "0 a:SPAWNED a:check 0.100 a:HEALTH 1 a:RUNNING");
    assert_string_equal(health_of(&k), "well");
    kernel_habit(&k, "a")->check_fails = true;
    kernel_run(&k, 31 * S);
    kernel_expect(&k, "10.100 a:check 20.200 a:check 30.300 a:check 30.400 a:STOPPING a:TERM a:STOPPED a:SPAWNED "
                      "a:check");
    for (int64_t at = 31; at < 60; at++) { /* that was no wanted exit: it is not well before it passes */
        kernel_run(&k, at * S);
        assert_string_not_equal(health_of(&k), "well");
    }
    kernel_free(&k);
}

static void unhealthy_exits(void **state)
{
    struct kernel k;

    (void)state;
    checked(&k, UNHEALTHY_EXIT)->health.retries = 1;
    boot(&k, (struct habit){.check_fails = true, .check_ns = 100 * MS});
    kernel_run(&k, 10 * S);
    kernel_expect(&k, "0 a:SPAWNED a:check 0.100 a:HEALTH a:STOPPING a:TERM a:STOPPED FINISHED");
    assert_int_equal(k.code, 1);
    kernel_free(&k);
}

/* A check that fails because its process is being stopped restarts nothing. */
static void unhealthy_while_stopping(void **state)
{
    struct kernel k;

    (void)state;
    checked(&k, UNHEALTHY_RESTART)->health.retries = 1;
    boot(&k, (struct habit){.check_fails = true, .check_ns = 3 * S, .stops_ns = 5 * S});
    kernel_run(&k, 2 * S);
    fleet_stop(&k.fleet, kernel_find(&k, "a"));
    kernel_run(&k, 100 * S);
    kernel_expect(&k, "0 a:SPAWNED a:check 1 a:RUNNING 2 a:STOPPING a:TERM 7 a:STOPPED");
    kernel_free(&k);
}

/* Unhealthy and stopped by request in one wake: it stays down. */
static void unhealthy_and_stop(void **state)
{
    struct kernel k;

    (void)state;
    checked(&k, UNHEALTHY_RESTART)->health.retries = 1;
    boot(&k, (struct habit){.check_fails = true, .check_ns = 3 * S});
    kernel_run(&k, 2 * S);
    kernel_move(&k, 1 * S);
    kernel_happen(&k);
    fleet_stop(&k.fleet, kernel_find(&k, "a"));
    kernel_run(&k, 100 * S);
    kernel_expect(&k, "0 a:SPAWNED a:check 1 a:RUNNING 3 a:STOPPING a:TERM a:STOPPED");
    kernel_free(&k);
}

/* An interval of 0 leaves time for other things. */
static void interval_zero(void **state)
{
    struct kernel k;

    (void)state;
    checked(&k, UNHEALTHY_NONE)->health.interval_ns = 0;
    boot(&k, (struct habit){0});
    kernel_run(&k, 250 * MS);
    kernel_expect(&k, "0 a:SPAWNED a:check a:HEALTH 0.100 a:check 0.200 a:check");
    kernel_free(&k);
}

/* ---- health ---- */

static void notify(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_program(&k, "a")->notify = NOTIFY_FD;
    boot(&k, (struct habit){.notify_ns = 5 * S});
    kernel_run(&k, 2 * S);
    assert_string_equal(health_of(&k), "a not ready: no readiness message yet");
    assert_false(fleet_is_ready(&k.fleet, k.now));
    assert_false(k.fleet.was_ready);
    kernel_run(&k, 5 * S);
    assert_string_equal(health_of(&k), "well");
    assert_true(fleet_is_ready(&k.fleet, k.now));
    assert_true(k.fleet.was_ready);
    kernel_free(&k);
}

/* X(moment, what health says) in the life of a program that keeps failing */
static void health_words(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    struct spec *spec = kernel_program(&k, "a");
    spec->startretries = 1;
    boot(&k, LIVES(3 * S, .code = 1));
    assert_string_equal(health_of(&k), "a STARTING");
    kernel_run(&k, 2 * S);
    assert_string_equal(health_of(&k), "well");
    kernel_run(&k, 9 * S); /* the third exit within 60 s */
    assert_string_equal(health_of(&k), "a flapping (3 exits in 60 s)");
    kernel_habit(&k, "a")->lives_ns = AT_ONCE;
    kernel_run(&k, 12 * S);
    assert_string_equal(health_of(&k), "a flapping (3 exits in 60 s)");
    kernel_run(&k, 20 * S);
    assert_string_equal(health_of(&k), "a FATAL (Exited too quickly)");
    *kernel_habit(&k, "a") = (struct habit){0};
    fleet_start(&k.fleet, kernel_find(&k, "a"));
    kernel_run(&k, 100 * S);
    assert_string_equal(health_of(&k), "well");
    fleet_stop(&k.fleet, kernel_find(&k, "a"));
    kernel_run(&k, 101 * S);
    assert_string_equal(health_of(&k), "a STOPPED (by request)");
    kernel_free(&k);
}

/* A worker that exits 0 and comes back never makes its container unhealthy. */
static void wanted_exits(void **state)
{
    struct kernel k;

    (void)state;
    kernel_init(&k);
    struct spec *spec = kernel_program(&k, "a");
    spec->autorestart = RESTART_ALWAYS;
    spec->restart_delay_ns = 2 * S;
    boot(&k, LIVES(5 * S));
    kernel_run(&k, 2 * S);
    for (int64_t at = 2; at < 100; at++) {
        kernel_run(&k, at * S);
        assert_string_equal(health_of(&k), "well");
    }
    kernel_habit(&k, "a")->broken = "gone"; /* unless it does not come back */
    kernel_run(&k, 120 * S);
    assert_string_not_equal(health_of(&k), "well");
    kernel_free(&k);
}

static void failing_job(void **state)
{
    struct kernel k;

    (void)state;
    struct spec *spec = job(&k, "@every 10s");
    boot(&k, LIVES(1 * S, .code = 3));
    assert_string_equal(health_of(&k), "not counted");
    spec->essential = true;
    kernel_run(&k, 13 * S);
    assert_string_equal(health_of(&k), "well");
    kernel_run(&k, 24 * S);
    assert_string_equal(health_of(&k), "a: its last runs failed (exit status 3)");
    kernel_habit(&k, "a")->code = 0;
    kernel_run(&k, 50 * S);
    assert_string_equal(health_of(&k), "well");
    kernel_free(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oneshot),
        cmocka_unit_test(run_timeout),
        cmocka_unit_test(run_timeout_at_shutdown),
        cmocka_unit_test(every),
        cmocka_unit_test(cron),
        cmocka_unit_test(overlap),
        cmocka_unit_test(arm_and_run),
        cmocka_unit_test(stop_running_job),
        cmocka_unit_test(clock_is_set),
        cmocka_unit_test(daylight_saving),
        cmocka_unit_test(job_waits),
        cmocka_unit_test(unhealthy_restarts),
        cmocka_unit_test(unhealthy_exits),
        cmocka_unit_test(unhealthy_while_stopping),
        cmocka_unit_test(unhealthy_and_stop),
        cmocka_unit_test(interval_zero),
        cmocka_unit_test(notify),
        cmocka_unit_test(health_words),
        cmocka_unit_test(wanted_exits),
        cmocka_unit_test(failing_job),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
