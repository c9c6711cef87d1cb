/* Health: check runs, flapping, the judgement of one process in every state, and the line about all. */
#include "base/num.h"
#include "core/health.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define S NS_PER_S

static const struct healthcheck rules = {.interval_ns = 10 * S, .start_interval_ns = 1 * S, .retries = 3};

/* A story of check runs: each entry is a moment and what the run that ends there said. */
struct run {
    int64_t at_s;
    bool passed;
    enum check_status status;
    int64_t due_s;
};

static void play(const struct healthcheck *with, const struct run *runs, size_t n)
{
    struct check_track t;

    check_gone(&t);
    assert_int_equal(t.status, CHECK_NONE);
    assert_int_equal(t.due_ns, NEVER_NS);
    check_spawned(&t, 100 * S);
    assert_int_equal(t.status, CHECK_STARTING);
    assert_int_equal(t.due_ns, 100 * S);
    for (size_t i = 0; i < n; i++) {
        check_began(&t);
        assert_int_equal(t.due_ns, NEVER_NS);
        check_ended(&t, with, runs[i].passed, (100 + runs[i].at_s) * S);
        if (t.status != runs[i].status || t.due_ns != (100 + runs[i].due_s) * S)
            fail_msg("run %zu: status %d, due %lld", i, t.status, (long long)(t.due_ns / S) - 100);
    }
}

static void check_without_start_period(void **state)
{
    static const struct run runs[] = {
        {0, false, CHECK_STARTING, 1},  {1, false, CHECK_STARTING, 2},    {2, false, CHECK_UNHEALTHY, 3},
        {3, false, CHECK_UNHEALTHY, 4}, {4, true, CHECK_HEALTHY, 14},     {14, false, CHECK_HEALTHY, 24},
        {24, false, CHECK_HEALTHY, 34}, {34, true, CHECK_HEALTHY, 44},    {44, false, CHECK_HEALTHY, 54},
        {54, false, CHECK_HEALTHY, 64}, {64, false, CHECK_UNHEALTHY, 74}, {74, true, CHECK_HEALTHY, 84},
    };
    (void)state;
    play(&rules, runs, sizeof runs / sizeof *runs);
}

/* Within the start period failures do not count, unless a pass came before. */
static void check_with_start_period(void **state)
{
    struct healthcheck patient = rules;
    static const struct run slow[] = {
        {0, false, CHECK_STARTING, 1},   {10, false, CHECK_STARTING, 11}, {19, false, CHECK_STARTING, 20},
        {20, false, CHECK_STARTING, 21}, {21, false, CHECK_STARTING, 22}, {22, false, CHECK_UNHEALTHY, 23},
    };
    static const struct run relapse[] = {
        {0, true, CHECK_HEALTHY, 10},
        {1, false, CHECK_HEALTHY, 11},
        {2, false, CHECK_HEALTHY, 12},
        {3, false, CHECK_UNHEALTHY, 13},
    };
    (void)state;
    patient.start_period_ns = 20 * S;
    play(&patient, slow, sizeof slow / sizeof *slow);
    play(&patient, relapse, sizeof relapse / sizeof *relapse);
}

static void late_result_of_a_gone_process(void **state)
{
    struct check_track t;

    (void)state;
    check_spawned(&t, 0);
    check_began(&t);
    check_gone(&t);
    check_ended(&t, &rules, true, 5 * S);
    assert_int_equal(t.status, CHECK_NONE);
    assert_int_equal(t.due_ns, NEVER_NS);
}

