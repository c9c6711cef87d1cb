#include "init/generation.h"
#include "base/log.h"
#include "config/equal.h"
#include "config/load.h"
#include "core/diff.h"
#include "init/supervisor.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DIFF_MAX = 16 << 20 };

/* ---- generations ---- */

struct generation *generation_new(struct program_set *set)
{
    struct generation *g = calloc(1, sizeof *g);

    if (!g) {
        program_set_free(set);
        return NULL;
    }
    *g = (struct generation){.set = set, .holds = 1};
    return g;
}

void generation_release(struct generation *g)
{
    if (!g || --g->holds > 0)
        return;
    program_set_free(g->set);
    free(g);
}

int generation_load(struct supervisor *s, struct generation **ret_generation, struct err *e)
{
    struct program_set *set;
    int r = config_load(&s->request, &set, e);

    if (r < 0)
        return r;
    *ret_generation = generation_new(set);
    return *ret_generation ? 0 : -ENOMEM;
}

static size_t count_groups(const struct fleet *f)
{
    size_t n = 0;

    for (const struct fleet_group *g = f->groups; g; g = g->next)
        n++;
    return n;
}

static void take_names(struct arena *a, const struct group **groups, size_t n, struct names *ret_names)
{
    ret_names->v = arena_alloc(a, (n + 1) * sizeof *ret_names->v);
    ret_names->n = n;
    for (size_t i = 0; i < n; i++)
        ret_names->v[i] = arena_strdup(a, groups[i]->name);
}

static void fill_diff(struct supervisor *s, const struct program_set *set, struct config_diff *ret_diff)
{
    struct arena *a = ret_diff->arena;
    size_t active_n = count_groups(&s->fleet), n = 0;
    const struct group **active = arena_alloc(a, (active_n + 1) * sizeof *active);
    struct diff d = {.added = arena_alloc(a, (set->groups_n + 1) * sizeof *d.added),
                     .changed = arena_alloc(a, (set->groups_n + 1) * sizeof *d.changed),
                     .removed = arena_alloc(a, (active_n + 1) * sizeof *d.removed)};

    for (const struct fleet_group *fg = s->fleet.groups; fg; fg = fg->next)
        active[n++] = fg->group;
    diff_groups(active, active_n, set->groups, set->groups_n, config_group_equal, &d);
    take_names(a, d.added, d.added_n, &ret_diff->added);
    take_names(a, d.changed, d.changed_n, &ret_diff->changed);
    take_names(a, d.removed, d.removed_n, &ret_diff->removed);
}

/* The names are copies: groups come and go while a slow client takes them. */
static int compare(struct supervisor *s, const struct program_set *set, struct config_diff *ret_diff)
{
    ret_diff->arena = arena_new(DIFF_MAX);
    if (!ret_diff->arena)
        return -ENOMEM;
    if (setjmp(*arena_recovery(ret_diff->arena))) {
        arena_free(ret_diff->arena);
        return -ENOMEM;
    }
    fill_diff(s, set, ret_diff);
    return 0;
}

static const struct group *find_group(const struct program_set *set, const char *name)
{
    for (size_t i = 0; i < set->groups_n; i++)
        if (strcmp(set->groups[i].name, name) == 0)
            return &set->groups[i];
    return NULL;
}

static bool has_accounts(struct generation *g, const struct group *group)
{
    const struct account *account;

    for (size_t i = 0; i < group->n; i++)
        if (accounts_find(g, &group->specs[i], &account, NULL) < 0)
            return false;
    return true;
}

/* Groups that the new generation has unchanged come from it now, so that the old one can go. */
static void retarget(struct supervisor *s, struct generation *g)
{
    for (struct fleet_group *fg = s->fleet.groups; fg; fg = fg->next) {
        struct group_host *host = fg->host;
        const struct group *same = find_group(g->set, fg->group->name);
        if (!same || !config_group_equal(fg->group, same) || !has_accounts(g, same))
            continue;
        fleet_retarget(fg, same);
        for (size_t i = 0; i < fg->n; i++)
            child_retarget(&host->children[i], g);
        g->holds++;
        generation_release(host->generation);
        host->generation = g;
    }
}

