/* Schedules: what is accepted, what is refused with which words, and when the next run comes. */
#include "core/civil.h"
#include "core/schedule.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"
#define LORD_HOWE "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"
#define SYDNEY "AEST-10AEDT,M10.1.0,M4.1.0/3"
#define NEW_YORK "EST5EDT,M3.2.0,M11.1.0"

static int64_t seconds(const char *utc)
{
    int year, month, day, hour, minute, second = 0;
    assert_true(sscanf(utc, "%d-%d-%d %d:%d:%d", &year, &month, &day, &hour, &minute, &second) >= 5);
    return civil_days(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
}

static struct schedule parsed(const char *text)
{
    struct schedule s;
    struct err e = {0};
    if (schedule_parse(text, &s, &e) != 0)
        fail_msg("'%s': %s", text, e.text);
    return s;
}

static struct zone zone(const char *posix)
{
    struct zone z = {0};
    assert_int_equal(zone_from_posix(str_from(posix), &z), 0);
    return z;
}

static void next_runs(void **state)
{
    /* All in UTC: the zone, after which moment, the next runs. */
    static const struct {
        const char *text, *zone, *after, *runs[4];
    } rows[] = {
        {"* * * * *", "UTC0", "2024-01-01 00:00:00", {"2024-01-01 00:01", "2024-01-01 00:02"}},
        {"* * * * *", "UTC0", "2024-01-01 00:00:59", {"2024-01-01 00:01"}},
        {"*/20 * * * *", "UTC0", "2024-01-01 00:30", {"2024-01-01 00:40", "2024-01-01 01:00", "2024-01-01 01:20"}},
        {"5-10/5,30 2 * * *", "UTC0", "2024-01-01 00:00", {"2024-01-01 02:05", "2024-01-01 02:10", "2024-01-01 02:30"}},
        {"0 0 29 2 *", "UTC0", "2024-03-01 00:00", {"2028-02-29 00:00", "2032-02-29 00:00"}},
        {"0 0 29 2 *", "UTC0", "2096-03-01 00:00", {"2104-02-29 00:00"}},
        {"0 0 29 2 */7", "UTC0", "2024-03-01 00:00", {"2032-02-29 00:00", "2060-02-29 00:00"}},
        {"0 0 13 * fri", "UTC0", "2024-09-07 00:00", {"2024-09-13 00:00", "2024-09-20 00:00", "2024-09-27 00:00"}},
        {"0 0 1 * mon", "UTC0", "2024-01-30 00:00", {"2024-02-01 00:00", "2024-02-05 00:00"}},
        {"0 0 */2 * mon", "UTC0", "2024-01-01 00:00", {"2024-01-15 00:00", "2024-01-29 00:00"}},
        {"0 0 * * 7", "UTC0", "2024-01-01 00:00", {"2024-01-07 00:00", "2024-01-14 00:00"}},
        {"0 0 * * fri-sun", "UTC0", "2024-01-01 00:00", {"2024-01-05 00:00", "2024-01-06 00:00", "2024-01-07 00:00"}},
        {"0 0 * * SAT-7", "UTC0", "2024-01-01 00:00", {"2024-01-06 00:00", "2024-01-07 00:00", "2024-01-13 00:00"}},
        {"0 12 31 * *", "UTC0", "2024-01-31 12:00", {"2024-03-31 12:00", "2024-05-31 12:00"}},
        {"30 6 1 jan,JUL *", "UTC0", "2024-01-01 06:30", {"2024-07-01 06:30", "2025-01-01 06:30"}},
        {"59 23 31 12 *", "UTC0", "2099-12-31 23:59", {"2100-12-31 23:59"}},
        {"0 0 28 2 *", "UTC0", "2100-02-28 00:00", {"2101-02-28 00:00"}},
        {"@hourly", "UTC0", "2024-01-01 00:00", {"2024-01-01 01:00"}},
        {"@daily", "UTC0", "2024-01-01 00:00", {"2024-01-02 00:00"}},
        {"@midnight", "UTC0", "2024-01-01 00:00", {"2024-01-02 00:00"}},
        {"@Weekly", "UTC0", "2024-01-01 00:00", {"2024-01-07 00:00"}},
        {"@monthly", "UTC0", "2024-01-01 00:00", {"2024-02-01 00:00"}},
        {" @yearly ", "UTC0", "2024-01-01 00:00", {"2025-01-01 00:00"}},
        {"@annually", "UTC0", "2024-01-01 00:00", {"2025-01-01 00:00"}},
        {"@every 90s", "UTC0", "2024-01-01 00:00:07", {"2024-01-01 00:01:37"}},
        {"@every 1500ms", "UTC0", "2024-01-01 00:00:00", {"2024-01-01 00:00:02"}},
        {"0 0 1 1 *", "UTC0", "1960-06-01 00:00", {"1961-01-01 00:00"}},
        /* Berlin, forward: 02:00-02:59 are skipped and run once, at 03:00 summer time */
        {"30 2 * * *", BERLIN, "2024-03-30 01:30", {"2024-03-31 01:00", "2024-04-01 00:30"}},
        {"*/10 2 * * *", BERLIN, "2024-03-30 02:00", {"2024-03-31 01:00", "2024-04-01 00:00", "2024-04-01 00:10"}},
        {"0 3 * * *", BERLIN, "2024-03-30 02:00", {"2024-03-31 01:00", "2024-04-01 01:00"}},
        {"0 2,3 * * *", BERLIN, "2024-03-30 02:00", {"2024-03-31 01:00", "2024-04-01 00:00"}},
        {"30 2 * * *", BERLIN, "2024-03-31 00:59:59", {"2024-03-31 01:00"}},
        {"0 * * * *", BERLIN, "2024-03-31 00:00", {"2024-03-31 01:00", "2024-03-31 02:00"}},
        {"30 2 31 3 *", BERLIN, "2024-01-01 00:00", {"2024-03-31 01:00", "2025-03-31 00:30"}},
        /* Berlin, back: 02:00-02:59 come twice and run once; an hourly job runs in each hour that passes */
        {"30 2 * * *", BERLIN, "2024-10-26 12:00", {"2024-10-27 00:30", "2024-10-28 01:30"}},
        {"0 3 * * *", BERLIN, "2024-10-26 12:00", {"2024-10-27 02:00", "2024-10-28 02:00"}},
        {"*/30 2 * * *", BERLIN, "2024-10-26 12:00", {"2024-10-27 00:00", "2024-10-27 00:30", "2024-10-28 01:00"}},
        {"*/30 2 * * *", BERLIN, "2024-10-27 01:10", {"2024-10-28 01:00"}},
        {"0 * * * *", BERLIN, "2024-10-26 23:30", {"2024-10-27 00:00", "2024-10-27 01:00", "2024-10-27 02:00"}},
        {"*/30 * * * *", BERLIN, "2024-10-27 00:30", {"2024-10-27 01:00", "2024-10-27 01:30", "2024-10-27 02:00"}},
        {"30 2 27 10 *", BERLIN, "2024-10-27 00:30", {"2025-10-27 01:30"}},
        {"0 12 * * *", BERLIN, "2100-03-27 12:00", {"2100-03-28 10:00"}},
        /* half an hour, in the south */
        {"15 2 * * *", LORD_HOWE, "2024-10-05 00:00", {"2024-10-05 15:30", "2024-10-06 15:15"}},
        {"45 1 * * *", LORD_HOWE, "2024-04-06 00:00", {"2024-04-06 14:45", "2024-04-07 15:15"}},
        {"45 * * * *", LORD_HOWE, "2024-04-06 14:00", {"2024-04-06 14:45", "2024-04-06 15:15", "2024-04-06 16:15"}},
        {"30 2 * * *", SYDNEY, "2024-10-05 00:00", {"2024-10-05 16:00", "2024-10-06 15:30"}},
        {"30 2 * * *", SYDNEY, "2024-04-06 00:00", {"2024-04-06 15:30", "2024-04-07 16:30"}},
        {"30 2 * * *", NEW_YORK, "2024-03-09 12:00", {"2024-03-10 07:00", "2024-03-11 06:30"}},
        {"30 1 * * *", NEW_YORK, "2024-11-02 12:00", {"2024-11-03 05:30", "2024-11-04 06:30"}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct schedule s = parsed(rows[i].text);
        struct zone z = zone(rows[i].zone);
        int64_t at = seconds(rows[i].after);
        for (size_t k = 0; k < 4 && rows[i].runs[k]; k++) {
            at = schedule_next(&s, &z, at);
            struct civil c = civil_from_seconds(at);
            if (at != seconds(rows[i].runs[k]))
                fail_msg("'%s' %s after %s: run %zu is %d-%02d-%02d %02d:%02d:%02d, not %s", rows[i].text, rows[i].zone,
                         rows[i].after, k, c.year, c.month, c.day, c.hour, c.minute, c.second, rows[i].runs[k]);
        }
    }
}

static void refused(void **state)
{
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"61 * * * *", "'61' is no minute; right would be 0-59"},
        {"* 24 * * *", "'24' is no hour; right would be 0-23"},
        {"* * 0 * *", "'0' is no day of the month; right would be 1-31"},
        {"* * * 13 *", "'13' is no month; right would be 1-12 or jan-dec"},
        {"* * * january *", "'january' is no month; right would be 1-12 or jan-dec"},
        {"* * * * 8", "'8' is no day of the week; right would be 0-7 (0 and 7 are Sunday) or sun-sat"},
        {"* * * * mon-wen", "'wen' is no day of the week"},
        {"-1 * * * *", "'' is no minute"},
        {"+1 * * * *", "'+1' is no minute"},
        {"1- * * * *", "'' is no minute"},
        {"1-2-3 * * * *", "'2-3' is no minute"},
        {"30-10 * * * *", "'30-10' runs backwards; right would be 10-30"},
        {"*/0 * * * *", "'*/0' has no step; right would be */N with N from 1 on"},
        {"*/ * * * *", "'*/' has no step"},
        {"*/x * * * *", "'*/x' has no step"},
        {"*/-5 * * * *", "'*/-5' has no step"},
        {"5/10 * * * *", "'5/10' steps from a single minute; right would be 5-59/10"},
        {"1,,2 * * * *", "a list of the minute has an empty place"},
        {"1, * * * *", "a list of the minute has an empty place"},
        {", * * * *", "a list of the minute has an empty place"},
        {"? * * * *", "'?' is no minute"},
        {"* * L * *", "'L' is no day of the month"},
        {"* * * *", "'* * * *' has 4 fields, not 5; right would be 'MINUTE HOUR DAY MONTH WEEKDAY'"},
        {"0 * * * * *", "has 6 fields, not 5"},
        {"* * * * * php artisan schedule:run", "has 8 fields, not 5"},
        {"", "'' has 0 fields, not 5"},
        {"0 0 30 2 *", "'0 0 30 2 *' never comes; right would be a day that its month has"},
        {"0 0 31 4,6,9,11 *", "never comes"},
        {"0 0 30-31 feb */7", "never comes"},
        {"@dayly", "'@dayly' is no schedule; right would be 'MINUTE"},
        {"@daily x", "'@daily x' is no schedule"},
        {"@reboot", "right would be oneshot=true, which runs at start"},
        {"@every", "'@every ' has no interval; right would be '@every 90s'"},
        {"@every 0", "'@every 0' has no interval"},
        {"@every -5s", "'@every -5s' has no interval"},
        {"@every soon", "'@every soon' has no interval"},
        {"99999999999999999999 * * * *", "is no minute"},
        {"*/99999999999999999999 * * * *", "has no step"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct schedule s = {.every_ns = 42};
        struct err e = {0};
        assert_int_equal(schedule_parse(rows[i].text, &s, &e), -EINVAL);
        assert_int_equal(schedule_parse(rows[i].text, &s, NULL), -EINVAL);
        if (!strstr(e.text, rows[i].words))
            fail_msg("'%s': %s", rows[i].text, e.text);
        assert_int_equal(s.every_ns, 42);
    }
}

/* A step beyond the field is its first value, as in cron. */
static void long_steps(void **state)
{
    struct schedule s = parsed("*/9223372036854775807 0-23/24 * * *");

    (void)state;
    assert_int_equal(s.minutes, 1);
    assert_int_equal(s.hours, 1);
}

/* A clock set an hour back or forth: the next run depends on nothing but the new time. */
static void clock_steps(void **state)
{
    struct schedule s = parsed("*/15 * * * *");
    int64_t noon = seconds("2024-06-01 12:07");

    (void)state;
    assert_int_equal(schedule_next(&s, &zone_utc, noon), seconds("2024-06-01 12:15"));
    assert_int_equal(schedule_next(&s, &zone_utc, noon - 3600), seconds("2024-06-01 11:15"));
    assert_int_equal(schedule_next(&s, &zone_utc, noon + 3600), seconds("2024-06-01 13:15"));
}

static void far_away(void **state)
{
    struct schedule s = parsed("0 0 29 2 */7"), every = parsed("@every 90s");
    struct zone z = zone(BERLIN);

    (void)state;
    assert_int_equal(schedule_next(&s, &z, INT64_MAX), NEVER_S);
    assert_int_equal(schedule_next(&s, &z, CIVIL_MAX_S), NEVER_S);
    assert_int_equal(schedule_next(&s, &z, seconds("9999-03-01 00:00")), NEVER_S);
    assert_true(schedule_next(&s, &z, INT64_MIN) < seconds("0100-01-01 00:00"));
    assert_int_equal(schedule_next(&every, &z, INT64_MAX - 10), INT64_MAX);
}

/* Twenty years of Berlin: strictly forward, and each local time of the schedule exactly once. */
static void every_day_once(void **state)
{
    struct schedule s = parsed("30 2 * * *");
    struct zone z = zone(BERLIN);
    int64_t at = seconds("2020-01-01 00:00");
    int64_t day = civil_days(2020, 1, 1);

    (void)state;
    for (int i = 0; i < 7305; i++, day++) {
        int64_t next = schedule_next(&s, &z, at);
        assert_true(next > at);
        assert_int_equal((next + zone_offset_at(&z, next)) / SECONDS_PER_DAY, day);
        at = next;
    }
}

/* --- against a clock that ticks minute by minute --- */

static bool shows(const struct schedule *s, int64_t local_s)
{
    struct civil c = civil_from_seconds(local_s);
    bool day = s->days >> c.day & 1, weekday = s->weekdays >> c.weekday & 1;

    return s->minutes >> c.minute & 1 && s->hours >> c.hour & 1 && s->months >> c.month & 1 &&
           (s->either_day ? day || weekday : day && weekday);
}

/* The first run at a minute in (after, until], or NEVER_S. `after` is a whole minute. */
static int64_t tick(const struct schedule *s, const struct zone *z, int64_t after, int64_t until)
{
    int64_t seen = INT64_MIN; /* local times below this were shown */

    for (int64_t at = after - 7200; at <= until; at += 60) {
        int64_t local = at + zone_offset_at(z, at);
        bool runs = shows(s, local) && (local >= seen || s->hours == SCHEDULE_EVERY_HOUR);
        for (int64_t skipped = seen; seen != INT64_MIN && skipped < local; skipped += 60)
            runs = runs || shows(s, skipped);
        if (local >= seen)
            seen = local + 60;
        if (runs && at > after)
            return at;
    }
    return NEVER_S;
}

static void random_schedules(void **state)
{
    static const char *const zones[] = {BERLIN, LORD_HOWE, SYDNEY, NEW_YORK, "UTC0"};
    static const char *const days[] = {"2024-03-30 22:00", "2024-10-26 22:00", "2024-03-10 05:00", "2024-11-03 03:00",
                                       "2024-04-06 12:00", "2024-10-05 12:00", "2024-02-28 12:00"};
    uint32_t seed = 7;

    (void)state;
    for (int round = 0; round < 200; round++) {
        uint32_t r[5];
        for (int i = 0; i < 5; i++)
            r[i] = (seed = seed * 1664525 + 1013904223) >> 8;
        struct schedule s = {
            .minutes = (UINT64_C(1) << r[0] % 60) | (UINT64_C(1) << r[1] % 60),
            .hours = r[2] % 4 ? 1u << r[2] % 24 | 1u << r[3] % 4 : SCHEDULE_EVERY_HOUR,
            .days = r[3] % 3 ? 0xfffffffe : r[4] | 1u << 29,
            .months = 0x1ffe,
            .weekdays = r[4] % 3 ? 0x7f : (r[0] & 0x7f) | 1,
            .either_day = r[1] % 2,
        };
        struct zone z = zone(zones[r[4] % 5]);
        int64_t after = seconds(days[r[1] % 7]) + (int64_t)(r[0] % 600) * 60;
        int64_t until = after + 3 * SECONDS_PER_DAY;
        for (;;) {
            int64_t want = tick(&s, &z, after, until), got = schedule_next(&s, &z, after);
            if (want == NEVER_S) {
                assert_true(got > until);
                break;
            }
            if (got != want)
                fail_msg("round %d after %lld: %lld, not %lld", round, (long long)after, (long long)got,
                         (long long)want);
            after = got + 7200 * (int64_t)(r[2] % 2);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_runs),        cmocka_unit_test(refused),  cmocka_unit_test(long_steps),
        cmocka_unit_test(clock_steps),      cmocka_unit_test(far_away), cmocka_unit_test(every_day_once),
        cmocka_unit_test(random_schedules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
