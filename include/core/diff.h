/* What a newly read configuration changes (supervisord contract §3, reread; reloadConfig of §5). Compares groups by
 * name; whether two of a name are equal is the caller's knowledge (config compares option by option). */
#pragma once
#include "core/program.h"
#include <stdbool.h>
#include <stddef.h>

/* Whether two groups of one name are the same in all that matters for a running process. */
typedef bool group_equal(const struct group *a, const struct group *b);

/* The groups are borrowed; the arrays are the caller's. */
struct diff {
    const struct group **added, **changed; /* of the new set, in its order; room for all of them each */
    const struct group **removed;          /* of the active ones, in their order; room for all of them */
    size_t added_n, changed_n, removed_n;
};

/* Compares the active groups with a new set's and fills `d`, whose arrays the caller set. */
void diff_groups(const struct group *const *active, size_t active_n, const struct group *groups, size_t groups_n,
                 group_equal *equal, struct diff *d);
