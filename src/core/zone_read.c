/* Zones out of text and bytes: POSIX TZ strings, and TZif files, whose footer is one. */
#include "core/civil.h"
#include "core/zone.h"
#include <errno.h>
#include <string.h>

enum { HOUR_S = 3600, MINUTE_S = 60 };

/* --- POSIX TZ strings: each take_… moves the cursor behind what it read, false when it is not there --- */

static bool take_char(struct str *s, char c)
{
    if (s->len == 0 || s->ptr[0] != c)
        return false;
    *s = (struct str){s->ptr + 1, s->len - 1};
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return str_lower(c) >= 'a' && str_lower(c) <= 'z';
}

static bool take_number(struct str *s, int low, int high, int *ret_value)
{
    int value = 0, digits = 0;

    for (; s->len > 0 && is_digit(s->ptr[0]) && digits < 4; digits++) {
        value = value * 10 + (s->ptr[0] - '0');
        *s = (struct str){s->ptr + 1, s->len - 1};
    }
    *ret_value = value;
    return digits > 0 && value >= low && value <= high;
}

/* `CET` or `<+0330>`; nobody here needs the name. */
static bool take_name(struct str *s)
{
    bool quoted = take_char(s, '<');
    size_t n = 0;

    while (n < s->len &&
           (is_letter(s->ptr[n]) || (quoted && (is_digit(s->ptr[n]) || s->ptr[n] == '+' || s->ptr[n] == '-'))))
        n++;
    *s = (struct str){s->ptr + n, s->len - n};
    return n >= 3 && (!quoted || take_char(s, '>'));
}

/* `[+-]h[hh][:mm[:ss]]` */
static bool take_time(struct str *s, int32_t *ret_s)
{
    bool negative = take_char(s, '-');
    int hours, minutes = 0, seconds = 0;

    if (!negative)
        take_char(s, '+');
    if (!take_number(s, 0, 167, &hours))
        return false;
    if (take_char(s, ':')) {
        if (!take_number(s, 0, 59, &minutes))
            return false;
        if (take_char(s, ':') && !take_number(s, 0, 59, &seconds))
            return false;
    }
    int32_t total = hours * HOUR_S + minutes * MINUTE_S + seconds;
    *ret_s = negative ? -total : total;
    return true;
}

/* An offset counts the other way round in a TZ string: what is added to local time to get UTC. */
static bool take_offset(struct str *s, int32_t *ret_offset_s)
{
    if (!take_time(s, ret_offset_s) || *ret_offset_s < -25 * HOUR_S || *ret_offset_s > 25 * HOUR_S)
        return false;
    *ret_offset_s = -*ret_offset_s;
    return true;
}

static bool take_date(struct str *s, struct zone_date *d)
{
    *d = (struct zone_date){.time_s = 2 * HOUR_S};
    if (!take_char(s, ','))
        return false;
    if (take_char(s, 'M')) {
        d->form = ZONE_DATE_WEEKDAY;
        if (!take_number(s, 1, 12, &d->month) || !take_char(s, '.') || !take_number(s, 1, 5, &d->week) ||
            !take_char(s, '.') || !take_number(s, 0, 6, &d->weekday))
            return false;
    } else {
        d->form = take_char(s, 'J') ? ZONE_DATE_JULIAN : ZONE_DATE_YEARDAY;
        if (!take_number(s, d->form == ZONE_DATE_JULIAN, 365, &d->day))
            return false;
    }
    return !take_char(s, '/') || take_time(s, &d->time_s);
}

static bool take_rule(struct str s, struct zone_rule *r)
{
    *r = (struct zone_rule){0};
    if (!take_name(&s) || !take_offset(&s, &r->standard_s))
        return false;
    r->summer_s = r->standard_s;
    if (s.len == 0)
        return true;
    if (!take_name(&s))
        return false;
    r->has_summer = true;
    r->summer_s = r->standard_s + HOUR_S;
    if (s.len > 0 && s.ptr[0] != ',' && !take_offset(&s, &r->summer_s))
        return false;
    return take_date(&s, &r->to_summer) && take_date(&s, &r->to_standard) && s.len == 0;
}

static void zone_clear(struct zone *z)
{
    *z = (struct zone){.shifts = z->shifts, .cap = z->cap};
}

int zone_from_posix(struct str text, struct zone *ret)
{
    zone_clear(ret);
    if (!take_rule(text, &ret->rule)) {
        zone_clear(ret);
        return -EINVAL;
    }
    ret->has_rule = true;
    ret->rule_from_s = INT64_MIN;
    return 0;
}

/* --- TZif --- */

enum { HEADER_BYTES = 44, COUNTS_AT = 20, TYPE_BYTES = 6 };

