#include "config/equal.h"
#include "config/options.h"
#include <string.h>

static bool texts_equal(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b) == 0;
}

static bool names_equal(const void *a, const void *b)
{
    const struct names *x = a, *y = b;

    if (x->n != y->n)
        return false;
    for (size_t i = 0; i < x->n; i++)
        if (strcmp(x->v[i], y->v[i]) != 0)
            return false;
    return true;
}

static const char *env_value(const struct env_list *env, const char *name)
{
    for (size_t i = 0; i < env->n; i++)
        if (strcmp(env->v[i].name, name) == 0)
            return env->v[i].value;
    return NULL;
}

/* As dictionaries: the order does not matter. */
static bool envs_equal(const void *a, const void *b)
{
    const struct env_list *x = a, *y = b;

    if (x->n != y->n)
        return false;
    for (size_t i = 0; i < x->n; i++) {
        const char *other = env_value(y, x->v[i].name);
        if (!other || strcmp(other, x->v[i].value) != 0)
            return false;
    }
    return true;
}

static bool logs_equal(const void *a, const void *b)
{
    const struct log_spec *x = a, *y = b;
    return x->target == y->target && strcmp(x->path, y->path) == 0;
}

/* The types below fill several fields of a spec; they get the whole of it. */
static bool users_equal(const void *a, const void *b)
{
    const struct spec *x = a, *y = b;
    return x->uid == y->uid && strcmp(x->user, y->user) == 0;
}

static bool notify_equal(const void *a, const void *b)
{
    const struct spec *x = a, *y = b;
    return x->notify == y->notify && x->notify_fd == y->notify_fd;
}

static bool needs_equal(const void *a, const void *b)
{
    const struct spec *x = a, *y = b;

    if (x->needs_n != y->needs_n)
        return false;
    for (size_t i = 0; i < x->needs_n; i++)
        if (x->needs[i].condition != y->needs[i].condition || strcmp(x->needs[i].name, y->needs[i].name) != 0)
            return false;
    return true;
}

static bool limits_equal(const void *a, const void *b)
{
    const struct spec *x = a, *y = b;

    if (x->limits_n != y->limits_n)
        return false;
    for (size_t i = 0; i < x->limits_n; i++)
        if (strcmp(x->limits[i].name, y->limits[i].name) != 0 || x->limits[i].soft != y->limits[i].soft ||
            x->limits[i].hard != y->limits[i].hard)
            return false;
    return true;
}

#define COMPARE(name, type)                                                                                            \
    static bool name(const void *a, const void *b)                                                                     \
    {                                                                                                                  \
        return memcmp(a, b, sizeof(type)) == 0;                                                                        \
    }
COMPARE(numbers_equal, int64_t)
COMPARE(flags_equal, bool)
COMPARE(words_equal, enum overlap) /* every enumeration, and a signal's number, is as large as this */
COMPARE(codes_equal, struct exit_codes)

typedef bool comparison(const void *a, const void *b);

static comparison *const comparisons[OPTION_TYPE_COUNT] = {
    [AS_HANDLER] = texts_equal,    [AS_BUFFER_SIZE] = numbers_equal, [AS_SOCKET_MODE] = numbers_equal,
    [AS_TEXT] = texts_equal,       [AS_COMMAND] = texts_equal,       [AS_PROCESS_NAME] = texts_equal,
    [AS_SERVERURL] = texts_equal,  [AS_PREFIX] = texts_equal,        [AS_SCHEDULE] = texts_equal,
    [AS_INT] = numbers_equal,      [AS_COUNT] = numbers_equal,       [AS_OCTAL] = numbers_equal,
    [AS_SIZE] = numbers_equal,     [AS_BYTES] = numbers_equal,       [AS_SECONDS] = numbers_equal,
    [AS_DURATION] = numbers_equal, [AS_DAYS] = numbers_equal,        [AS_BOOL] = flags_equal,
    [AS_MUST_NOT] = flags_equal,   [AS_SIGNAL] = words_equal,        [AS_AUTORESTART] = words_equal,
    [AS_OVERLAP] = words_equal,    [AS_UNHEALTHY] = words_equal,     [AS_ON_END] = words_equal,
    [AS_FORMAT] = words_equal,     [AS_ROTATE] = words_equal,        [AS_EXITCODES] = codes_equal,
    [AS_USER] = users_equal,       [AS_LOGFILE] = logs_equal,        [AS_ENVIRONMENT] = envs_equal,
    [AS_NAMES] = names_equal,      [AS_EVENTS] = names_equal,        [AS_CHECKS] = names_equal,
    [AS_NOTIFY] = notify_equal,    [AS_NEEDS] = needs_equal,         [AS_LIMIT] = limits_equal,
};

bool config_spec_equal(const struct spec *a, const struct spec *b)
{
    if (a->kind != b->kind || strcmp(a->name, b->name) != 0 || strcmp(a->program, b->program) != 0)
        return false;
    for (const struct option *o = option_table; o->key; o++) {
        if (!(o->sections & (SECTION_PROGRAM | SECTION_LISTENER | SECTION_FCGI)) || o->offset >= sizeof *a)
            continue; /* what only the reading needs: numprocs shows in the number of specs */
        if (!comparisons[o->type]((const char *)a + o->offset, (const char *)b + o->offset))
            return false;
    }
    return true;
}

bool config_group_equal(const struct group *a, const struct group *b)
{
    if (strcmp(a->name, b->name) != 0 || a->kind != b->kind || a->priority != b->priority || a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!config_spec_equal(&a->specs[i], &b->specs[i]))
            return false;
    return true;
}
