/* The stop plan: levels, margins, and the two lines it writes. */
#include "base/num.h"
#include "core/program.h"
#include "core/stopplan.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define S NS_PER_S
#define MS NS_PER_MS

static void budgets(void **state)
{
    static const struct {
        int64_t grace, budget;
    } rows[] = {
        {UNSET, INT64_MAX},   {0, 0},
        {500 * MS, 0},        {1 * S, 500 * MS},
        {4 * S, 3500 * MS},   {5 * S, 4500 * MS},
        {10 * S, 9 * S},      {15 * S, 13500 * MS},
        {20 * S, 18 * S},     {30 * S, 28 * S},
        {3600 * S, 3598 * S}, {INT64_MAX, INT64_MAX - 2 * S},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(stop_budget_ns(rows[i].grace), rows[i].budget);
}

static void levels(void **state)
{
    static const struct {
        int64_t budget;
        struct stop_item items[5]; /* up to the first without a name */
        int64_t level, total;
    } rows[] = {
        {9 * S, {{0}}, INT64_MAX, 0},
        {INT64_MAX, {{"a", 1, 3600 * S}}, INT64_MAX, 3600 * S},
        {9 * S, {{"a", 1, 9 * S}}, INT64_MAX, 9 * S},
        {9 * S, {{"a", 1, 10 * S}}, 9 * S, 9 * S},
        /* three that ignore TERM: together, and one after another */
        {9 * S, {{"a", 1, 3600 * S}, {"b", 1, 10 * S}, {"c", 1, 10 * S}}, 9 * S, 9 * S},
        {9 * S, {{"a", 3, 3600 * S}, {"b", 2, 10 * S}, {"c", 1, 10 * S}}, 3 * S, 9 * S},
        /* the longest are cut first */
        {9 * S, {{"a", 3, 1 * S}, {"b", 2, 10 * S}, {"c", 1, 10 * S}}, 4 * S, 9 * S},
        {9 * S, {{"a", 3, 1 * S}, {"b", 2, 2 * S}, {"c", 1, 3600 * S}}, 6 * S, 9 * S},
        {9 * S, {{"a", 2, 1 * S}, {"b", 2, 5 * S}, {"c", 1, 5 * S}, {"d", 1, 1 * S}}, 4500 * MS, 9 * S},
        {10, {{"a", 3, 100}, {"b", 2, 100}, {"c", 1, 100}}, 3, 9}, /* a whole nanosecond, rounded down */
        {0, {{"a", 1, 1}}, 0, 0},
        {-5, {{"a", 1, 1}}, 0, 0},
        {0, {{"a", 1, 0}}, INT64_MAX, 0},
        {9 * S, {{"a", 2, INT64_MAX}, {"b", 1, INT64_MAX}}, 4500 * MS, 9 * S},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = 0;
        while (n < 5 && rows[i].items[n].name)
            n++;
        int64_t level = stop_level_ns(rows[i].items, n, rows[i].budget);
        if (level != rows[i].level || stop_total_ns(rows[i].items, n, level) != rows[i].total)
            fail_msg("row %zu: level %lld", i, (long long)level);
    }
}

/* Whatever the stages: they fit, and a nanosecond more would not. */
static void random_plans(void **state)
{
    uint32_t seed = 1;

    (void)state;
    for (int round = 0; round < 5000; round++) {
        struct stop_item items[40];
        size_t n = 1 + (size_t)round % 40;
        for (size_t i = 0; i < n; i++) {
            seed = seed * 1664525 + 1013904223;
            items[i] = (struct stop_item){"x", -(int64_t)(i / (1 + seed % 5)), (int64_t)(seed >> 8) * 1000};
        }
        seed = seed * 1664525 + 1013904223;
        int64_t budget = (int64_t)seed * 10;
        int64_t level = stop_level_ns(items, n, budget);
        assert_true(stop_total_ns(items, n, level) <= budget);
        if (level != INT64_MAX)
            assert_true(stop_total_ns(items, n, level + 1) > budget);
    }
}

static void grace_that_is_needed(void **state)
{
    (void)state;
    for (int64_t total = 0; total < 100 * S; total += 77 * MS) {
        int64_t s = stop_grace_needed_s(total);
        assert_true(stop_budget_ns(s * S) >= total);
        assert_true(s == 0 || stop_budget_ns((s - 1) * S) < total);
    }
    assert_int_equal(stop_grace_needed_s(3600 * S), 3602);
    assert_in_range(stop_grace_needed_s(INT64_MAX), INT64_MAX / S - 2, INT64_MAX / S);
}

static void warning_at_start(void **state)
{
    const struct stop_item alone[] = {
        {"nginx", 2, 30 * S}, {"web", 1, 10 * S}, {"queue", 1, 3600 * S}, {"queue", 1, 3600 * S}};
    const struct stop_item together[] = {{"nginx", 20, 10 * S}, {"php-fpm", 10, 2500 * MS}, {"none", 5, 0}};
    const struct stop_item fits[] = {{"a", 1, 10 * S}, {"b", 1, 10 * S}};
    TEXT(out, 4096);

    (void)state;
    assert_false(stop_outlives_docker(fits, 2, &out));
    assert_false(stop_outlives_docker(NULL, 0, &out));
    assert_string_equal(out.ptr, "");
    assert_true(stop_outlives_docker(alone, 4, &out));
    assert_string_equal(out.ptr, "may outlive the 10s that Docker waits before it kills: nginx 30s, queue 3600s; put "
                                 "'stop_grace_period: 3632s' into compose or 'terminationGracePeriodSeconds: 3632' "
                                 "into Kubernetes, and stop_grace_period=3632s under [cslsup]");
    text_init(&out, out.ptr, out.size);
    assert_true(stop_outlives_docker(together, 3, &out));
    assert_non_null(strstr(out.ptr, "kills: nginx 10s, php-fpm 2.5s, together 12.5s; put 'stop_grace_period: 14s'"));
}

static void many_names(void **state)
{
    static struct stop_item items[500];
    static char names[500][256];
    TEXT(out, STOP_TEXT_MAX);

    (void)state;
    for (size_t i = 0; i < 500; i++) {
        snprintf(names[i], sizeof names[i], "%0255zu", i);
        items[i] = (struct stop_item){names[i], 1, 60 * S};
    }
    assert_true(stop_outlives_docker(items, 500, &out));
    assert_false(out.cut);
    assert_non_null(strstr(out.ptr, ", and 480 more; put"));
    text_init(&out, out.ptr, out.size);
    assert_true(stop_cut_text(items, 500, 10 * S, 9 * S, &out));
    assert_false(out.cut);
}

static void what_was_cut(void **state)
{
    const struct stop_item items[] = {{"nginx", 3, 1 * S}, {"fpm", 2, 10 * S}, {"queue", 1, 3600 * S}};
    TEXT(out, 512);

    (void)state;
    int64_t level = stop_level_ns(items, 3, stop_budget_ns(10 * S));
    assert_true(stop_cut_text(items, 3, 10 * S, level, &out));
    assert_string_equal(out.ptr, "stop_grace_period 10s: fpm gets 4s of 10s, queue gets 4s of 3600s to stop");
    assert_false(stop_cut_text(items, 3, UNSET, INT64_MAX, &out));
}

static void text_is_cut_with_a_mark(void **state)
{
    TEXT(t, 8);

    (void)state;
    text_add(&t, "1234567");
    assert_string_equal(t.ptr, "1234567");
    assert_false(t.cut);
    text_add(&t, "");
    assert_false(t.cut);
    text_add(&t, "8");
    assert_string_equal(t.ptr, "1234...");
    assert_true(t.cut);
    text_add(&t, "9");
    assert_string_equal(t.ptr, "1234...");
    assert_int_equal(t.len, 7);
    text_init(&t, t.ptr, t.size);
    text_printf(&t, "%d-%s", 12, "3456789012345");
    assert_string_equal(t.ptr, "12-3...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(budgets),          cmocka_unit_test(levels),
        cmocka_unit_test(random_plans),     cmocka_unit_test(grace_that_is_needed),
        cmocka_unit_test(warning_at_start), cmocka_unit_test(many_names),
        cmocka_unit_test(what_was_cut),     cmocka_unit_test(text_is_cut_with_a_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
