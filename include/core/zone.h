/* Local time: when a zone's offset from UTC changes, as a table, and the rule that holds behind its end.
 * The table is the caller's memory; who reads TZif files (the os floor) passes their bytes to zone_from_tzif. */
#pragma once
#include "base/str.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No published zone has more changes (tzfile.h's TZ_MAX_TIMES): room for any TZif file. */
#define ZONE_SHIFTS_MAX 2000

/* From `at_s` (UTC) on, local time = UTC + offset_s. */
struct zone_shift {
    int64_t at_s;
    int32_t offset_s;
};

/* A yearly date as a POSIX TZ string names it: `M3.5.0/2`, `J60`, `59`. */
struct zone_date {
    enum { ZONE_DATE_WEEKDAY, ZONE_DATE_JULIAN, ZONE_DATE_YEARDAY } form;
    int month, week, weekday; /* the WEEKDAY form: week 5 = the last one */
    int day;                  /* JULIAN: 1-365, February 29 never counted; YEARDAY: 0-365 */
    int32_t time_s;           /* of the local day; negative or beyond 24 h is allowed */
};

struct zone_rule {
    int32_t standard_s, summer_s; /* offsets; equal and without dates when there is no summer time */
    bool has_summer;
    struct zone_date to_summer, to_standard;
};

struct zone {
    struct zone_shift *shifts; /* ascending; caller's memory of `cap` */
    size_t n, cap;
    int32_t first_offset_s; /* before the first shift */
    bool has_rule;          /* else the last offset holds for ever */
    struct zone_rule rule;
    int64_t rule_from_s; /* the rule governs from here on */
};

/* A stretch of constant offset, [from_s, to_s) in UTC; INT64_MIN and INT64_MAX where it has no end. */
struct zone_span {
    int64_t from_s, to_s;
    int32_t offset_s;
};

/* UTC; needs no memory. */
extern const struct zone zone_utc;

/* Reads a TZif file of any version (RFC 8536), its footer included, into `ret`, whose shifts and cap the caller set.
 * 0, -EINVAL (no TZif, or damaged), -ENOTSUP (counts leap seconds: the "right/" files), -ENOSPC (cap too small). On
 * failure `ret` is UTC. */
int zone_from_tzif(const void *bytes, size_t len, struct zone *ret) __attribute__((warn_unused_result));

/* Reads a POSIX TZ string, `CET-1CEST,M3.5.0,M10.5.0/3`, as a rule for all time; needs no shifts. 0 or -EINVAL. */
int zone_from_posix(struct str text, struct zone *ret) __attribute__((warn_unused_result));

/* The stretch that holds `utc_s`. Neighbours are found at from_s - 1 and to_s; their offset may be the same. */
struct zone_span zone_span_at(const struct zone *z, int64_t utc_s);

/* local - UTC, in seconds, at a moment. */
int32_t zone_offset_at(const struct zone *z, int64_t utc_s);

/* The first moment at which the zone's clock shows `local_s` (seconds since 1970 as if local time were UTC). A local
 * time that is skipped gives the moment of the jump, a repeated one its first occurrence. */
int64_t zone_to_utc(const struct zone *z, int64_t local_s);
