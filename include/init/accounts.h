/* The accounts that programs run as. Each is looked up once in a generation, when the first program with it is made
 * active: a thousand programs of www-data read the user database once. */
#pragma once
#include "base/err.h"
#include "core/program.h"
#include <sys/types.h>

struct generation;

struct account {
    struct account *next;
    bool set; /* not our own: a child has to become it */
    uid_t uid;
    gid_t gid;
    gid_t *groups;
    size_t groups_n;
    const char *name, *home, *shell; /* NULL: the user database does not know our own uid */
};

/* The account of `spec`, which lives as long as `g`. 0, or -errno with one line in `e`. */
int accounts_find(struct generation *g, const struct spec *spec, const struct account **ret_account, struct err *e);
