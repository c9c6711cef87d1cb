#include "base/num.h"
#include <errno.h>

int64_t num_add_sat(int64_t a, int64_t b)
{
    int64_t r;
    if (__builtin_add_overflow(a, b, &r))
        return b > 0 ? INT64_MAX : INT64_MIN;
    return r;
}

int64_t num_mul_sat(int64_t a, int64_t b)
{
    int64_t r;
    if (__builtin_mul_overflow(a, b, &r))
        return (a > 0) == (b > 0) ? INT64_MAX : INT64_MIN;
    return r;
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : 99;
}

/* Digits of `base` with single underscores between them, as Python reads them. */
static int digits(struct str s, int base, bool negative, int64_t *ret_value)
{
    int64_t value = 0;
    bool after_digit = false;

    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '_' && after_digit) {
            after_digit = false;
            continue;
        }
        int d = digit_of(s.ptr[i]);
        if (d >= base)
            return -EINVAL;
        if (__builtin_mul_overflow(value, base, &value) || __builtin_sub_overflow(value, d, &value))
            return -ERANGE; /* held negative: INT64_MIN has no positive twin */
        after_digit = true;
    }
    if (!after_digit)
        return -EINVAL;
    if (!negative && value == INT64_MIN)
        return -ERANGE;
    *ret_value = negative ? value : -value;
    return 0;
}

static int signed_digits(struct str s, int base, int64_t *ret_value)
{
    bool negative = false;

    s = str_trim(s);
    if (s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+')) {
        negative = s.ptr[0] == '-';
        s = (struct str){s.ptr + 1, s.len - 1};
    }
    return digits(s, base, negative, ret_value);
}

int num_int(struct str s, int64_t *ret_value)
{
    return signed_digits(s, 10, ret_value);
}

int num_octal(struct str s, int64_t *ret_value)
{
    s = str_trim(s);
    if (s.len > 2 && s.ptr[0] == '0' && str_lower(s.ptr[1]) == 'o')
        s = (struct str){s.ptr + 2, s.len - 2};
    return signed_digits(s, 8, ret_value);
}

struct unit {
    const char *name;
    int64_t factor;
};

/* Splits off the unit that `s` ends in; the factor is 1 when it ends in none. */
static int64_t take_unit(struct str *s, const struct unit *units)
{
    for (; units->name; units++) {
        size_t n = str_from(units->name).len;
        if (s->len > n && str_is_nocase((struct str){s->ptr + s->len - n, n}, units->name)) {
            s->len -= n;
            return units->factor;
        }
    }
    return 0;
}

int num_size(struct str s, int64_t *ret_bytes)
{
    static const struct unit units[] = {{"kb", 1024}, {"mb", 1024 * 1024}, {"gb", 1024 * 1024 * 1024}, {NULL, 0}};
    int64_t value, factor = take_unit(&s, units);

    int r = signed_digits(s, 10, &value);
    if (r < 0)
        return r;
    if (__builtin_mul_overflow(value, factor ? factor : 1, &value))
        return -ERANGE;
    *ret_bytes = value;
    return 0;
}

/* `.5` behind the whole part, to a nanosecond of the unit; further digits do not matter. */
static int fraction(struct str s, int64_t unit_ns, int64_t *ret_ns)
{
    int64_t ns = 0, weight = unit_ns;

    if (s.len == 0)
        return -EINVAL;
    for (size_t i = 0; i < s.len; i++) {
        int d = digit_of(s.ptr[i]);
        if (d > 9)
            return -EINVAL;
        ns += weight / 10 * d;
        weight /= 10;
    }
    *ret_ns = ns;
    return 0;
}

int num_duration(struct str s, int64_t *ret_ns)
{
    static const struct unit units[] = {{"ms", NS_PER_MS},      {"s", NS_PER_S},         {"m", 60 * NS_PER_S},
                                        {"h", 3600 * NS_PER_S}, {"d", 86400 * NS_PER_S}, {NULL, 0}};
    int64_t whole = 0, part = 0, unit;

    s = str_trim(s);
    unit = take_unit(&s, units);
    if (unit == 0)
        unit = NS_PER_S;
    s = str_trim(s);
    struct str before = s;
    const char *dot = str_find(s, '.');
    if (dot) {
        before.len = (size_t)(dot - s.ptr);
        int r = fraction((struct str){dot + 1, s.len - before.len - 1}, unit, &part);
        if (r < 0)
            return r;
    }
    int r = signed_digits(before, 10, &whole);
    if (r < 0)
        return r;
    *ret_ns = num_add_sat(num_mul_sat(whole, unit), whole < 0 ? -part : part);
    return 0;
}