static void flaps(void **state)
{
    static const struct {
        int64_t exits_s[8], until_s; /* exits up to a 0; -1 = does not flap */
    } rows[] = {
        {{1}, -1},
        {{1, 2}, -1},
        {{1, 2, 3}, 63},
        {{1, 30, 61}, 121},
        {{1, 30, 62}, -1},
        {{1, 30, 62, 70}, 130},
        {{1, 2, 3, 62}, 122}, /* within 60 s of the last: goes on */
        {{1, 2, 3, 63}, -1},  /* 60 s without one: over */
        {{1, 2, 3, 63, 64}, -1},
        {{1, 2, 3, 63, 64, 65}, 125},
        {{1, 62, 123, 184, 245, 306, 367}, -1},
        {{1, 2, 3, 4, 5, 6, 7}, 67},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct flap_track t = {0};
        assert_int_equal(flap_until_ns(&t), INT64_MIN);
        for (size_t k = 0; k < 8 && rows[i].exits_s[k]; k++)
            flap_exited(&t, rows[i].exits_s[k] * S);
        int64_t want = rows[i].until_s < 0 ? INT64_MIN : rows[i].until_s * S;
        if (flap_until_ns(&t) != want)
            fail_msg("row %zu: until %lld", i, (long long)(flap_until_ns(&t) / S));
    }
}

static void flaps_for_ever(void **state)
{
    struct flap_track t = {0};

    (void)state;
    for (int64_t i = 1; i < 100; i++) {
        flap_exited(&t, i * S);
        assert_int_equal(flap_until_ns(&t), i < 3 ? INT64_MIN : (i + 60) * S);
    }
}

/* The usual program, and what a row changes of it. */
#pragma GCC diagnostic ignored "-Woverride-init"
#define FACTS(...)                                                                                                     \
    {                                                                                                                  \
        .essential = true, .autostart = true, .ever_started = true, __VA_ARGS__                                        \
    }

