/* Program and group sections → groups. */
#include "config/programs.h"
#include "config/pytext.h"
#include "config/sections.h"
#include "config/types.h"
#include <stdlib.h>
#include <string.h>

static int read_priority(struct loader *l, const struct section *s, int64_t fallback, int64_t *ret_priority)
{
    struct scope scope = scope_base(l);
    const char *text;

    *ret_priority = fallback;
    int r = section_text(l, s, "priority", &scope, &text);
    if (r < 0 || !text)
        return r;
    return type_int(l, text, ret_priority) < 0 ? section_error(l, s, doc_value(&l->doc, s, "priority"), false) : 0;
}

static void add_group(struct loader *l, const struct group *group, const struct members *members)
{
    struct group *added = vec_push(l->tmp, &l->groups);

    *added = *group;
    added->n = members->specs.n;
    added->specs = arena_alloc(l->keep, added->n * sizeof *added->specs);
    if (added->n)
        memcpy(added->specs, members->specs.v, added->n * sizeof *added->specs);
}

static bool is_selected_program(struct loader *l, const struct section *s, const char *group, int *ret_error)
{
    enum program_kind kind;
    const char *program;
    bool selected = false;

    if (!section_is_program(s, &kind, &program))
        return false;
    program = arena_str(l->tmp, py_trim(str_from(program)));
    struct scope scope = program_scope(l, program, group ? group : program);
    *ret_error = section_selected(l, s, &scope, &selected);
    return selected && *ret_error == 0;
}

/* One name out of programs=: a program or fcgi program, which thereby has no group of its own. */
static int read_member(struct loader *l, const struct section *group, const char *group_name, const char *member,
                       struct index *grouped, struct members *members)
{
    const struct section *program = doc_section(&l->doc, arena_printf(l->tmp, "program:%s", member));
    const struct section *fcgi = doc_section(&l->doc, arena_printf(l->tmp, "fcgi-program:%s", member));
    const struct section *s = program ? program : fcgi;
    int r = 0;

    if (!s || (program && fcgi)) {
        if (s)
            err_set(l->e, "[%s] name %s is ambiguous (exists as program and fcgi-program)", group->name, member);
        else
            err_set(l->e, "[%s] names unknown program or fcgi-program %s", group->name, member);
        return section_error(l, group, doc_value(&l->doc, group, "programs"), false);
    }
    if (index_find(grouped, s->name) == INDEX_NONE)
        index_add(grouped, l->tmp, s->name, 0);
    if (!is_selected_program(l, s, group_name, &r))
        return r;
    return program_read(l, s, program ? KIND_PROGRAM : KIND_FCGI, group_name, members);
}

static int read_group(struct loader *l, const struct section *s, struct index *grouped)
{
    struct group group = {.kind = KIND_PROGRAM};
    struct members members = {0};
    struct scope scope = scope_base(l);
    const char *name, *programs;
    bool selected;

    if (name_check(l, strchr(s->name, ':') + 1, &name) < 0)
        return section_error(l, s, NULL, false);
    group.name = loader_keep(l, name);
    int r = section_text(l, s, "programs", &scope, &programs);
    if (r == 0)
        r = read_priority(l, s, 999, &group.priority);
    if (r == 0)
        r = section_selected(l, s, &scope, &selected);
    if (r < 0 || !selected)
        return r;
    struct names list = type_list(l->tmp, programs ? programs : "", ",");
    for (size_t i = 0; r == 0 && i < list.n; i++)
        r = read_member(l, s, group.name, list.v[i], grouped, &members);
    if (r == 0 && (members.specs.n > 0 || list.n == 0))
        add_group(l, &group, &members);
    return r;
}

/* The group that a program section has of its own unless it is a member of another. */
static int read_own_group(struct loader *l, const struct section *s, enum program_kind kind)
{
    struct group group = {.kind = kind, .homogeneous = true};
    struct members members = {0};
    const char *name;
    int r = 0;

    if (!is_selected_program(l, s, NULL, &r))
        return r;
    if (name_check(l, strchr(s->name, ':') + 1, &name) < 0)
        return section_error(l, s, NULL, false);
    group.name = loader_keep(l, name);
    r = read_priority(l, s, kind == KIND_EVENTLISTENER ? -1 : 999, &group.priority);
    if (r == 0)
        r = program_read(l, s, kind, group.name, &members);
    if (r == 0)
        add_group(l, &group, &members);
    return r;
}

static int read_own_groups(struct loader *l, enum program_kind wanted, const struct index *grouped)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < l->doc.sections.n; i++) {
        const struct section *s = &l->doc.sections.v[i];
        enum program_kind kind;
        const char *name;
        if (section_is_program(s, &kind, &name) && kind == wanted && index_find(grouped, s->name) == INDEX_NONE)
            r = read_own_group(l, s, kind);
    }
    return r;
}

static int by_priority(const void *a, const void *b)
{
    const struct group *x = a, *y = b;

    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    int names = strcmp(x->name, y->name);
    return names != 0 ? names : (int)x->kind - (int)y->kind;
}

/* Of two groups with one name supervisord starts the first and forgets the other. */
static void drop_doubles(struct loader *l)
{
    struct index names = {0};
    size_t kept = 0;

    for (size_t i = 0; i < l->groups.n; i++) {
        size_t same = index_find(&names, l->groups.v[i].name);
        if (same == INDEX_NONE) {
            index_add(&names, l->tmp, l->groups.v[i].name, kept);
            l->groups.v[kept++] = l->groups.v[i];
        } else {
            loader_warn(l, "Group %s is defined twice, only that of priority %lld is used", l->groups.v[i].name,
                        (long long)l->groups.v[same].priority);
        }
    }
    l->groups.n = kept;
}

int programs_read(struct loader *l)
{
    static const enum program_kind order[] = {KIND_PROGRAM, KIND_EVENTLISTENER, KIND_FCGI};
    struct index grouped = {0};
    int r = 0;

    for (size_t i = 0; r == 0 && i < l->doc.sections.n; i++)
        if (strncmp(l->doc.sections.v[i].name, "group:", strlen("group:")) == 0)
            r = read_group(l, &l->doc.sections.v[i], &grouped);
    for (size_t i = 0; r == 0 && i < sizeof order / sizeof *order; i++)
        r = read_own_groups(l, order[i], &grouped);
    if (r < 0)
        return r;
    if (l->groups.n > 1)
        qsort(l->groups.v, l->groups.n, sizeof *l->groups.v, by_priority);
    drop_doubles(l);
    return 0;
}
