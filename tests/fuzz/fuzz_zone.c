/* A TZ string or a TZif file: whatever is read, time goes on in it. */
#include "core/civil.h"
#include "core/zone.h"
#include "fuzz.h"
#include <stdlib.h>

static void require(int truth)
{
    if (!truth)
        abort();
}

/* Stretches hold what they were asked for, touch each other, and come to an end. */
static void walk(const struct zone *z, int64_t from_s, int64_t to_s)
{
    struct zone_span span = zone_span_at(z, from_s);

    require(span.from_s <= from_s && from_s < span.to_s);
    for (int steps = 0; span.to_s < to_s; steps++) {
        struct zone_span next = zone_span_at(z, span.to_s);
        require(next.from_s == span.to_s && next.to_s > next.from_s);
        require(zone_span_at(z, next.from_s - 1).to_s == next.from_s);
        require(steps < ZONE_SHIFTS_MAX + 2000);
        span = next;
    }
}

static void use(const struct zone *z)
{
    const int64_t year_s = 366 * SECONDS_PER_DAY;

    walk(z, INT64_MIN, CIVIL_MIN_S + 100 * year_s);
    walk(z, -200 * year_s, 200 * year_s);
    require(zone_span_at(z, INT64_MAX).to_s == INT64_MAX);
    for (int64_t local = -100 * year_s; local < 200 * year_s; local += 20 * year_s + 12345) {
        int64_t utc = zone_to_utc(z, local);
        require(utc + zone_offset_at(z, utc) >= local);
        require(utc - 1 + zone_offset_at(z, utc - 1) < local);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct zone_shift shifts[ZONE_SHIFTS_MAX];
    struct zone z = {.shifts = shifts, .cap = ZONE_SHIFTS_MAX};

    if (zone_from_posix((struct str){(const char *)data, size}, &z) == 0)
        use(&z);
    int r = zone_from_tzif(data, size, &z);
    require(z.n <= z.cap && (r == 0 || z.n == 0));
    use(&z);
    return 0;
}
