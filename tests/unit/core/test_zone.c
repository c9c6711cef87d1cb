/* Zones: POSIX strings, TZif bytes, and every zone of this machine against localtime_r. */
#include "core/civil.h"
#include "core/zone.h"
#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"

static int64_t utc(int year, int month, int day, int hour, int minute, int second)
{
    return civil_days(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
}

static struct zone posix(const char *text)
{
    struct zone z = {0};
    assert_int_equal(zone_from_posix(str_from(text), &z), 0);
    return z;
}

static void calendar_agrees_with_libc(void **state)
{
    (void)state;
    for (int64_t s = CIVIL_MIN_S; s <= CIVIL_MAX_S; s += 86400 * 17 + 3607) {
        time_t t = (time_t)s;
        struct tm tm;
        struct civil c = civil_from_seconds(s);
        gmtime_r(&t, &tm);
        if (c.year != tm.tm_year + 1900 || c.month != tm.tm_mon + 1 || c.day != tm.tm_mday || c.hour != tm.tm_hour ||
            c.minute != tm.tm_min || c.second != tm.tm_sec || c.weekday != tm.tm_wday)
            fail_msg("%lld is %d-%d-%d", (long long)s, c.year, c.month, c.day);
        assert_true(utc(c.year, c.month, c.day, c.hour, c.minute, c.second) == s);
    }
    assert_int_equal(civil_from_seconds(INT64_MAX).year, 9999);
    assert_int_equal(civil_from_seconds(INT64_MIN).year, 1);
    assert_int_equal(civil_month_days(2000, 2), 29);
    assert_int_equal(civil_month_days(2100, 2), 28);
    assert_int_equal(civil_month_days(2024, 12), 31);
}

static void posix_strings(void **state)
{
    static const struct {
        const char *text;
        int year, month, day, hour;
        int32_t offset_s;
    } rows[] = {
        {"UTC0", 2024, 7, 1, 0, 0},
        {BERLIN, 2024, 1, 1, 0, 3600},
        {BERLIN, 2024, 3, 31, 0, 3600},
        {BERLIN, 2024, 3, 31, 1, 7200},
        {BERLIN, 2024, 10, 27, 0, 7200},
        {BERLIN, 2024, 10, 27, 1, 3600},
        {BERLIN, 2100, 3, 28, 1, 7200},
        {BERLIN, 2100, 7, 1, 0, 7200},
        {BERLIN, 2024, 12, 31, 23, 3600},
        {"EST5EDT,M3.2.0,M11.1.0", 2024, 3, 10, 6, -18000},
        {"EST5EDT,M3.2.0,M11.1.0", 2024, 3, 10, 7, -14400},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 2024, 1, 1, 0, 39600}, /* Lord Howe: half an hour */
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 2024, 7, 1, 0, 37800},
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", 2024, 12, 31, 23, 39600}, /* the south: summer over the new year */
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", 2024, 6, 1, 0, 36000},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", 2024, 1, 1, 0, 0}, /* Dublin: winter is the exception */
        {"IST-1GMT0,M10.5.0,M3.5.0/1", 2024, 7, 1, 0, 3600},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2024, 3, 31, 0, -7200}, /* Nuuk: the day before at 23 h */
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 2024, 3, 31, 1, -3600},
        {"XXX3EDT4,0/0,J365/23", 2024, 1, 1, 3, -14400}, /* summer time all year */
        {"XXX3EDT4,0/0,J365/23", 2024, 7, 1, 3, -14400},
        {"XXX3EDT4,0/0,J365/23", 2024, 12, 31, 23, -14400},
        {"AAA0BBB,J60/0,J300/0", 2024, 2, 29, 23, 0}, /* J60 is always March 1 */
        {"AAA0BBB,J60/0,J300/0", 2024, 3, 1, 0, 3600},
        {"AAA0BBB,59/0,299/0", 2024, 2, 29, 0, 3600},
        {"AAA0BBB,59/0,299/0", 2023, 3, 1, 0, 3600},
        {"IST-5:30", 2024, 1, 1, 0, 19800},
        {"<+0545>-5:45", 2024, 1, 1, 0, 20700},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct zone z = posix(rows[i].text);
        int32_t offset = zone_offset_at(&z, utc(rows[i].year, rows[i].month, rows[i].day, rows[i].hour, 0, 0));
        if (offset != rows[i].offset_s)
            fail_msg("row %zu %s: %d, not %d", i, rows[i].text, offset, rows[i].offset_s);
    }
}

