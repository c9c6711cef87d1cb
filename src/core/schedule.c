#include "core/schedule.h"
#include "base/num.h"
#include "core/civil.h"

/* The search goes day by day; the calendar, weekdays included, repeats every 400 years. */
enum { CYCLE_YEARS = 400 };

static bool has(uint64_t set, int value)
{
    return set >> value & 1;
}

static bool day_matches(const struct schedule *s, int month, int day, int weekday)
{
    if (!has(s->months, month))
        return false;
    bool by_day = has(s->days, day), by_weekday = has(s->weekdays, weekday);
    return s->either_day ? by_day || by_weekday : by_day && by_weekday;
}

/* The first matching day at or after `from` (days since 1970), before `limit`; `limit` when there is none. */
static int64_t next_day(const struct schedule *s, int64_t from, int64_t limit)
{
    struct civil c = civil_from_seconds(from * SECONDS_PER_DAY);
    int64_t day = from;

    while (day < limit) {
        int days = civil_month_days(c.year, c.month);
        if (!has(s->months, c.month))
            day += days - c.day + 1;
        else
            for (; c.day <= days; c.day++, day++)
                if (day_matches(s, c.month, c.day, civil_weekday(day)))
                    return day < limit ? day : limit;
        c.day = 1;
        c.year += c.month == 12;
        c.month = c.month % 12 + 1;
    }
    return limit;
}

/* The first matching minute of a day at or after `from` (minutes since midnight), or -1. */
static int next_minute(const struct schedule *s, int from)
{
    int minute = from % 60;

    for (int hour = from / 60; hour < 24; hour++, minute = 0) {
        if (!has(s->hours, hour))
            continue;
        for (; minute < 60; minute++)
            if (has(s->minutes, minute))
                return hour * 60 + minute;
    }
    return -1;
}

/* The first matching local time in [from_s, to_s), or NEVER_S; both lie within civil's range. */
static int64_t next_local(const struct schedule *s, int64_t from_s, int64_t to_s)
{
    int64_t from_minute = (from_s - CIVIL_MIN_S + 59) / 60; /* rounded up; CIVIL_MIN_S begins a day */
    int64_t first = from_minute / 1440 + CIVIL_MIN_S / SECONDS_PER_DAY;
    int64_t limit = (to_s - CIVIL_MIN_S) / SECONDS_PER_DAY + CIVIL_MIN_S / SECONDS_PER_DAY + 1;

    for (int64_t day = next_day(s, first, limit); day < limit; day = next_day(s, day + 1, limit)) {
        int minute = next_minute(s, day == first ? (int)(from_minute % 1440) : 0);
        if (minute < 0)
            continue; /* nothing left of the first day */
        int64_t local_s = day * SECONDS_PER_DAY + minute * 60;
        return local_s < to_s ? local_s : NEVER_S;
    }
    return NEVER_S;
}

bool schedule_comes(const struct schedule *s)
{
    int64_t from = civil_days(2000, 1, 1), limit = civil_days(2000 + CYCLE_YEARS, 1, 1);
    return next_day(s, from, limit) < limit;
}

/* The end of what the clock has shown before this span began: later than its own beginning when it was put back. */
static int64_t shown_until(const struct zone *z, const struct zone_span *span)
{
    if (span->from_s == INT64_MIN)
        return INT64_MIN;
    return span->from_s + zone_offset_at(z, span->from_s - 1);
}

/* The first run within the span at or after `utc_s`. */
static int64_t next_in_span(const struct schedule *s, const struct zone *z, const struct zone_span *span, int64_t utc_s)
{
    int64_t from_s = utc_s + span->offset_s;
    int64_t to_s = span->to_s < CIVIL_MAX_S ? span->to_s + span->offset_s : CIVIL_MAX_S;

    if (s->hours != SCHEDULE_EVERY_HOUR && from_s < shown_until(z, span))
        from_s = shown_until(z, span);
    int64_t local_s = from_s < to_s ? next_local(s, from_s, to_s) : NEVER_S;
    return local_s == NEVER_S ? NEVER_S : local_s - span->offset_s;
}

/* Whether the jump from one span to the next leaves out a time of the schedule. */
static bool jump_skips(const struct schedule *s, const struct zone_span *span, const struct zone_span *next)
{
    return next->offset_s > span->offset_s &&
           next_local(s, span->to_s + span->offset_s, span->to_s + next->offset_s) != NEVER_S;
}

int64_t schedule_next(const struct schedule *s, const struct zone *z, int64_t after_utc_s)
{
    const int64_t margin_s = 7 * SECONDS_PER_DAY; /* keeps local times within civil's range */

    if (s->every_ns > 0)
        return num_add_sat(after_utc_s, (s->every_ns - 1) / NS_PER_S + 1);
    if (after_utc_s < CIVIL_MIN_S + margin_s)
        after_utc_s = CIVIL_MIN_S + margin_s;
    if (after_utc_s > CIVIL_MAX_S - margin_s)
        return NEVER_S;

    struct zone_span span = zone_span_at(z, after_utc_s);
    for (int64_t utc_s = after_utc_s + 1;; utc_s = span.from_s) {
        int64_t run_s = next_in_span(s, z, &span, utc_s);
        if (run_s != NEVER_S || span.to_s > CIVIL_MAX_S - margin_s)
            return run_s;
        struct zone_span next = zone_span_at(z, span.to_s);
        if (jump_skips(s, &span, &next))
            return span.to_s;
        span = next;
    }
}
