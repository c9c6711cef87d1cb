#include "config/types_ours.h"
#include "base/num.h"
#include "config/pytext.h"
#include "config/types.h"
#include "core/check.h"
#include "core/schedule.h"
#include <errno.h>
#include <string.h>

int type_count(struct loader *l, const char *text, void *field)
{
    int64_t n;

    if (num_int(str_from(text), &n) < 0 || n < 1)
        return err_set(l->e, "%s is no count; write a number of at least 1", loader_quote(l, text));
    *(int64_t *)field = n;
    return 0;
}

int type_bytes(struct loader *l, const char *text, void *field)
{
    int64_t n;

    if (num_size(str_from(text), &n) < 0 || n < 0)
        return err_set(l->e, "%s is no size; write bytes, or a number with KB, MB or GB", loader_quote(l, text));
    *(int64_t *)field = n;
    return 0;
}

int type_duration(struct loader *l, const char *text, void *field)
{
    int64_t ns;

    if (num_duration(str_from(text), &ns) < 0 || ns < 0)
        return err_set(l->e, "%s is no time; write seconds, or a number with s, m, h or d", loader_quote(l, text));
    *(int64_t *)field = ns;
    return 0;
}

int type_days(struct loader *l, const char *text, void *field)
{
    int64_t days;

    if (num_int(str_from(text), &days) < 0)
        return type_duration(l, text, field);
    if (days < 0)
        return err_set(l->e, "%s is no number of days", loader_quote(l, text));
    *(int64_t *)field = num_mul_sat(days, 86400 * NS_PER_S);
    return 0;
}

/* In the order of their enumerators. */
static const char *const *words_of(enum option_type type)
{
    static const char *const overlap[] = {"skip", "replace", NULL},
                             *const unhealthy[] = {"none", "restart", "exit", NULL},
                             *const on_end[] = {"ignore", "exit", NULL}, *const done[] = {"stay", "exit", NULL},
                             *const format[] = {"raw", "json", NULL}, *const report[] = {"text", "json", NULL},
                             *const rotate[] = {"size", "hourly", "daily", "weekly", NULL},
                             *const orphans[] = {"ignore", "stop", NULL};

    switch ((int)type) {
    case AS_OVERLAP:
        return overlap;
    case AS_UNHEALTHY:
        return unhealthy;
    case AS_ON_END:
        return on_end;
    case AS_DONE:
        return done;
    case AS_FORMAT:
        return format;
    case AS_REPORT:
        return report;
    case AS_ROTATE:
        return rotate;
    }
    return orphans;
}

static int find_word(struct loader *l, const char *text, unsigned *ret_index)
{
    const char *const *words = words_of(l->option->type);

    for (unsigned i = 0; words[i]; i++) {
        if (!str_is_nocase(str_trim(str_from(text)), words[i]))
            continue;
        *ret_index = i;
        return 0;
    }
    struct buf list;
    buf_init(&list, 256);
    for (unsigned i = 0; words[i]; i++)
        buf_printf(&list, "%s%s", i == 0 ? "" : words[i + 1] ? ", " : " or ", words[i]);
    err_set(l->e, "%s is not allowed; write %s", loader_quote(l, text), list.len ? list.ptr : "a word");
    buf_finish(&list);
    return -EINVAL;
}

int type_word(struct loader *l, const char *text, void *field)
{
    unsigned index;

    _Static_assert(sizeof(enum overlap) == sizeof index, "an enumeration is as large as its number");
    int r = find_word(l, text, &index);
    if (r == 0)
        memcpy(field, &index, sizeof index);
    return r;
}

int type_orphans(struct loader *l, const char *text, void *field)
{
    unsigned index;

    int r = find_word(l, text, &index);
    if (r == 0)
        *(bool *)field = index == 1;
    return r;
}

int type_enabled(struct loader *l, const char *text, void *field)
{
    *(bool *)field = false;
    return str_trim(str_from(text)).len == 0 ? 0 : type_bool(l, text, field);
}

/* Every `{word}` has to be one that a prefix knows. */
static int check_placeholders(struct loader *l, const char *text)
{
    static const char *const known[] = {"{name}", "{group}", "{stream}", "{pid}", "{time}"};

    for (const char *brace = text; (brace = strchr(brace, '{')); brace++) {
        size_t n = 1 + strspn(brace + 1, "abcdefghijklmnopqrstuvwxyz_"), i = 0;
        if (n == 1 || brace[n] != '}')
            continue;
        struct str word = {brace, n + 1};
        while (i < sizeof known / sizeof *known && !str_is(word, known[i]))
            i++;
        if (i == sizeof known / sizeof *known)
            return err_set(l->e, "%.*s is unknown; write {name}, {group}, {stream}, {pid} or {time}", (int)word.len,
                           word.ptr);
    }
    return 0;
}

int type_prefix(struct loader *l, const char *text, void *field)
{
    struct str word = str_trim(str_from(text));

    if (str_is_nocase(word, "true"))
        text = "{name} | ";
    else if (str_is_nocase(word, "none") || str_is_nocase(word, "false"))
        text = "";
    *(const char **)field = loader_keep(l, text);
    return check_placeholders(l, text);
}