static void bad_posix_strings(void **state)
{
    static const char *const texts[] = {
        "",
        "CET",
        "CE-1",
        "CET-26",
        "CET-1CEST",
        "CET-1CEST,M3.5.0",
        "<CET-1",
        "CET-1:60",
        "CET-1CEST,,",
        "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,J0,J1",
        "CET-1CEST,366,1",
        "CET-1CEST,M3.5.0,M10.5.0x",
        "CET-1CEST,M3.5.0/168,M10.5.0",
        "CET-1CEST,99999999999,1",
        ":CET",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct zone z;
        memset(&z, 0x55, sizeof z);
        if (zone_from_posix(str_from(texts[i]), &z) != -EINVAL)
            fail_msg("'%s' was accepted", texts[i]);
        assert_int_equal(zone_offset_at(&z, 0), 0);
    }
}

static void spans_touch(void **state)
{
    struct zone z = posix(BERLIN);
    struct zone_span span = zone_span_at(&z, utc(2024, 6, 1, 0, 0, 0));

    (void)state;
    assert_int_equal(span.from_s, utc(2024, 3, 31, 1, 0, 0));
    assert_int_equal(span.to_s, utc(2024, 10, 27, 1, 0, 0));
    assert_int_equal(zone_span_at(&z, span.from_s).from_s, span.from_s);
    assert_int_equal(zone_span_at(&z, span.from_s - 1).to_s, span.from_s);
    assert_int_equal(zone_span_at(&z, span.to_s).from_s, span.to_s);
    assert_int_equal(zone_span_at(&zone_utc, 0).from_s, INT64_MIN);
    assert_int_equal(zone_span_at(&zone_utc, 0).to_s, INT64_MAX);
    assert_int_equal(zone_span_at(&z, INT64_MAX).to_s, INT64_MAX);
    assert_int_equal(zone_span_at(&z, INT64_MIN).from_s, INT64_MIN);
}

static void local_to_utc(void **state)
{
    struct zone z = posix(BERLIN);

    (void)state;
    assert_int_equal(zone_to_utc(&z, utc(2024, 1, 1, 12, 0, 0)), utc(2024, 1, 1, 11, 0, 0));
    assert_int_equal(zone_to_utc(&z, utc(2024, 3, 31, 1, 59, 59)), utc(2024, 3, 31, 0, 59, 59));
    assert_int_equal(zone_to_utc(&z, utc(2024, 3, 31, 2, 0, 0)), utc(2024, 3, 31, 1, 0, 0));
    assert_int_equal(zone_to_utc(&z, utc(2024, 3, 31, 2, 30, 0)), utc(2024, 3, 31, 1, 0, 0)); /* skipped */
    assert_int_equal(zone_to_utc(&z, utc(2024, 3, 31, 3, 0, 0)), utc(2024, 3, 31, 1, 0, 0));
    assert_int_equal(zone_to_utc(&z, utc(2024, 10, 27, 2, 30, 0)), utc(2024, 10, 27, 0, 30, 0)); /* the first */
    assert_int_equal(zone_to_utc(&z, utc(2024, 10, 27, 3, 0, 0)), utc(2024, 10, 27, 2, 0, 0));
    assert_int_equal(zone_to_utc(&zone_utc, -5), -5);
}

/* --- TZif --- */

struct file {
    unsigned char bytes[4096];
    size_t n;
};

static void put(struct file *f, int64_t value, size_t bytes)
{
    while (bytes-- > 0)
        f->bytes[f->n++] = (unsigned char)(value >> (8 * bytes));
}

static void put_header(struct file *f, char version, int leaps, int times, int types)
{
    memcpy(f->bytes + f->n, "TZif", 4);
    f->n += 4;
    put(f, version, 1);
    f->n += 15;
    int counts[] = {0, 0, leaps, times, types, 4};
    for (size_t i = 0; i < 6; i++)
        put(f, counts[i], 4);
}

/* A block with two types, +1 h and +2 h, and the named shifts between them. */
static void put_block(struct file *f, char version, size_t time_bytes, const int64_t *times, int n)
{
    put_header(f, version, 0, n, 2);
    for (int i = 0; i < n; i++)
        put(f, times[i], time_bytes);
    for (int i = 0; i < n; i++)
        put(f, (i + 1) % 2, 1);
    put(f, 3600, 4), put(f, 0, 2), put(f, 7200, 4), put(f, 1 << 8, 2);
    put(f, 0, 4); /* names */
}

static void put_text(struct file *f, const char *text)
{
    memcpy(f->bytes + f->n, text, strlen(text));
    f->n += strlen(text);
}

static struct file good_file(void)
{
    struct file f = {0};
    int64_t times[] = {1000, 2000, INT64_C(5000000000)};

    put_block(&f, '2', 4, times, 2);
    put_block(&f, '2', 8, times, 3);
    put_text(&f, "\n" BERLIN "\n");
    return f;
}

