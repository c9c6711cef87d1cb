/* Config generations and the groups that come from them: loading, reread, add, remove (supervisord contract §3, §5). A
 * generation lives as long as it is the stored one or an active group came from it. */
#pragma once
#include "base/err.h"
#include "core/fleet.h"
#include "core/program.h"
#include "init/accounts.h"
#include "init/child.h"

struct supervisor;

struct generation {
    struct program_set *set;
    unsigned holds;
    struct account *accounts; /* those found so far; in the set's arena */
};

/* The init floor's record of an active group: fleet_group's `host`. */
struct group_host {
    struct fleet_group *fg;
    struct generation *generation;
    struct child *children;
};

/* Takes the set over. NULL when there is no memory (the set is freed). */
struct generation *generation_new(struct program_set *set);
void generation_release(struct generation *g);

/* Loads the configuration anew. 0, or -EINVAL with what is wrong. */
int generation_load(struct supervisor *s, struct generation **ret_generation, struct err *e);

/* What a reread found: names of groups. */
struct config_diff {
    struct arena *arena; /* owns them; NULL before the first reread */
    struct names added, changed, removed;
};

/* Makes `g` the stored one, which takes it over; groups that are the same in it now come from it, and `s->diff` tells
 * what differs from the active ones. 0, or -ENOMEM, and nothing has changed. */
int generation_store(struct supervisor *s, struct generation *g);

/* Activates a group of the stored generation. 0; -ENOENT (BAD_NAME), -EEXIST (ALREADY_ADDED), or what opening it met,
 * with one line in `e`. Its programs are not started yet: fleet_boot. */
int group_activate(struct supervisor *s, const char *name, struct err *e);

/* Drops a group, whatever its state. */
void group_discard(struct supervisor *s, struct fleet_group *fg);

/* Drops a group whose processes are all down. 0, -ENOENT (BAD_NAME), -EBUSY (STILL_RUNNING). */
int group_deactivate(struct supervisor *s, const char *name);

static inline struct child *child_of(const struct proc *p)
{
    return p->host;
}
