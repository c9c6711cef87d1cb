#include "config/role.h"
#include "base/num.h"
#include "config/pytext.h"
#include "config/sections.h"
#include "config/source.h"
#include "config/types.h"
#include <errno.h>
#include <string.h>

static const char *lower(struct loader *l, struct str s)
{
    char *copy = arena_str(l->tmp, s);
    for (char *c = copy; *c; c++)
        *c = str_lower(*c);
    return copy;
}

static struct role *role_find(const struct loader *l, const char *name)
{
    for (size_t i = 0; i < l->roles.n; i++)
        if (strcmp(l->roles.v[i].name, name) == 0)
            return &l->roles.v[i];
    return NULL;
}

static void add_role(struct loader *l, struct str name, const char *file)
{
    const char *lowered = lower(l, py_trim(name));
    struct role *known = role_find(l, lowered);

    if (*lowered == '\0')
        return;
    if (!known)
        *vec_push(l->tmp, &l->roles) = (struct role){lowered, file};
    else if (!known->file)
        known->file = file;
}

static void take_file(void *context, const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
    struct loader *l = context;

    add_role(l, (struct str){base, (size_t)(dot - base)}, arena_strdup(l->tmp, path));
}

/* NAME.ini goes before NAME.conf. */
static void add_files(struct loader *l, const char *directory)
{
    l->host->glob(l->host->context, arena_printf(l->tmp, "%s/*.ini", directory), take_file, l);
    l->host->glob(l->host->context, arena_printf(l->tmp, "%s/*.conf", directory), take_file, l);
}

static int add_keys(struct loader *l)
{
    struct scope scope = scope_base(l);

    for (size_t i = 0; i < l->doc.sections.n; i++) {
        const struct section *s = &l->doc.sections.v[i];
        const char *text;
        if (!section_value(s, "roles"))
            continue;
        int r = section_text(l, s, "roles", &scope, &text);
        if (r < 0)
            return r;
        struct names names = text ? type_list(l->tmp, text, ", \n\t\"'") : (struct names){0};
        for (size_t j = 0; j < names.n; j++)
            add_role(l, str_from(names.v[j]), NULL);
    }
    return 0;
}

/* The three keys of [cslsup] that say which roles there are; the section as a whole is read later, for role files may
 * add to it. */
static int read_keys(struct loader *l)
{
    static const struct section nothing = {.name = "cslsup"};
    const struct section *s = doc_section(&l->doc, "cslsup");
    struct settings *settings = &l->settings;
    struct scope scope = scope_base(l);
    const char *directory = NULL;

    if (!s)
        s = &nothing;
    int r = section_text(l, s, "roles_dir", &scope, &directory);
    if (r == 0)
        r = section_text(l, s, "role_env", &scope, &settings->role_env);
    if (r == 0)
        r = section_text(l, s, "default_role", &scope, &settings->default_role);
    if (!settings->role_env || !*settings->role_env)
        settings->role_env = "CONTAINER_ROLE";
    if (directory && *directory && *directory != '/')
        directory = arena_printf(l->tmp, "%s/%s", l->here, directory);
    settings->roles_dir = directory && *directory ? directory : "/etc/cslsup/roles";
    return r;
}

/* What was asked for, as text; "" when nothing was. */
static const char *wanted_text(const struct loader *l)
{
    const char *text = l->request->role;
    struct scope scope = {.env = {&l->env}, .env_n = 1};

    if (!text)
        text = scope_env(&scope, str_from(l->settings.role_env));
    if (!text || py_trim(str_from(text)).len == 0)
        text = l->settings.default_role;
    return text ? text : "";
}

static struct names wanted(struct loader *l)
{
    struct names all = type_list(l->tmp, wanted_text(l), ", \n\t"), list = {all.v, 0};

    for (size_t i = 0; i < all.n; i++)
        if (*all.v[i])
            list.v[list.n++] = lower(l, str_from(all.v[i]));
    return list;
}

static const char *role_list(struct loader *l)
{
    const char *text = "";

    for (size_t i = 0; i < l->roles.n; i++)
        text = arena_printf(l->tmp, "%s%s%s", text, i ? " " : "", l->roles.v[i].name);
    return text;
}

static int unknown_role(struct loader *l, const char *name)
{
    const char **names = arena_alloc(l->tmp, (l->roles.n + 1) * sizeof *names);

    for (size_t i = 0; i < l->roles.n; i++)
        names[i] = l->roles.v[i].name;
    const char *nearest = str_nearest(str_from(name), names);
    err_at(l->e, NULL, 0);
    if (nearest)
        return err_set(l->e, "unknown role %s; did you mean %s? Roles: %s", name, nearest, role_list(l));
    return err_set(l->e, "unknown role %s; roles: %s", name, role_list(l));
}

