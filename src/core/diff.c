#include "core/diff.h"
#include <string.h>

static const struct group *find_active(const struct group *const *active, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(active[i]->name, name) == 0)
            return active[i];
    return NULL;
}

static bool is_in(const struct group *groups, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(groups[i].name, name) == 0)
            return true;
    return false;
}

void diff_groups(const struct group *const *active, size_t active_n, const struct group *groups, size_t groups_n,
                 group_equal *equal, struct diff *d)
{
    d->added_n = d->changed_n = d->removed_n = 0;
    for (size_t i = 0; i < groups_n; i++) {
        const struct group *twin = find_active(active, active_n, groups[i].name);
        if (!twin)
            d->added[d->added_n++] = &groups[i];
        else if (!equal(twin, &groups[i]))
            d->changed[d->changed_n++] = &groups[i];
    }
    for (size_t i = 0; i < active_n; i++)
        if (!is_in(groups, groups_n, active[i]->name))
            d->removed[d->removed_n++] = active[i];
}