static void judgements(void **state)
{
    static const struct {
        struct health_facts facts;
        enum health_reason reason;
        bool live;
        int64_t until_s; /* 0 = NEVER */
    } rows[] = {
        {FACTS(.state = PROC_RUNNING), HEALTH_WELL, true, 0},
        {FACTS(.state = PROC_RUNNING, .essential = false), HEALTH_WELL, true, 0},
        {FACTS(.state = PROC_FATAL, .essential = false), HEALTH_WELL, true, 0},
        {FACTS(.state = PROC_FATAL, .essential = false, .named = true), HEALTH_FATAL, false, 0},
        {FACTS(.state = PROC_FATAL), HEALTH_FATAL, false, 0},
        {FACTS(.state = PROC_FATAL, .back_by_ns = 200 * S), HEALTH_FATAL, false, 0},
        {FACTS(.state = PROC_STARTING), HEALTH_STARTING, true, 0},
        {FACTS(.state = PROC_WAITING), HEALTH_WAITING, true, 0},
        {FACTS(.state = PROC_BACKOFF), HEALTH_BACKOFF, true, 0},
        {FACTS(.state = PROC_STOPPING, .stop_requested = true), HEALTH_STOPPING, true, 0},
        {FACTS(.state = PROC_STOPPED, .stop_requested = true), HEALTH_REQUEST, true, 0},
        {FACTS(.state = PROC_STOPPED, .stop_requested = true, .back_by_ns = 200 * S), HEALTH_REQUEST, true, 0},
        /* autostart=false */
        {FACTS(.state = PROC_STOPPED, .autostart = false, .ever_started = false), HEALTH_WELL, true, 0},
        {FACTS(.state = PROC_STOPPED, .autostart = false, .ever_started = false, .named = true), HEALTH_STOPPED, true,
         0},
        {FACTS(.state = PROC_STOPPED, .autostart = false, .stop_requested = true), HEALTH_REQUEST, true, 0},
        {FACTS(.state = PROC_FATAL, .autostart = false), HEALTH_FATAL, false, 0},
        {FACTS(.state = PROC_STOPPED, .ever_started = false), HEALTH_STOPPED, true, 0},
        {FACTS(.state = PROC_WAITING, .autostart = false, .ever_started = false), HEALTH_WAITING, true, 0},
        /* ended */
        {FACTS(.state = PROC_EXITED, .exit_expected = true), HEALTH_WELL, true, 0},
        {FACTS(.state = PROC_EXITED), HEALTH_EXITED, true, 0},
        {FACTS(.state = PROC_EXITED, .comes_back = true), HEALTH_EXITED, true, 0},
        {FACTS(.state = PROC_EXITED, .exit_expected = true, .comes_back = true), HEALTH_EXITED, true, 0},
        /* coming back after a wanted exit, 100 s being now */
        {FACTS(.state = PROC_EXITED, .exit_expected = true, .comes_back = true, .back_by_ns = 101 * S), HEALTH_WELL,
         true, 101},
        {FACTS(.state = PROC_STARTING, .back_by_ns = 101 * S), HEALTH_WELL, true, 101},
        {FACTS(.state = PROC_STOPPING, .back_by_ns = 101 * S), HEALTH_WELL, true, 101},
        {FACTS(.state = PROC_STARTING, .back_by_ns = 100 * S), HEALTH_STARTING, true, 0},
        {FACTS(.state = PROC_RUNNING, .has_check = true, .check = CHECK_STARTING, .back_by_ns = 101 * S), HEALTH_WELL,
         true, 101},
        {FACTS(.state = PROC_RUNNING, .has_check = true, .check = CHECK_UNHEALTHY, .back_by_ns = 101 * S), HEALTH_CHECK,
         false, 0},
        {FACTS(.state = PROC_RUNNING, .back_by_ns = 101 * S), HEALTH_WELL, true, 0},
        /* checks and notify */
        {FACTS(.state = PROC_RUNNING, .has_check = true, .check = CHECK_HEALTHY), HEALTH_WELL, true, 0},
        {FACTS(.state = PROC_RUNNING, .has_check = true, .check = CHECK_STARTING), HEALTH_UNREADY, true, 0},
        {FACTS(.state = PROC_RUNNING, .has_check = true, .check = CHECK_NONE), HEALTH_UNREADY, true, 0},
        {FACTS(.state = PROC_RUNNING, .has_check = true, .check = CHECK_UNHEALTHY), HEALTH_CHECK, false, 0},
        {FACTS(.state = PROC_STARTING, .has_check = true, .check = CHECK_UNHEALTHY), HEALTH_CHECK, false, 0},
        {FACTS(.state = PROC_RUNNING, .awaits_notify = true), HEALTH_UNREADY, true, 0},
        /* flapping, 100 s being now */
        {FACTS(.state = PROC_RUNNING, .flapping_until_ns = 130 * S), HEALTH_FLAPPING, false, 130},
        {FACTS(.state = PROC_EXITED, .comes_back = true, .flapping_until_ns = 130 * S), HEALTH_FLAPPING, false, 130},
        {FACTS(.state = PROC_RUNNING, .flapping_until_ns = 100 * S), HEALTH_WELL, true, 0},
        {FACTS(.state = PROC_EXITED, .kind = HEALTH_JOB, .flapping_until_ns = 130 * S), HEALTH_WELL, true, 0},
        /* oneshots */
        {FACTS(.kind = HEALTH_ONESHOT, .state = PROC_RUNNING), HEALTH_UNFINISHED, true, 0},
        {FACTS(.kind = HEALTH_ONESHOT, .state = PROC_EXITED, .exit_expected = true), HEALTH_WELL, true, 0},
        {FACTS(.kind = HEALTH_ONESHOT, .state = PROC_EXITED, .exit_expected = true, .comes_back = true), HEALTH_WELL,
         true, 0},
        {FACTS(.kind = HEALTH_ONESHOT, .state = PROC_EXITED), HEALTH_EXITED, true, 0},
        {FACTS(.kind = HEALTH_ONESHOT, .state = PROC_BACKOFF), HEALTH_BACKOFF, true, 0},
        {FACTS(.kind = HEALTH_ONESHOT, .state = PROC_FATAL), HEALTH_FATAL, false, 0},
        /* jobs: armed is well */
        {FACTS(.kind = HEALTH_JOB, .state = PROC_EXITED), HEALTH_WELL, true, 0},
        {FACTS(.kind = HEALTH_JOB, .state = PROC_EXITED, .ever_started = false), HEALTH_WELL, true, 0},
        {FACTS(.kind = HEALTH_JOB, .state = PROC_RUNNING), HEALTH_WELL, true, 0},
        {FACTS(.kind = HEALTH_JOB, .state = PROC_STOPPED, .stop_requested = true), HEALTH_REQUEST, true, 0},
        {FACTS(.kind = HEALTH_JOB, .state = PROC_EXITED, .failed_runs = 2, .failed_runs_max = 3), HEALTH_WELL, true, 0},
        {FACTS(.kind = HEALTH_JOB, .state = PROC_RUNNING, .failed_runs = 3, .failed_runs_max = 3), HEALTH_RUNS, false,
         0},
        {FACTS(.kind = HEALTH_JOB, .state = PROC_WAITING), HEALTH_WAITING, true, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct health_verdict v = health_judge(&rows[i].facts, 100 * S);
        int64_t until = rows[i].until_s ? rows[i].until_s * S : NEVER_NS;
        if (v.reason != rows[i].reason || v.live != rows[i].live || v.until_ns != until)
            fail_msg("row %zu: reason %d, live %d, until %lld", i, v.reason, v.live, (long long)(v.until_ns / S));
        assert_int_equal(v.well, v.reason == HEALTH_WELL);
    }
}

/* Not counted, or counted: never anything but a verdict, and a dead reason is never excused. */
static void every_combination(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 1u << 12; bits++) {
        for (int s = 0; s < PROC_STATE_COUNT; s++) {
            struct health_facts f = {
                .state = (enum proc_state)s,
                .kind = (enum health_kind)(bits % 3),
                .essential = bits & 1,
                .named = bits & 2,
                .autostart = bits & 4,
                .ever_started = bits & 8,
                .stop_requested = bits & 16,
                .exit_expected = bits & 32,
                .comes_back = bits & 64,
                .back_by_ns = bits & 128 ? 200 * S : INT64_MIN,
                .check = (enum check_status)(bits >> 8 & 3),
                .has_check = bits & 1024,
                .awaits_notify = bits & 2048,
                .flapping_until_ns = bits % 5 == 0 ? 200 * S : INT64_MIN,
            };
            struct health_verdict v = health_judge(&f, 100 * S);
            assert_true(v.live || !v.well);
            assert_true(v.counted || v.well);
            if (v.counted && (f.state == PROC_FATAL || f.check == CHECK_UNHEALTHY))
                assert_false(v.live);
            if (v.counted && f.state == PROC_STOPPED)
                assert_true(!v.well || (f.back_by_ns > 100 * S && !f.stop_requested));
        }
    }
}

