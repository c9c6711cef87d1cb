/* How processes are named: `x` (process x of group x), `g:x`, `g:*` or `g:` (the whole group), `all`. */
#pragma once
#include "base/arena.h"
#include "core/program.h"
#include "wire/record.h"
#include <stdbool.h>

struct namespec {
    const char *group;
    const char *process; /* NULL = the whole group */
};

/* Takes a word apart; what it points at is `text` itself or lives in the arena. */
struct namespec namespec_parse(struct arena *a, const char *text);

/* `x` where group and process are called the same, else `g:x`. */
const char *namespec_text(struct arena *a, const char *group, const char *process);

/* As a request names it: `g:x`, or `g:*`. */
const char *namespec_request(struct arena *a, const struct namespec *n);

/* The name of a row that carries NAME and GROUP. */
const char *namespec_of(struct arena *a, const struct record *row);

/* Whether the row's process is meant. */
bool namespec_matches(const struct namespec *n, const struct record *row);

/* Whether `all` stands among the words. */
bool names_all(const struct names *words);

/* Whether the row shows STOPPED, EXITED or FATAL: supervisord's stopped states. */
bool state_is_stopped(const struct record *row);
