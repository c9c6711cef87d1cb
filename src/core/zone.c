#include "core/zone.h"
#include "core/civil.h"

const struct zone zone_utc = {0};

/* The turns that may lie next to a moment: a date's time may be a week before its year or after it, so that both turns
 * of a neighbouring year can lie on the wrong side. */
enum { YEARS_AROUND = 2, TURNS = 2 * (2 * YEARS_AROUND + 1) };

struct turn {
    int64_t at_s;
    int32_t offset_s;
};

static int64_t day_of(const struct zone_date *d, int year)
{
    int64_t first = civil_days(year, 1, 1);

    switch (d->form) {
    case ZONE_DATE_JULIAN:
        return first + d->day - 1 + (d->day >= 60 && civil_month_days(year, 2) == 29);
    case ZONE_DATE_YEARDAY:
        return first + d->day;
    case ZONE_DATE_WEEKDAY:
        break;
    }
    first = civil_days(year, d->month, 1);
    int day = (d->weekday - civil_weekday(first) + 7) % 7 + (d->week - 1) * 7;
    return first + (day < civil_month_days(year, d->month) ? day : day - 7);
}

static int64_t turn_time(const struct zone_date *d, int year, int32_t offset_before_s)
{
    return day_of(d, year) * SECONDS_PER_DAY + d->time_s - offset_before_s;
}

/* Ascending; of two at once the later in the calendar stays behind, so that an all-year summer time has no gap. */
static void add_turn(struct turn *turns, int *n, int64_t at_s, int32_t offset_s)
{
    int i = (*n)++;

    for (; i > 0 && turns[i - 1].at_s > at_s; i--)
        turns[i] = turns[i - 1];
    turns[i] = (struct turn){at_s, offset_s};
}

static struct zone_span rule_span(const struct zone_rule *r, int64_t utc_s)
{
    struct zone_span span = {INT64_MIN, INT64_MAX, r->standard_s};
    struct turn turns[TURNS];
    int n = 0;

    if (!r->has_summer)
        return span;
    int year = civil_from_seconds(utc_s).year;
    for (int y = year - YEARS_AROUND; y <= year + YEARS_AROUND; y++) {
        add_turn(turns, &n, turn_time(&r->to_summer, y, r->standard_s), r->summer_s);
        add_turn(turns, &n, turn_time(&r->to_standard, y, r->summer_s), r->standard_s);
    }
    for (int i = 0; i < n; i++) {
        if (turns[i].at_s > utc_s) {
            span.to_s = turns[i].at_s;
            break;
        }
        span.from_s = turns[i].at_s;
        span.offset_s = turns[i].offset_s;
    }
    return span;
}

/* How many shifts lie at or before `utc_s`. */
static size_t shifts_passed(const struct zone *z, int64_t utc_s)
{
    size_t low = 0, high = z->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (z->shifts[middle].at_s <= utc_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct zone_span zone_span_at(const struct zone *z, int64_t utc_s)
{
    struct zone_span span;

    if (z->has_rule && utc_s >= z->rule_from_s) {
        span = rule_span(&z->rule, utc_s);
        if (span.from_s < z->rule_from_s)
            span.from_s = z->rule_from_s;
        return span;
    }
    size_t i = shifts_passed(z, utc_s);
    span.from_s = i > 0 ? z->shifts[i - 1].at_s : INT64_MIN;
    span.offset_s = i > 0 ? z->shifts[i - 1].offset_s : z->first_offset_s;
    span.to_s = i < z->n ? z->shifts[i].at_s : z->has_rule ? z->rule_from_s : INT64_MAX;
    return span;
}

int32_t zone_offset_at(const struct zone *z, int64_t utc_s)
{
    return zone_span_at(z, utc_s).offset_s;
}

int64_t zone_to_utc(const struct zone *z, int64_t local_s)
{
    /* No clock is further than that from UTC, so the span found first lies before the answer or holds it. */
    const int64_t farthest_s = 7 * SECONDS_PER_DAY;

    if (local_s < CIVIL_MIN_S || local_s > CIVIL_MAX_S)
        return local_s;
    struct zone_span span = zone_span_at(z, local_s - farthest_s);
    while (span.to_s != INT64_MAX && local_s >= span.to_s + span.offset_s)
        span = zone_span_at(z, span.to_s);
    int64_t utc_s = local_s - span.offset_s;
    return utc_s > span.from_s ? utc_s : span.from_s;
}