static void back_by(void **state)
{
    struct spec s = {.startsecs = 3, .restart_delay_ns = UNSET};

    (void)state;
    assert_int_equal(health_back_by_ns(&s, 100 * S), 108 * S);
    s.restart_delay_ns = 2 * S;
    assert_int_equal(health_back_by_ns(&s, 100 * S), 110 * S);
    s.startsecs = INT64_MAX;
    assert_int_equal(health_back_by_ns(&s, 100 * S), INT64_MAX);
}

static void reasons(void **state)
{
    static const struct {
        enum health_reason reason;
        const char *detail, *text;
    } rows[] = {
        {HEALTH_FATAL, "Exited too quickly", "x FATAL (Exited too quickly)"},
        {HEALTH_FATAL, "Exited too quickly (process log may have details)", "x FATAL (Exited too quickly)"},
        {HEALTH_FATAL, "(", "x FATAL (()"},
        {HEALTH_FATAL, NULL, "x FATAL"},
        {HEALTH_CHECK, "fastcgi://127.0.0.1:9000: connection refused",
         "x: fastcgi://127.0.0.1:9000: connection refused"},
        {HEALTH_CHECK, "", "x unhealthy"},
        {HEALTH_REQUEST, NULL, "x STOPPED (by request)"},
        {HEALTH_STOPPED, "Not started", "x STOPPED (Not started)"},
        {HEALTH_FLAPPING, NULL, "x flapping (3 exits in 60 s)"},
        {HEALTH_WAITING, "migrate (completed)", "x waiting for migrate (completed)"},
        {HEALTH_WAITING, NULL, "x waiting"},
        {HEALTH_STARTING, NULL, "x STARTING"},
        {HEALTH_BACKOFF, "Exited too quickly", "x BACKOFF (Exited too quickly)"},
        {HEALTH_EXITED, "Bad exit code 1", "x EXITED (Bad exit code 1)"},
        {HEALTH_UNFINISHED, NULL, "x not done yet"},
        {HEALTH_UNREADY, NULL, "x not ready"},
        {HEALTH_UNREADY, "tcp://[::1]:1: refused", "x not ready: tcp://[::1]:1: refused"},
        {HEALTH_RUNS, "exit status 3", "x: its last runs failed (exit status 3)"},
        {HEALTH_STOPPING, NULL, "x STOPPING"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        TEXT(out, 256);
        health_reason_text(&out, "x", rows[i].reason, rows[i].detail);
        assert_string_equal(out.ptr, rows[i].text);
    }
}

static void add(struct health_sum *sum, const char *name, enum health_reason reason, bool live, const char *detail)
{
    struct health_verdict v = {.counted = true, .well = reason == HEALTH_WELL, .live = live, .reason = reason};
    health_sum_add(sum, &v, name, detail);
}

static const char *line(const struct health_sum *sum, bool was_ready, bool stopping)
{
    static char memory[512];
    struct text out;

    text_init(&out, memory, sizeof memory);
    bool ready = health_line(&out, sum, was_ready, stopping);
    assert_int_equal(ready, strcmp(memory, "healthy") == 0);
    return memory;
}

static void lines(void **state)
{
    char memory[512];
    struct health_sum sum;

    (void)state;
    health_sum_init(&sum, memory, sizeof memory);
    assert_string_equal(line(&sum, false, false), "healthy");
    add(&sum, "nginx", HEALTH_WELL, true, NULL);
    assert_string_equal(line(&sum, false, false), "healthy");
    assert_string_equal(line(&sum, true, true), "unhealthy: stopping");
    add(&sum, "migrate", HEALTH_UNFINISHED, true, NULL);
    assert_string_equal(line(&sum, false, false), "starting: migrate not done yet");
    assert_string_equal(line(&sum, true, false), "unhealthy: migrate not done yet");
    add(&sum, "cache", HEALTH_REQUEST, true, NULL);
    assert_string_equal(line(&sum, false, false), "starting: cache STOPPED (by request); migrate not done yet");
    assert_true(sum.live);
    add(&sum, "php-fpm", HEALTH_CHECK, false, "fastcgi://127.0.0.1:9000: connection refused");
    assert_false(sum.live);
    assert_string_equal(line(&sum, false, false), "unhealthy: cache STOPPED (by request); php-fpm: "
                                                  "fastcgi://127.0.0.1:9000: connection refused");
    assert_string_equal(line(&sum, true, false),
                        "unhealthy: cache STOPPED (by request); php-fpm: fastcgi://127.0.0.1:9000: connection refused; "
                        "migrate not done yet");
}

static void many_culprits(void **state)
{
    char memory[128], name[40];
    struct health_sum sum;

    (void)state;
    health_sum_init(&sum, memory, sizeof memory);
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "worker_%03d", i);
        add(&sum, name, HEALTH_FATAL, false, "x");
        add(&sum, "slow", HEALTH_STARTING, true, NULL);
    }
    assert_string_equal(line(&sum, false, false),
                        "unhealthy: worker_000 FATAL (x); worker_001 FATAL (x); and 498 more");
    health_sum_init(&sum, memory, 32);
    add(&sum, "a-name-that-is-too-long", HEALTH_FATAL, false, NULL);
    assert_string_equal(line(&sum, true, false), "unhealthy: a-name-that-...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_without_start_period),
        cmocka_unit_test(check_with_start_period),
        cmocka_unit_test(late_result_of_a_gone_process),
        cmocka_unit_test(flaps),
        cmocka_unit_test(flaps_for_ever),
        cmocka_unit_test(judgements),
        cmocka_unit_test(every_combination),
        cmocka_unit_test(back_by),
        cmocka_unit_test(reasons),
        cmocka_unit_test(lines),
        cmocka_unit_test(many_culprits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