static int choose(struct loader *l)
{
    const char *joined = "";

    l->selected = wanted(l);
    if (l->selected.n == 0) {
        err_at(l->e, NULL, 0);
        return err_set(l->e, "%s is not set; set it to one of the roles: %s", l->settings.role_env, role_list(l));
    }
    for (size_t i = 0; i < l->selected.n; i++) {
        if (!role_find(l, l->selected.v[i]))
            return unknown_role(l, l->selected.v[i]);
        joined = arena_printf(l->tmp, "%s%s%s", joined, i ? "," : "", l->selected.v[i]);
    }
    l->settings.d.role = loader_keep(l, joined);
    return 0;
}

static bool is_chosen(const struct loader *l, const struct role *role)
{
    for (size_t i = 0; i < l->selected.n; i++)
        if (strcmp(l->selected.v[i], role->name) == 0)
            return true;
    return l->request->any_role;
}

/* Of several role files, a program may stand in one alone. */
static int refuse_doubles(struct loader *l, const struct doc *fresh, const struct doc *before)
{
    enum program_kind kind;
    const char *name;

    for (size_t i = 0; i < fresh->sections.n && !l->request->any_role; i++) {
        const struct section *s = &fresh->sections.v[i], *other = doc_section(before, s->name);
        if (!other || !section_is_program(s, &kind, &name))
            continue;
        err_at(l->e, s->origin.file, s->origin.line);
        return err_set(l->e, "[%s] stands in %s, too; roles that run together may not share a program", s->name,
                       other->origin.file);
    }
    return 0;
}

static int64_t grace_of(struct loader *l, const struct doc *d)
{
    const struct section *s = doc_section(d, "cslsup");
    const struct value *v = s ? section_value(s, "stop_grace_period") : NULL;
    struct scope scope = scope_base(l);
    const char *text;
    int64_t ns = -1;

    if (v && expand_text(l->tmp, &l->scratch, &scope, v->text, v->key, &text, l->e) == 0 &&
        num_duration(str_from(text), &ns) < 0)
        ns = -1; /* the reading of the whole will say so */
    return ns;
}

/* Merges one role's file. `before` holds the role files so far, without the main file. */
static int merge(struct loader *l, const struct role *role, struct doc *before, int64_t *grace)
{
    struct doc fresh = {.a = l->tmp};

    int r = source_read(l, role->file, &fresh);
    if (r == 0)
        r = refuse_doubles(l, &fresh, before);
    if (r < 0)
        return r;
    int64_t own = grace_of(l, &fresh);
    bool longest = own >= *grace;
    if (longest)
        *grace = own;
    doc_merge(before, &fresh, longest ? NULL : "stop_grace_period");
    doc_merge(&l->doc, &fresh, longest ? NULL : "stop_grace_period");
    return 0;
}

static int merge_files(struct loader *l)
{
    struct doc before = {.a = l->tmp};
    int64_t grace = -1;
    int r = 0;

    for (size_t i = 0; r == 0 && i < l->roles.n; i++)
        if (l->roles.v[i].file && is_chosen(l, &l->roles.v[i]))
            r = merge(l, &l->roles.v[i], &before, &grace);
    return r;
}

int roles_apply(struct loader *l)
{
    int r = read_keys(l);
    if (r == 0)
        r = add_keys(l);
    if (r < 0)
        return r;
    if (!l->request->as_supervisord)
        add_files(l, l->settings.roles_dir);
    if (l->roles.n == 0)
        return 0;
    l->roles_matter = true;
    if (!l->request->any_role)
        r = choose(l);
    return r < 0 ? r : merge_files(l);
}

bool roles_stand_alone(struct loader *l)
{
    bool alone = false;

    if (read_keys(l) < 0)
        return false;
    add_files(l, l->settings.roles_dir);
    struct names names = wanted(l);
    for (size_t i = 0; i < names.n; i++)
        alone = alone || role_find(l, names.v[i]) != NULL;
    alone = alone || (l->request->any_role && l->roles.n > 0);
    l->roles.n = 0;
    return alone;
}

bool role_is_file(const struct loader *l, const char *file)
{
    for (size_t i = 0; i < l->roles.n; i++)
        if (l->roles.v[i].file && strcmp(l->roles.v[i].file, file) == 0)
            return true;
    return false;
}

bool role_elsewhere(struct loader *l, const char *name)
{
    for (size_t i = 0; i < l->roles.n; i++) {
        struct doc other = {.a = l->tmp};
        if (!l->roles.v[i].file || is_chosen(l, &l->roles.v[i]))
            continue;
        struct err ignored = *l->e;
        bool found = source_read(l, l->roles.v[i].file, &other) == 0 && doc_has_program(&other, name);
        *l->e = ignored;
        if (found)
            return true;
    }
    return false;
}
