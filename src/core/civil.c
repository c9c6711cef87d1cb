#include "core/civil.h"

/* Years are counted from March, so that a leap day is a year's last; 400 of them are a cycle of 146097 days. */
#define CYCLE_DAYS INT64_C(146097)
#define MARCH_YEAR_0 INT64_C(-719468) /* 0000-03-01, in days since 1970 */

/* Days before month `m` of such a year, March = 0: the months go 31 30 31 30 31, and again. */
static int days_before(int m)
{
    return (153 * m + 2) / 5;
}

/* Days in the first `y` such years of a cycle. */
static int days_of_years(int y)
{
    return y * 365 + y / 4 - y / 100 + y / 400;
}

int64_t civil_days(int year, int month, int day)
{
    int march_year = month > 2 ? year : year - 1;
    int cycle = (march_year >= 0 ? march_year : march_year - 399) / 400;
    int of_year = days_before((month + 9) % 12) + day - 1;

    return MARCH_YEAR_0 + cycle * CYCLE_DAYS + days_of_years(march_year - cycle * 400) + of_year;
}

int civil_month_days(int year, int month)
{
    int next_year = month == 12 ? year + 1 : year;
    return (int)(civil_days(next_year, month % 12 + 1, 1) - civil_days(year, month, 1));
}

int civil_weekday(int64_t days)
{
    int w = (int)((days + 4) % 7); /* 1970-01-01 was a Thursday */
    return w < 0 ? w + 7 : w;
}

struct civil civil_from_seconds(int64_t s)
{
    struct civil c;

    s = s < CIVIL_MIN_S ? CIVIL_MIN_S : s > CIVIL_MAX_S ? CIVIL_MAX_S : s;
    int64_t days = (s - CIVIL_MIN_S) / SECONDS_PER_DAY + CIVIL_MIN_S / SECONDS_PER_DAY;
    int of_day = (int)(s - days * SECONDS_PER_DAY);
    int64_t since = days - MARCH_YEAR_0; /* not negative within the range above */
    int cycle = (int)(since / CYCLE_DAYS);
    int of_cycle = (int)(since % CYCLE_DAYS);
    int y = of_cycle / 365; /* one too many at most, for the leap days */
    if (days_of_years(y) > of_cycle)
        y--;
    int of_year = of_cycle - days_of_years(y);
    int m = (5 * of_year + 2) / 153;

    c.month = m < 10 ? m + 3 : m - 9;
    c.year = cycle * 400 + y + (c.month <= 2);
    c.day = of_year - days_before(m) + 1;
    c.weekday = civil_weekday(days);
    c.hour = of_day / 3600;
    c.minute = of_day / 60 % 60;
    c.second = of_day % 60;
    return c;
}