/* One of a file's data blocks: where its parts stand. */
struct block {
    const unsigned char *times, *indexes, *types, *end;
    size_t times_n, types_n;
    size_t time_bytes; /* 4 in the first block, 8 in the second */
    bool has_leaps;
};

static int64_t big_endian(const unsigned char *p, size_t n)
{
    uint64_t value = p[0] & 0x80 ? UINT64_MAX : 0; /* signed */

    for (size_t i = 0; i < n; i++)
        value = value << 8 | p[i];
    return (int64_t)value;
}

/* Reads the header at `p` and finds the parts of the block behind it. */
static int find_block(const unsigned char *p, size_t len, size_t time_bytes, struct block *ret)
{
    uint32_t counts[6]; /* isut, isstd, leap, time, type, char */
    struct block b = {.time_bytes = time_bytes};

    if (len < HEADER_BYTES || memcmp(p, "TZif", 4) != 0)
        return -EINVAL;
    for (size_t i = 0; i < 6; i++)
        counts[i] = (uint32_t)big_endian(p + COUNTS_AT + i * 4, 4);
    for (size_t i = 0; i < 6; i++)
        if (counts[i] > len)
            return -EINVAL; /* and so the sums below cannot overflow */
    b.has_leaps = counts[2] > 0;
    b.times_n = counts[3];
    b.types_n = counts[4];
    size_t size = b.times_n * time_bytes + b.times_n + b.types_n * TYPE_BYTES + counts[5] +
                  counts[2] * (time_bytes + 4) + counts[1] + counts[0];
    if (size > len - HEADER_BYTES)
        return -EINVAL;
    b.times = p + HEADER_BYTES;
    b.indexes = b.times + b.times_n * time_bytes;
    b.types = b.indexes + b.times_n;
    b.end = p + HEADER_BYTES + size;
    *ret = b;
    return 0;
}

/* An offset no clock can have means that the file is damaged. */
static bool type_offset(const struct block *b, size_t type, int32_t *ret_offset_s)
{
    if (type >= b->types_n)
        return false;
    *ret_offset_s = (int32_t)big_endian(b->types + type * TYPE_BYTES, 4);
    return *ret_offset_s > -26 * HOUR_S && *ret_offset_s < 26 * HOUR_S;
}

static int read_shifts(const struct block *b, struct zone *z)
{
    int32_t last_offset_s;
    int64_t last_at_s = INT64_MIN;

    if (!type_offset(b, 0, &z->first_offset_s))
        return -EINVAL;
    last_offset_s = z->first_offset_s;
    for (size_t i = 0; i < b->times_n; i++) {
        struct zone_shift shift = {.at_s = big_endian(b->times + i * b->time_bytes, b->time_bytes)};
        if (!type_offset(b, b->indexes[i], &shift.offset_s) || (i > 0 && shift.at_s <= last_at_s))
            return -EINVAL;
        last_at_s = shift.at_s;
        if (shift.offset_s == last_offset_s)
            continue; /* only the zone's abbreviation changes */
        if (z->n == z->cap)
            return -ENOSPC;
        z->shifts[z->n++] = shift;
        last_offset_s = shift.offset_s;
    }
    z->rule_from_s = last_at_s;
    return 0;
}

/* The footer: a TZ string between two newlines; an empty one says that no rule is known. */
static int read_footer(const unsigned char *p, size_t len, struct zone *z)
{
    struct str footer = {(const char *)p, len}, text;

    if (!take_char(&footer, '\n'))
        return -EINVAL;
    const char *end = str_find(footer, '\n');
    if (!end)
        return -EINVAL;
    text = (struct str){footer.ptr, (size_t)(end - footer.ptr)};
    if (text.len == 0)
        return 0;
    if (!take_rule(text, &z->rule))
        return -EINVAL;
    z->has_rule = true;
    return 0;
}

static int read_file(const unsigned char *p, size_t len, struct zone *z)
{
    struct block b;

    int r = find_block(p, len, 4, &b);
    if (r < 0)
        return r;
    bool has_second = p[4] >= '2';
    const unsigned char *end = p + len;
    if (has_second) {
        r = find_block(b.end, (size_t)(end - b.end), 8, &b);
        if (r < 0)
            return r;
    }
    if (b.has_leaps)
        return -ENOTSUP;
    r = read_shifts(&b, z);
    if (r < 0 || !has_second)
        return r;
    return read_footer(b.end, (size_t)(end - b.end), z);
}

int zone_from_tzif(const void *bytes, size_t len, struct zone *ret)
{
    zone_clear(ret);
    int r = read_file(bytes, len, ret);
    if (r < 0)
        zone_clear(ret);
    return r;
}
