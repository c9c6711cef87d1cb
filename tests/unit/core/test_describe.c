/* The description texts of supervisord contract §5 and container contract §3. */
#include "core/describe.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct tm night = {.tm_mon = 10, .tm_mday = 24, .tm_hour = 3, .tm_min = 56};
static const struct tm noon = {.tm_mon = 0, .tm_mday = 1, .tm_hour = 12, .tm_min = 0};
static const struct tm midnight = {.tm_mon = 11, .tm_mday = 31, .tm_hour = 0, .tm_min = 5};

static void uptimes(void **state)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } rows[] = {
        {-5, "0:00:00"},           {0, "0:00:00"},
        {62, "0:01:02"},           {3600 * 23 + 59, "23:00:59"},
        {90061, "1 day, 1:01:01"}, {86400 * 2, "2 days, 0:00:00"},
    };
    char text[48];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        describe_uptime(rows[i].seconds, text, sizeof text);
        assert_string_equal(text, rows[i].text);
    }
}

static void times_of_day(void **state)
{
    char text[32];

    (void)state;
    describe_time(&night, text, sizeof text);
    assert_string_equal(text, "Nov 24 03:56 AM");
    describe_time(&noon, text, sizeof text);
    assert_string_equal(text, "Jan 01 12:00 PM");
    describe_time(&midnight, text, sizeof text);
    assert_string_equal(text, "Dec 31 12:05 AM");
}

static void spans(void **state)
{
    static const struct {
        int64_t ns;
        const char *text;
    } rows[] = {
        {-1, "0.0s"},
        {2190000000, "2.1s"},
        {65 * INT64_C(1000000000), "1m05s"},
        {7380 * INT64_C(1000000000), "2h03m"},
        {349200 * INT64_C(1000000000), "4d01h"},
    };
    char text[32];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        describe_span(rows[i].ns, text, sizeof text);
        assert_string_equal(text, rows[i].text);
    }
}

static void each_state_has_its_text(void **state)
{
    static const struct {
        struct describe d;
        const char *text;
    } rows[] = {
        {{.state = PROC_RUNNING, .pid = 7, .uptime_s = 62}, "pid 7, uptime 0:01:02"},
        {{.state = PROC_FATAL, .spawnerr = "can't find command '/x'"}, "can't find command '/x'"},
        {{.state = PROC_BACKOFF, .name = "x"}, "unknown error (try \"tail x\")"},
        {{.state = PROC_STOPPED}, "Not started"},
        {{.state = PROC_STOPPED, .stopped = &night}, "Nov 24 03:56 AM"},
        {{.state = PROC_EXITED, .stopped = &noon}, "Jan 01 12:00 PM"},
        {{.state = PROC_STARTING}, ""},
        {{.state = PROC_STOPPING, .pid = 9}, ""},
        {{.state = PROC_WAITING, .waiting_for = "migrate (completed)"}, "waiting for migrate (completed)"},
        {{.state = PROC_EXITED, .job = true, .next_run = &night, .last_run_ns = -1}, "next run Nov 24 03:56 AM"},
        {{.state = PROC_EXITED, .job = true, .next_run = &night, .last_run_ns = 2190000000},
         "next run Nov 24 03:56 AM, last exit 0 in 2.1s"},
        {{.state = PROC_EXITED, .job = true, .next_run = &night, .last_run_ns = 0, .last_exit = -9},
         "next run Nov 24 03:56 AM, last signal 9 in 0.0s"},
        {{.state = PROC_STOPPED, .job = true, .stopped = &night}, "Nov 24 03:56 AM"},
    };
    char text[DESCRIPTION_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        describe(&rows[i].d, text, sizeof text);
        assert_string_equal(text, rows[i].text);
    }
}

static void what_does_not_fit_is_marked(void **state)
{
    struct describe d = {.state = PROC_FATAL, .spawnerr = "can't find command '/usr/local/bin/x'"};
    char text[16];

    (void)state;
    describe(&d, text, sizeof text);
    assert_string_equal(text, "can't find c...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uptimes),
        cmocka_unit_test(times_of_day),
        cmocka_unit_test(spans),
        cmocka_unit_test(each_state_has_its_text),
        cmocka_unit_test(what_does_not_fit_is_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