static void tzif_versions(void **state)
{
    struct zone_shift shifts[8];
    struct zone z = {.shifts = shifts, .cap = 8};
    struct file f = good_file(), old = {0};
    int64_t times[] = {-1000, 2000};

    (void)state;
    assert_int_equal(zone_from_tzif(f.bytes, f.n, &z), 0);
    assert_int_equal(z.n, 3);
    assert_int_equal(zone_offset_at(&z, 999), 3600);
    assert_int_equal(zone_offset_at(&z, 1000), 7200);
    assert_int_equal(zone_offset_at(&z, 2000), 3600);
    assert_int_equal(zone_offset_at(&z, 4999999999), 3600);
    assert_int_equal(zone_offset_at(&z, utc(2200, 1, 1, 0, 0, 0)), 3600);
    assert_int_equal(zone_offset_at(&z, utc(2200, 7, 1, 0, 0, 0)), 7200);

    put_block(&old, 0, 4, times, 2);
    assert_int_equal(zone_from_tzif(old.bytes, old.n, &z), 0);
    assert_int_equal(z.n, 2);
    assert_false(z.has_rule);
    assert_int_equal(zone_offset_at(&z, -1001), 3600);
    assert_int_equal(zone_offset_at(&z, -1000), 7200);
    assert_int_equal(zone_offset_at(&z, INT64_MAX), 3600);
}

/* Whatever is wrong with a file, it is an error, and the zone is UTC: cut anywhere, or any byte changed. */
static void damaged_tzif(void **state)
{
    struct zone_shift shifts[8];
    struct zone z = {.shifts = shifts, .cap = 8};
    struct file f = good_file();

    (void)state;
    for (size_t n = 0; n < f.n; n++) {
        unsigned char *cut = malloc(n + 1); /* so that a sanitizer sees a read beyond */
        memcpy(cut, f.bytes, n);
        if (zone_from_tzif(cut, n, &z) != -EINVAL)
            fail_msg("cut at %zu was accepted", n);
        assert_int_equal(zone_offset_at(&z, 1500), 0);
        free(cut);
    }
    for (size_t i = 0; i < f.n; i++) {
        for (int value = 0; value < 256; value += 51) {
            struct file bad = f;
            bad.bytes[i] = (unsigned char)value;
            int r = zone_from_tzif(bad.bytes, bad.n, &z);
            assert_true(r <= 0 && z.n <= z.cap);
            assert_in_range(zone_offset_at(&z, 1500) + 93600, 0, 187200);
            (void)zone_to_utc(&z, 1500);
        }
    }
    z.cap = 2;
    assert_int_equal(zone_from_tzif(f.bytes, f.n, &z), -ENOSPC);
    assert_int_equal(z.n, 0);
}

static void leap_seconds_are_refused(void **state)
{
    struct zone z = {0};
    struct file f = {0};

    (void)state;
    put_header(&f, 0, 1, 0, 1);
    f.n += 6 + 4 + 8;
    assert_int_equal(zone_from_tzif(f.bytes, f.n, &z), -ENOTSUP);
}

/* --- this machine's zones --- */

static struct zone_shift many[ZONE_SHIFTS_MAX];
static int zones_seen;

static void compare(const char *path, const struct zone *z)
{
    char tz[512];

    snprintf(tz, sizeof tz, ":%s", path);
    setenv("TZ", tz, 1);
    tzset();
    for (int64_t s = utc(1900, 1, 1, 0, 0, 0); s < utc(2101, 1, 1, 0, 0, 0); s += 86400 * 5 + 3601) {
        time_t t = (time_t)s;
        struct tm tm;
        localtime_r(&t, &tm);
        if (tm.tm_gmtoff != zone_offset_at(z, s))
            fail_msg("%s at %lld: %d, not %ld", path, (long long)s, zone_offset_at(z, s), tm.tm_gmtoff);
    }
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    static unsigned char bytes[65536];
    struct zone z = {.shifts = many, .cap = ZONE_SHIFTS_MAX};

    (void)st, (void)ftw;
    if (type != FTW_F || strstr(path, "/right/") || strstr(path, "/posix/"))
        return 0;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t n = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    if (n < 4 || memcmp(bytes, "TZif", 4) != 0)
        return 0;
    assert_int_equal(zone_from_tzif(bytes, n, &z), 0);
    compare(path, &z);
    zones_seen++;
    return 0;
}

static void every_zone_agrees_with_libc(void **state)
{
    (void)state;
    nftw("/usr/share/zoneinfo", visit, 16, FTW_PHYS);
    unsetenv("TZ");
    if (zones_seen == 0)
        skip(); /* no tzdata here */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calendar_agrees_with_libc),
        cmocka_unit_test(posix_strings),
        cmocka_unit_test(bad_posix_strings),
        cmocka_unit_test(spans_touch),
        cmocka_unit_test(local_to_utc),
        cmocka_unit_test(tzif_versions),
        cmocka_unit_test(damaged_tzif),
        cmocka_unit_test(leap_seconds_are_refused),
        cmocka_unit_test(every_zone_agrees_with_libc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
