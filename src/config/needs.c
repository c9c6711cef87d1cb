/* depends_on (container contract §3), once all programs are known. */
#include "config/role.h"
#include "config/sections.h"
#include "config/types_ours.h"
#include <errno.h>
#include <string.h>

/* A program section as a node of the graph of dependencies. */
struct node {
    const struct spec *spec; /* its first process */
    VEC(size_t) needs;
    bool done;
};

struct graph {
    VEC(struct node) nodes;
    struct index programs; /* number of a program's node */
    struct index groups;   /* number of a group */
};

static void add_nodes(struct loader *l, struct graph *g)
{
    for (size_t i = 0; i < l->groups.n; i++) {
        const struct group *group = &l->groups.v[i];
        index_add(&g->groups, l->tmp, group->name, i);
        for (size_t j = 0; j < group->n; j++) {
            if (index_find(&g->programs, group->specs[j].program) != INDEX_NONE)
                continue;
            index_add(&g->programs, l->tmp, group->specs[j].program, g->nodes.n);
            vec_push(l->tmp, &g->nodes)->spec = &group->specs[j];
        }
    }
}

static enum condition by_kind(const struct spec *spec)
{
    if (spec->oneshot)
        return NEED_COMPLETED;
    return spec->health.checks.n > 0 || spec->notify != NOTIFY_NONE ? NEED_HEALTHY : NEED_STARTED;
}

/* The resolved needs of one process, while they are collected. */
struct resolved {
    VEC(struct need) list;
};

static void add_need(struct loader *l, struct resolved *to, const struct spec *target, enum condition condition)
{
    if (condition == NEED_BY_KIND)
        condition = by_kind(target);
    for (size_t i = 0; i < to->list.n; i++)
        if (strcmp(to->list.v[i].name, target->program) == 0 && to->list.v[i].condition == condition)
            return;
    *vec_push(l->keep, &to->list) = (struct need){target->program, condition};
}

static int unknown(struct loader *l, const struct graph *g, const struct spec *spec, const char *name)
{
    struct origin at = spec_origin(l, spec, "depends_on");
    const char **names = arena_alloc(l->tmp, (g->nodes.n + 1) * sizeof *names);

    size_t n = 0;

    for (size_t i = 0; i < g->nodes.n; i++)
        if (strcmp(g->nodes.v[i].spec->program, spec->program) != 0)
            names[n++] = g->nodes.v[i].spec->program;
    const char *nearest = str_nearest(str_from(name), names);
    err_at(l->e, at.file, at.line);
    return err_set(l->e, "%s depends on %s, which is no program and no group; %s%s%s", spec->program, name,
                   nearest ? "did you mean " : "write the name of a section", nearest ? nearest : "",
                   nearest ? "?" : "");
}

/* One name: a program, the programs of a group, or something that is left out here. */
static int resolve_name(struct loader *l, const struct graph *g, const struct spec *spec, const struct need *need,
                        struct resolved *to)
{
    size_t node = index_find(&g->programs, need->name), group = index_find(&g->groups, need->name);

    if (node != INDEX_NONE) {
        add_need(l, to, g->nodes.v[node].spec, need->condition);
        return 0;
    }
    if (group != INDEX_NONE) {
        for (size_t i = 0; i < l->groups.v[group].n; i++)
            add_need(l, to, &l->groups.v[group].specs[i], need->condition);
        return 0;
    }
    if (!doc_has_program(&l->doc, need->name) && !role_elsewhere(l, need->name))
        return unknown(l, g, spec, need->name);
    loader_find(l, "not-in-role", spec_origin(l, spec, "depends_on"),
                "%s depends on %s, which is not loaded here; it starts without", spec->program, need->name);
    return 0;
}

static int resolve(struct loader *l, const struct graph *g, struct spec *spec)
{
    struct resolved to = {0};
    int r = 0;

    for (size_t i = 0; r == 0 && i < spec->needs_n; i++)
        r = resolve_name(l, g, spec, &spec->needs[i], &to);
    spec->needs = to.list.v;
    spec->needs_n = to.list.n;
    return r;
}

static void add_edges(struct loader *l, struct graph *g)
{
    for (size_t i = 0; i < l->groups.n; i++)
        for (size_t j = 0; j < l->groups.v[i].n; j++) {
            const struct spec *spec = &l->groups.v[i].specs[j];
            struct node *node = spec->needs_n ? &g->nodes.v[index_find(&g->programs, spec->program)] : NULL;
            for (size_t k = 0; k < spec->needs_n; k++)
                *vec_push(l->tmp, &node->needs) = index_find(&g->programs, spec->needs[k].name);
        }
}

/* The first need that is not done, or the number of nodes. */
static size_t open_need(const struct graph *g, const struct node *node)
{
    for (size_t i = 0; i < node->needs.n; i++)
        if (!g->nodes.v[node->needs.v[i]].done)
            return node->needs.v[i];
    return g->nodes.n;
}

/* Follows open needs from an open node until one comes again: from there it is a ring. */
static int refuse_cycle(struct loader *l, const struct graph *g, size_t at)
{
    bool *seen = arena_alloc(l->tmp, g->nodes.n * sizeof *seen);
    const char *ring;

    for (; !seen[at]; at = open_need(g, &g->nodes.v[at]))
        seen[at] = true;
    const struct spec *spec = g->nodes.v[at].spec;
    ring = spec->program;
    for (size_t i = open_need(g, &g->nodes.v[at]); i != at; i = open_need(g, &g->nodes.v[i]))
        if (strlen(ring) < 1000)
            ring = arena_printf(l->tmp, "%s -> %s", ring, g->nodes.v[i].spec->program);
    struct origin origin = spec_origin(l, spec, "depends_on");
    err_at(l->e, origin.file, origin.line);
    return err_set(l->e, "depends_on goes round in a circle: %s -> %s; take one of them out", ring, spec->program);
}

static int refuse_cycles(struct loader *l, struct graph *g)
{
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < g->nodes.n; i++) {
            struct node *node = &g->nodes.v[i];
            if (node->done || open_need(g, node) < g->nodes.n)
                continue;
            node->done = moved = true;
        }
    }
    for (size_t i = 0; i < g->nodes.n; i++)
        if (!g->nodes.v[i].done)
            return refuse_cycle(l, g, i);
    return 0;
}

int needs_resolve(struct loader *l)
{
    struct graph g = {0};
    int r = 0;

    add_nodes(l, &g);
    for (size_t i = 0; i < l->groups.n; i++)
        for (size_t j = 0; r == 0 && j < l->groups.v[i].n; j++)
            r = resolve(l, &g, &l->groups.v[i].specs[j]);
    if (r < 0)
        return r;
    add_edges(l, &g);
    return refuse_cycles(l, &g);
}
