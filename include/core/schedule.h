/* When a job runs: `schedule=` of container contract §3. Cron's five fields, or `@every` an interval. */
#pragma once
#include "base/err.h"
#include "core/zone.h"
#include <stdbool.h>
#include <stdint.h>

/* "No next run": later than every moment, in seconds. */
#define NEVER_S INT64_MAX

/* `hours` of a schedule that names no hour. */
#define SCHEDULE_EVERY_HOUR 0xffffffu

/* Sets of allowed values, bit n = value n. */
struct schedule {
    int64_t every_ns; /* `@every`: counted from the end of the last run, first run at start; 0 = by calendar */
    uint64_t minutes;
    uint32_t hours, days, months; /* days 1-31, months 1-12 */
    uint32_t weekdays;            /* 0-6, 0 = Sunday */
    bool either_day;              /* day-of-month OR day-of-week, since neither began with `*` (crontab(5)) */
};

/* `0,30 8-18/2 * * mon-fri`, `0 0 1 jan *`, `@hourly @daily @midnight @weekly @monthly @yearly @annually`, `@every
 * 90s` (at least 100ms). 0, or -EINVAL with what is wrong and what would be right in `e` (may be NULL); a date that
 * never comes
 * (`0 0 30 2 *`) is an error, too. */
int schedule_parse(const char *text, struct schedule *ret_schedule, struct err *e) __attribute__((warn_unused_result));

/* Whether any day of the calendar's 400-year cycle matches. */
bool schedule_comes(const struct schedule *s);

/* The first run after `after_utc_s`, in UTC seconds; NEVER_S beyond the year 9999. For `@every`: that long after.
 * Where the zone's clock jumps forward, what was skipped runs once, at the jump; where it goes back, a repeated time
 * runs once, the first time. A schedule for every hour runs in each hour that passes, as cron's does. */
int64_t schedule_next(const struct schedule *s, const struct zone *z, int64_t after_utc_s);
