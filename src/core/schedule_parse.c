#include "base/num.h"
#include "base/str.h"
#include "core/schedule.h"
#include <errno.h>

/* `text` as the arguments of a `%.*s`. */
#define SHOW(s) (int)(s).len, (s).ptr

static const char *const month_names[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",
                                          "aug", "sep", "oct", "nov", "dec", NULL};
static const char *const weekday_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL};

enum { MINUTE, HOUR, DAY, MONTH, WEEKDAY, FIELDS };

static const struct field {
    const char *what;
    int low, high;
    const char *const *names; /* of low, low + 1, … */
    const char *right;
} fields[FIELDS] = {
    [MINUTE] = {"minute", 0, 59, NULL, "0-59"},
    [HOUR] = {"hour", 0, 23, NULL, "0-23"},
    [DAY] = {"day of the month", 1, 31, NULL, "1-31"},
    [MONTH] = {"month", 1, 12, month_names, "1-12 or jan-dec"},
    [WEEKDAY] = {"day of the week", 0, 7, weekday_names, "0-7 (0 and 7 are Sunday) or sun-sat"},
};

static const char right_form[] = "right would be 'MINUTE HOUR DAY MONTH WEEKDAY', @hourly, @daily, @weekly, @monthly, "
                                 "@yearly or '@every 90s'";

static int parse_value(const struct field *f, struct str word, int *ret_value, struct err *e)
{
    int64_t n;

    for (int i = 0; f->names && f->names[i]; i++) {
        if (str_is_nocase(word, f->names[i])) {
            *ret_value = f->low + i;
            return 0;
        }
    }
    bool plain = word.len > 0 && word.ptr[0] >= '0' && word.ptr[0] <= '9';
    if (!plain || num_int(word, &n) < 0 || n < f->low || n > f->high)
        return err_set(e, "'%.*s' is no %s; right would be %s", SHOW(word), f->what, f->right);
    *ret_value = (int)n;
    return 0;
}

static int parse_range(const struct field *f, struct str word, int *ret_low, int *ret_high, struct err *e)
{
    struct str cursor = word, first, last;
    int low, high;

    if (!str_take_until(&cursor, "-", &first) || first.len == word.len) {
        int r = parse_value(f, word, ret_low, e);
        if (r == 0)
            *ret_high = *ret_low;
        return r;
    }
    last = cursor;
    if (parse_value(f, first, &low, e) < 0 || parse_value(f, last, &high, e) < 0)
        return -EINVAL;
    if (f == &fields[WEEKDAY] && high == 0 && low > 0)
        high = 7; /* `fri-sun` */
    if (low > high)
        return err_set(e, "'%.*s' runs backwards; right would be %.*s-%.*s", SHOW(word), SHOW(last), SHOW(first));
    *ret_low = low;
    *ret_high = high;
    return 0;
}

/* One part of a field's list: `*`, `5`, `1-5`, the last or the first with a `/2`. */
static int parse_part(const struct field *f, struct str part, uint64_t *set, struct err *e)
{
    struct str cursor = part, range;
    int low = f->low, high = f->high;
    int64_t step = 1;

    if (!str_take_until(&cursor, "/", &range))
        return err_set(e, "a list of the %s has an empty place; right would be %s", f->what, f->right);
    bool has_step = range.len < part.len;
    bool is_all = str_is(range, "*");
    if (!is_all && parse_range(f, range, &low, &high, e) < 0)
        return -EINVAL;
    if (has_step && (num_int(cursor, &step) < 0 || step < 1))
        return err_set(e, "'%.*s' has no step; right would be %.*s/N with N from 1 on", SHOW(part), SHOW(range));
    if (has_step && !is_all && !str_find(range, '-'))
        return err_set(e, "'%.*s' steps from a single %s; right would be %.*s-%d/%.*s", SHOW(part), f->what,
                       SHOW(range), f->high, SHOW(cursor));
    for (int64_t v = low; v <= high; v += step > high ? high + 1 : step)
        *set |= UINT64_C(1) << v;
    return 0;
}

static int parse_field(const struct field *f, struct str word, uint64_t *ret_set, struct err *e)
{
    struct str cursor = word, part;
    uint64_t set = 0;

    while (str_take_until(&cursor, ",", &part))
        if (parse_part(f, part, &set, e) < 0)
            return -EINVAL;
    if (word.ptr[word.len - 1] == ',')
        return parse_part(f, (struct str){word.ptr, 0}, &set, e);
    *ret_set = set;
    return 0;
}

static int parse_cron(struct str text, struct schedule *ret, struct err *e)
{
    struct str cursor = text, words[FIELDS], word;
    uint64_t sets[FIELDS];
    size_t n = 0;

    for (; str_take_word(&cursor, &word); n++)
        if (n < FIELDS)
            words[n] = word;
    if (n != FIELDS)
        return err_set(e, "'%.*s' has %zu fields, not 5; %s", SHOW(text), n, right_form);
    for (size_t i = 0; i < FIELDS; i++)
        if (parse_field(&fields[i], words[i], &sets[i], e) < 0)
            return -EINVAL;
    struct schedule s = {
        .minutes = sets[MINUTE],
        .hours = (uint32_t)sets[HOUR],
        .days = (uint32_t)sets[DAY],
        .months = (uint32_t)sets[MONTH],
        .weekdays = (uint32_t)((sets[WEEKDAY] | sets[WEEKDAY] >> 7) & 0x7f),
        .either_day = words[DAY].ptr[0] != '*' && words[WEEKDAY].ptr[0] != '*',
    };
    if (!schedule_comes(&s))
        return err_set(e, "'%.*s' never comes; right would be a day that its month has", SHOW(text));
    *ret = s;
    return 0;
}

static const struct {
    const char *name, *means;
} nicknames[] = {
    {"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"},
};

static int parse_every(struct str interval, struct schedule *ret, struct err *e)
{
    int64_t ns;

    if (num_duration(interval, &ns) < 0 || ns <= 0)
        return err_set(e, "'@every %.*s' has no interval; right would be '@every 90s', '@every 5m' or '@every 2h'",
                       SHOW(interval));
    if (ns < 100 * NS_PER_MS) /* a command that cannot be run would keep us busy for ever */
        return err_set(e, "'@every %.*s' is too often; the shortest is '@every 100ms'", SHOW(interval));
    *ret = (struct schedule){.every_ns = ns};
    return 0;
}

static int parse_nickname(struct str text, struct schedule *ret, struct err *e)
{
    struct str cursor = text, word;

    str_take_word(&cursor, &word);
    if (str_is_nocase(word, "@every"))
        return parse_every(str_trim(cursor), ret, e);
    for (size_t i = 0; i < sizeof nicknames / sizeof *nicknames; i++)
        if (str_is_nocase(text, nicknames[i].name))
            return parse_cron(str_from(nicknames[i].means), ret, e);
    if (str_is_nocase(text, "@reboot"))
        return err_set(e, "'@reboot' is no schedule; right would be oneshot=true, which runs at start");
    return err_set(e, "'%.*s' is no schedule; %s", SHOW(text), right_form);
}

int schedule_parse(const char *text, struct schedule *ret_schedule, struct err *e)
{
    struct str s = str_trim(str_from(text));

    if (s.len > 0 && s.ptr[0] == '@')
        return parse_nickname(s, ret_schedule, e);
    return parse_cron(s, ret_schedule, e);
}
