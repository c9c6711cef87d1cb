#include "config/sections.h"
#include "config/pytext.h"
#include "config/types.h"
#include <errno.h>
#include <string.h>

struct scope scope_base(struct loader *l)
{
    struct scope scope = {.own_words = !l->request->as_supervisord};

    scope_add(&scope, "here", l->here);
    if (l->roles_matter)
        scope_add(&scope, "role", l->settings.d.role);
    scope_add_env(&scope, &l->env);
    if (l->settings.d.environment.n)
        scope_add_env(&scope, &l->settings.d.environment);
    return scope;
}

int section_error(struct loader *l, const struct section *s, const struct value *v, bool program_error)
{
    const char *text = arena_strdup(l->tmp, l->e->text);
    struct origin at = v ? v->origin : s->origin;

    err_at(l->e, at.file, at.line);
    if (!l->request->as_supervisord)
        return v ? err_set(l->e, "%s: %s", v->key, text) : err_set(l->e, "%s", text);
    if (program_error)
        err_set(l->e, "%s in section %s (file: %s)", text, loader_quote(l, s->name),
                loader_quote(l, s->origin.file ? s->origin.file : ""));
    return -EINVAL;
}

/* Expands a value; 1 when a variable that it needs is unset and may be (`check --no-env`). */
static int expand_value(struct loader *l, const struct section *s, const struct value *v, const char *text,
                        const char *key, bool plain, struct scope *scope, const char **ret_text)
{
    bool missing = false;

    if (!strchr(text, '%')) {
        *ret_text = text;
        return 0;
    }
    const char *where = plain ? key : arena_printf(l->tmp, "%s.%s", s->name, key);
    scope->missing = l->request->no_env ? &missing : NULL;
    int r = expand_text(l->tmp, &l->scratch, scope, text, where, ret_text, l->e);
    scope->missing = NULL;
    if (r < 0 || !missing)
        return r;
    loader_find(l, "unset-variable", v ? v->origin : s->origin,
                "%s uses a variable that is not set here: %s; give it a "
                "default with %%(ENV_X:-default)s, or set it where this runs",
                where, text);
    return 1;
}

int section_text(struct loader *l, const struct section *s, const char *key, struct scope *scope, const char **ret_text)
{
    const struct value *v = doc_value(&l->doc, s, key);
    const char *text = NULL;

    if (v) {
        int r = expand_value(l, s, v, v->text, key, false, scope, &text);
        if (r < 0)
            return section_error(l, s, v, false);
        if (r == 1)
            text = NULL;
    }
    *ret_text = text;
    return 0;
}

/* One pair of quotes around a value of the container contract is removed (§11). */
static const char *without_quotes(struct loader *l, const char *text)
{
    size_t n = strlen(text);

    if (n < 2 || (text[0] != '"' && text[0] != '\'') || text[n - 1] != text[0])
        return text;
    return arena_str(l->tmp, (struct str){text + 1, n - 2});
}

static void record(struct loader *l, const char *text)
{
    if (!l->record || l->option->type == AS_NOTHING)
        return;
    *vec_push(l->tmp, &l->effective) = (struct effective){
        .option = l->option, .text = text, .origin = l->value ? l->value->origin : (struct origin){0}};
}

/* supervisord says what is wrong; we add what would be right (container contract §11). */
static void add_mend(struct loader *l)
{
    static const char *const mends[] = {
#define X(name, mend) mend,
        OPTION_TYPES(X)
#undef X
    };
    const char *mend = mends[l->option->type], *text = arena_strdup(l->tmp, l->e->text);

    if (*mend && !l->request->as_supervisord)
        err_set(l->e, "%s; %s", text, mend);
}

int option_read(struct loader *l, const struct section *s, const struct option *o, struct scope *scope, void *base)
{
    const struct value *v = doc_value(&l->doc, s, o->key);
    bool program_error = (o->sections & SECTION_PROGRAM) != 0;

    if (v && o->type == AS_MUST_NOT && v != section_value(s, o->key))
        v = NULL; /* what a kind of program may not have is skipped when it comes from [program_defaults] */
    const char *text = v ? v->text : o->fallback;
    if (!text)
        return 0;
    l->section = s;
    l->option = o;
    l->value = v;
    l->scope = scope;
    int r = expand_value(l, s, v, text, o->key, o->names == NAMES_PLAIN, scope, &text);
    if (r < 0)
        return section_error(l, s, v, program_error);
    if (r == 1 && o->type != AS_COMMAND)
        text = o->fallback;
    else if (r == 1)
        text = v ? v->text : o->fallback;
    if (!text)
        return 0;
    if (o->version != VERSION_BASE)
        text = without_quotes(l, text);
    if (type_parse(l, text, (char *)base + o->offset) < 0) {
        add_mend(l);
        return section_error(l, s, v, program_error);
    }
    record(l, text);
    return 0;
}

const struct section *section_of(const struct loader *l, const struct spec *spec)
{
    static const char *const headers[] = {
        [KIND_PROGRAM] = "program", [KIND_EVENTLISTENER] = "eventlistener", [KIND_FCGI] = "fcgi-program"};
    const char *name = arena_printf(l->tmp, "%s:%s", headers[spec->kind], spec->program);

    return doc_section(&l->doc, name); /* NULL for a header with blanks behind the colon */
}

struct origin spec_origin(const struct loader *l, const struct spec *spec, const char *key)
{
    const struct section *s = section_of(l, spec);
    const struct value *v = s && key ? doc_value(&l->doc, s, key) : NULL;

    return v ? v->origin : s ? s->origin : spec->origin;
}

static const char *head(const struct section *s)
{
    const char *colon = strchr(s->name, ':');
    return colon ? colon + 1 : s->name;
}

static void leave_out(struct loader *l, const struct section *s, bool in_role)
{
    const char *line = in_role ? arena_printf(l->tmp, "%s: not enabled", head(s))
                               : arena_printf(l->tmp, "%s: not in role %s", head(s), l->settings.d.role);

    for (size_t i = 0; i < l->left_out.n; i++)
        if (strcmp(l->left_out.v[i], line) == 0)
            return;
    *vec_push(l->tmp, &l->left_out) = line;
}

static bool listed(struct str name, const struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        if (str_is_nocase(name, names->v[i]))
            return true;
    return false;
}

int section_selected(struct loader *l, const struct section *s, struct scope *scope, bool *ret_selected)
{
    const char *text;
    bool in_role = true, enabled = true;

    int r = section_text(l, s, "roles", scope, &text);
    if (r < 0)
        return r;
    if (text && l->roles_matter && !l->request->any_role) {
        struct names roles = type_list(l->tmp, without_quotes(l, text), ", \n\t");
        size_t named = 0;
        in_role = false;
        for (size_t i = 0; i < roles.n; i++) {
            named += *roles.v[i] != '\0';
            in_role = in_role || listed(str_from(roles.v[i]), &l->selected);
        }
        in_role = in_role || named == 0;
    }
    r = section_text(l, s, "enabled", scope, &text);
    if (r < 0)
        return r;
    if (text) {
        text = without_quotes(l, text);
        enabled = false;
        l->section = s;
        if (str_trim(str_from(text)).len > 0 && type_bool(l, text, &enabled) < 0)
            return section_error(l, s, doc_value(&l->doc, s, "enabled"), true);
    }
    *ret_selected = in_role && enabled;
    if (!*ret_selected)
        leave_out(l, s, in_role);
    return 0;
}
