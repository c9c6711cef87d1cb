#include "base/opt.h"
#include "base/num.h"
#include "base/str.h"
#include <errno.h>
#include <string.h>

#define OPTS_MAX 16

static int unknown(const struct opt *opts, size_t n, struct str name, struct err *e)
{
    const char *names[OPTS_MAX + 1] = {NULL}, *nearest;

    for (size_t i = 0; i < n && i < OPTS_MAX; i++)
        names[i] = opts[i].name;
    nearest = str_nearest(name, names);
    return err_set(e, "unknown option '%.*s'%s%s%s", (int)name.len, name.ptr, nearest ? "; did you mean '" : "",
                   nearest ? nearest : "; --help lists them", nearest ? "'?" : "");
}

static int set(const struct opt *o, const char *value, struct err *e)
{
    if (o->text) {
        *o->text = value;
        return 0;
    }
    if (num_duration(str_from(value), o->duration_ns) < 0 || *o->duration_ns < 0)
        return err_set(e, "%s takes seconds, as in '5' or '1m'; this is '%s'", o->name, value);
    return 0;
}

/* The option at argv[*at]; `*at` moves on to its value when that is the next word. */
static int take(const struct opt *opts, size_t n, int argc, char **argv, int *at, struct err *e)
{
    struct str rest = str_from(argv[*at]), name;
    bool has_value = str_find(rest, '=') != NULL;

    str_take_until(&rest, "=", &name);
    for (size_t i = 0; i < n; i++) {
        if (!str_is(name, opts[i].name))
            continue;
        if (opts[i].flag) {
            *opts[i].flag = true;
            return has_value ? err_set(e, "%s takes no value", opts[i].name) : 0;
        }
        if (has_value)
            return set(&opts[i], rest.ptr, e);
        if (*at + 1 == argc)
            return err_set(e, "%s needs a value", opts[i].name);
        return set(&opts[i], argv[++*at], e);
    }
    return unknown(opts, n, name, e);
}

int opt_take(const struct opt *opts, size_t n, int argc, char **argv, bool first_word_ends, struct err *e)
{
    int words = 1;
    bool only_words = false;

    for (int i = 1; i < argc; i++) {
        if (only_words || argv[i][0] != '-' || !argv[i][1]) {
            argv[words++] = argv[i];
            only_words |= first_word_ends;
        } else if (!strcmp(argv[i], "--")) {
            only_words = true;
        } else {
            int r = take(opts, n, argc, argv, &i, e);
            if (r < 0)
                return r;
        }
    }
    argv[words] = NULL;
    return words;
}