int type_schedule(struct loader *l, const char *text, void *field)
{
    struct schedule schedule;

    *(const char **)field = loader_keep(l, text);
    return *text ? schedule_parse(text, &schedule, l->e) : 0;
}

/* The elements that are not empty. */
static struct names kept_list(struct loader *l, const char *text, const char *separators)
{
    struct names all = type_list(l->tmp, text, separators);
    struct names list = {arena_alloc(l->keep, (all.n + 1) * sizeof *all.v), 0};

    for (size_t i = 0; i < all.n; i++)
        if (*all.v[i])
            list.v[list.n++] = loader_keep(l, all.v[i]);
    return list;
}

int type_names(struct loader *l, const char *text, void *field)
{
    *(struct names *)field = kept_list(l, text, ",");
    return 0;
}

int type_checks(struct loader *l, const char *text, void *field)
{
    struct names *checks = field;
    struct check parsed;

    *checks = kept_list(l, text, "\n");
    for (size_t i = 0; i < checks->n; i++) {
        int r = check_parse(str_from(checks->v[i]), &parsed, l->e);
        if (r < 0)
            return r;
    }
    return 0;
}

int type_notify(struct loader *l, const char *text, void *field)
{
    struct spec *spec = field;
    struct str word = str_trim(str_from(text));
    int64_t fd;

    if (word.len == 0 || str_is_nocase(word, "none")) {
        spec->notify = NOTIFY_NONE;
    } else if (str_is_nocase(word, "systemd")) {
        spec->notify = NOTIFY_SYSTEMD;
    } else if (str_starts(word, "fd:") && num_int((struct str){word.ptr + 3, word.len - 3}, &fd) == 0 && fd >= 3 &&
               fd <= 255) {
        spec->notify = NOTIFY_FD;
        spec->notify_fd = (int)fd;
    } else {
        return err_set(l->e, "%s is not allowed; write none, systemd, or fd:N with N from 3 to 255",
                       loader_quote(l, text));
    }
    return 0;
}

static bool condition_of(struct str word, enum condition *ret_condition)
{
    static const struct {
        const char *word;
        enum condition condition;
    } words[] = {{"started", NEED_STARTED},         {"healthy", NEED_HEALTHY},
                 {"completed", NEED_COMPLETED},     {"service_started", NEED_STARTED},
                 {"service_healthy", NEED_HEALTHY}, {"service_completed_successfully", NEED_COMPLETED}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!str_is_nocase(word, words[i].word))
            continue;
        *ret_condition = words[i].condition;
        return true;
    }
    return false;
}

int type_needs(struct loader *l, const char *text, void *field)
{
    enum { NEEDS_MAX = 256 };
    struct names list = kept_list(l, text, ",\n");
    struct spec *spec = field;

    if (list.n > NEEDS_MAX)
        return err_set(l->e, "more than %d dependencies", NEEDS_MAX);
    spec->needs = arena_alloc(l->keep, (list.n + 1) * sizeof *spec->needs);
    spec->needs_n = 0;
    for (size_t i = 0; i < list.n; i++) {
        struct need *need = &spec->needs[spec->needs_n++];
        struct str name = str_from(list.v[i]);
        const char *colon = str_find(name, ':');
        need->condition = NEED_BY_KIND;
        if (colon && !condition_of(str_trim(str_from(colon + 1)), &need->condition))
            return err_set(l->e, "%s is no condition; write started, healthy or completed", loader_quote(l, colon + 1));
        if (colon)
            name.len = (size_t)(colon - name.ptr);
        need->name = arena_str(l->keep, str_trim(name));
    }
    return 0;
}

static int limit_value(struct str text, uint64_t *ret_value)
{
    int64_t n;

    text = str_trim(text);
    if (str_is_nocase(text, "unlimited")) {
        *ret_value = UINT64_MAX;
        return 0;
    }
    int r = num_size(text, &n);
    if (r < 0 || n < 0)
        return -EINVAL;
    *ret_value = (uint64_t)n;
    return 0;
}

int type_limit(struct loader *l, const char *text, void *field)
{
    enum { LIMITS_MAX = 16 };
    struct spec *spec = field;
    struct limit limit = {.name = l->option->key + strlen("limit_")};
    struct str hard = str_from(text), soft;

    if (!str_take_until(&hard, ":", &soft) || limit_value(soft, &limit.soft) < 0 ||
        limit_value(hard.len ? hard : soft, &limit.hard) < 0)
        return err_set(l->e, "%s is no limit; write soft[:hard], each a number, a size or unlimited",
                       loader_quote(l, text));
    if (!spec->limits)
        spec->limits = arena_alloc(l->keep, LIMITS_MAX * sizeof *spec->limits);
    if (spec->limits_n < LIMITS_MAX)
        spec->limits[spec->limits_n++] = limit;
    return 0;
}
