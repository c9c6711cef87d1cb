/* Python's `%(name)format` in values (supervisord contract §1), with `%(ENV_X:-default)s`, `%(ENV_X:+word)s` and
 * `%(ENV_X:?why)s` (container contract §3). */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "core/program.h"
#include <stdbool.h>

enum { SCOPE_NAMES_MAX = 10, SCOPE_ENVS_MAX = 3 };

/* One name besides the environment: a text, or a number when `text` is NULL. */
struct scope_name {
    const char *name, *text;
    int64_t number;
};

/* The names that are visible where a value stands. Borrows everything. */
struct scope {
    struct scope_name names[SCOPE_NAMES_MAX];
    size_t names_n;
    const struct env_list *env[SCOPE_ENVS_MAX]; /* visible as ENV_X; a later one covers an earlier one */
    size_t env_n;
    bool own_words; /* errors in a line of our own instead of supervisord's, which lists the whole environment */
    bool *missing;  /* not NULL: an unset ENV_X sets it and expands to nothing, instead of being an error */
};

/* Make a name, a number, or the variables of a list visible. All are borrowed. */
void scope_add(struct scope *s, const char *name, const char *text);
void scope_add_number(struct scope *s, const char *name, int64_t number);
void scope_add_env(struct scope *s, const struct env_list *env);

/* The value of a variable in the scope's environments, NULL when unset. */
const char *scope_env(const struct scope *s, struct str name);

/* Longest value once it is expanded. */
enum { EXPANDED_MAX = 1024 * 1024 };

/* Expands `text` into a new string of `a`; `where` names the value in errors (`program:x.command`). 0, or -EINVAL
 * with supervisord's own text. `scratch` is a buffer to work in (of at least EXPANDED_MAX), left empty. */
int expand_text(struct arena *a, struct buf *scratch, const struct scope *s, const char *text, const char *where,
                const char **ret_text, struct err *e);
