/* Restart delays: supervisord's counter, the two keys, and the brake. */
#include "base/num.h"
#include "core/backoff.h"
#include "core/program.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define S NS_PER_S
#define MS NS_PER_MS
#define MIDDLE 1024 /* the jitter that changes nothing, to a thousandth */

static void one_restart(void **state)
{
    static const struct {
        int64_t delay, max, spawned, ended;
        bool unwanted, backoff;
        int64_t tries, at;
    } rows[] = {
        /* supervisord: 1, 2, 3 … s in BACKOFF, nothing for an EXITED restart */
        {UNSET, UNSET, 100 * S, 100 * S + 1, true, true, 1, 101 * S + 1},
        {UNSET, UNSET, 100 * S, 101 * S, true, true, 3, 104 * S},
        {UNSET, UNSET, 100 * S, 105 * S, false, false, 0, 105 * S},
        {UNSET, UNSET, 100 * S, 105 * S, true, false, 0, 105 * S},
        {UNSET, UNSET, 100 * S, 100 * S, true, true, INT64_MAX, INT64_MAX},
        /* the brake: startsecs=0 and autorestart=true */
        {UNSET, UNSET, 100 * S, 100 * S + 1, false, false, 0, 100 * S + 100 * MS},
        {UNSET, UNSET, 100 * S, 100 * S + 99 * MS, true, false, 0, 100 * S + 100 * MS},
        {UNSET, UNSET, 100 * S, 100 * S + 100 * MS, true, false, 0, 100 * S + 100 * MS},
        {UNSET, UNSET, 100 * S, 100 * S + 999 * MS, true, false, 0, 100 * S + 999 * MS},
        {UNSET, UNSET, 100 * S, 101 * S, true, false, 0, 101 * S},
        /* restart_delay: constant, in BACKOFF and EXITED alike, wanted or not; 0 takes the brake off */
        {0, UNSET, 100 * S, 100 * S + 1, true, false, 0, 100 * S + 1},
        {0, UNSET, 100 * S, 100 * S + 1, true, true, 7, 100 * S + 1},
        {5 * S, UNSET, 100 * S, 101 * S, true, true, 7, 106 * S},
        {5 * S, UNSET, 100 * S, 101 * S, false, false, 0, 106 * S},
        /* with a maximum: a wanted exit waits restart_delay */
        {5 * S, 60 * S, 100 * S, 101 * S, false, false, 0, 106 * S},
        {UNSET, 60 * S, 100 * S, 101 * S, false, false, 0, 101 * S},
        {90 * S, 60 * S, 100 * S, 101 * S, true, true, 1, 161 * S},
        {INT64_MAX, UNSET, 100 * S, 101 * S, true, true, 1, INT64_MAX},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct restart_facts f = {.delay_ns = rows[i].delay,
                                  .delay_max_ns = rows[i].max,
                                  .spawned_ns = rows[i].spawned,
                                  .ended_ns = rows[i].ended,
                                  .unwanted = rows[i].unwanted,
                                  .backoff = rows[i].backoff,
                                  .tries = rows[i].tries,
                                  .random = MIDDLE};
        int64_t series = 0, at = restart_at_ns(&f, &series);
        if (at != rows[i].at)
            fail_msg("row %zu: %lld ms", i, (long long)(at / MS));
    }
}

/* Runs of `lived_s` each; yields the waits between them. */
static int64_t wait_after(int64_t delay, int64_t max, int64_t lived, bool unwanted, uint32_t random, int64_t *series)
{
    struct restart_facts f = {.delay_ns = delay,
                              .delay_max_ns = max,
                              .spawned_ns = 50 * S,
                              .ended_ns = 50 * S + lived,
                              .unwanted = unwanted,
                              .backoff = true,
                              .tries = 1,
                              .random = random};
    return restart_at_ns(&f, series) - f.ended_ns;
}

static void assert_about(int64_t got, int64_t want)
{
    if (got < want - want / 1000 || got > want + want / 1000)
        fail_msg("%lld ms, not about %lld", (long long)(got / MS), (long long)(want / MS));
}

static void doubling(void **state)
{
    int64_t series = 0;

    (void)state;
    for (int64_t want = 1; want < 64; want *= 2)
        assert_about(wait_after(1 * S, 60 * S, 1, true, MIDDLE, &series), want * S);
    assert_int_equal(wait_after(1 * S, 60 * S, 1, true, MIDDLE, &series), 60 * S);
    assert_int_equal(wait_after(1 * S, 60 * S, 59 * S, true, MIDDLE, &series), 60 * S);
    assert_int_equal(wait_after(1 * S, 60 * S, 5 * S, false, MIDDLE, &series), 1 * S); /* wanted: no change */
    assert_int_equal(wait_after(1 * S, 60 * S, 5 * S, true, MIDDLE, &series), 60 * S);
    assert_about(wait_after(1 * S, 60 * S, 60 * S, true, MIDDLE, &series), 1 * S); /* quiet: starts over */
    assert_about(wait_after(1 * S, 60 * S, 1, true, MIDDLE, &series), 2 * S);
    series = 0;
    assert_about(wait_after(UNSET, 60 * S, 1, true, MIDDLE, &series), 1 * S);
    assert_about(wait_after(0, 60 * S, 1, true, MIDDLE, &series), 2 * S);
    series = INT64_MAX - 1;
    assert_int_equal(wait_after(1 * S, INT64_MAX, 1, true, MIDDLE, &series), INT64_MAX - 50 * S - 1);
}

static void jitter_is_ten_percent(void **state)
{
    int64_t least = INT64_MAX, most = 0;

    (void)state;
    for (uint32_t random = 0; random < 1000000; random += 7) {
        int64_t series = 2, wait = wait_after(1 * S, 60 * S, 1, true, random, &series);
        least = wait < least ? wait : least;
        most = wait > most ? wait : most;
    }
    assert_in_range(least, 3600 * MS, 3601 * MS);
    assert_in_range(most, 4399 * MS, 4400 * MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_restart),
        cmocka_unit_test(doubling),
        cmocka_unit_test(jitter_is_ten_percent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
