/* The Gregorian calendar: seconds since 1970 <-> year, month, day, time of day. No zone, no leap seconds; the reader of
 * UTC passes UTC, the reader of local time adds the zone's offset first. */
#pragma once
#include <stdint.h>

#define SECONDS_PER_DAY INT64_C(86400)

/* Seconds outside this range (years 1 to 9999) are held at its ends. */
#define CIVIL_MIN_S INT64_C(-62135596800)
#define CIVIL_MAX_S INT64_C(253402300799)

struct civil {
    int year;
    int month;   /* 1-12 */
    int day;     /* 1-31 */
    int weekday; /* 0-6, 0 = Sunday */
    int hour, minute, second;
};

/* The calendar's reading of `s` seconds since 1970-01-01 00:00:00. */
struct civil civil_from_seconds(int64_t s);

/* Days since 1970-01-01 of a date in any year from -1000 to 20000; negative before. */
int64_t civil_days(int year, int month, int day);

/* Days in a month, leap years included. */
int civil_month_days(int year, int month);

/* 0 = Sunday, of a day counted as civil_days counts. */
int civil_weekday(int64_t days);