int generation_store(struct supervisor *s, struct generation *g)
{
    struct config_diff diff;
    int r = compare(s, g->set, &diff);

    if (r < 0)
        return r;
    arena_free(s->diff.arena);
    s->diff = diff;
    retarget(s, g);
    generation_release(s->stored);
    s->stored = g;
    return 0;
}

/* ---- groups ---- */

static int by_name(const void *a, const void *b)
{
    const struct spec *x = (*(struct proc *const *)a)->spec, *y = (*(struct proc *const *)b)->spec;
    int r = strcmp(x->group, y->group);

    return r ? r : strcmp(x->name, y->name);
}

/* The tables whose size follows the number of processes: made anew whenever that changes. */
static int resize_tables(struct supervisor *s, size_t more)
{
    size_t n = s->procs_n + more;
    struct stop_item *items = realloc(s->stop_items, (n + 1) * sizeof *items);

    if (items) {
        s->stop_items = items;
        fleet_reserve(&s->fleet, items, n);
    }
    struct proc **sorted = realloc(s->sorted, (n + 1) * sizeof *sorted);
    if (sorted)
        s->sorted = sorted;
    return items && sorted ? 0 : -ENOMEM;
}

void supervisor_sort(struct supervisor *s)
{
    if (!s->sorted_stale)
        return;
    s->sorted_stale = false;
    s->sorted_n = 0;
    for (struct proc *p = fleet_each(&s->fleet, NULL); p; p = fleet_each(&s->fleet, p))
        s->sorted[s->sorted_n++] = p;
    qsort(s->sorted, s->sorted_n, sizeof *s->sorted, by_name);
}

static void free_group(struct supervisor *s, struct group_host *host)
{
    if (host->children)
        for (size_t i = 0; i < host->fg->n; i++)
            child_close(&host->children[i]);
    fleet_remove(&s->fleet, host->fg);
    generation_release(host->generation);
    free(host->children);
    free(host->fg);
    free(host);
}

static int open_children(struct supervisor *s, struct group_host *host, struct err *e)
{
    struct fleet_group *fg = host->fg;

    host->children = calloc(fg->n ? fg->n : 1, sizeof *host->children);
    if (!host->children)
        return err_set(e, "out of memory");
    for (size_t i = 0; i < fg->n; i++) {
        int r = child_open(&host->children[i], s, &fg->procs[i], host->generation, e);
        if (r < 0)
            return r;
    }
    return 0;
}

static int add_group(struct supervisor *s, const struct group *g, struct err *e)
{
    struct group_host *host = calloc(1, sizeof *host);
    void *memory = calloc(1, fleet_group_bytes(g));

    if (!host || !memory || resize_tables(s, g->n) < 0) {
        free(host);
        free(memory);
        err_set(e, "out of memory");
        return -ENOMEM;
    }
    host->fg = fleet_add(&s->fleet, g, memory);
    host->fg->host = host;
    host->generation = s->stored;
    s->stored->holds++;
    int r = open_children(s, host, e);
    if (r < 0)
        free_group(s, host);
    s->procs_n += r == 0 ? g->n : 0;
    s->sorted_stale = true;
    return r;
}

int group_activate(struct supervisor *s, const char *name, struct err *e)
{
    const struct group *g = find_group(s->stored->set, name);

    if (!g)
        return -ENOENT;
    if (fleet_group_find(&s->fleet, name))
        return -EEXIST;
    return add_group(s, g, e);
}

void group_discard(struct supervisor *s, struct fleet_group *fg)
{
    s->procs_n -= fg->n;
    s->sorted_stale = true;
    free_group(s, fg->host);
}

int group_deactivate(struct supervisor *s, const char *name)
{
    struct fleet_group *fg = fleet_group_find(&s->fleet, name);

    if (!fg)
        return -ENOENT;
    if (!fleet_group_is_down(fg))
        return -EBUSY;
    group_discard(s, fg);
    return 0;
}
