#include "config/sections.h"
#include "config/pytext.h"
#include "config/types.h"
#include <errno.h>
#include <string.h>

struct scope scope_base(struct loader *l)
{
    struct scope scope = {0};

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

    if (!l->request->as_supervisord) {
        struct origin at = v ? v->origin : s->origin;
        err_at(l->e, at.file, at.line);
        return v ? err_set(l->e, "%s: %s", v->key, text) : err_set(l->e, "%s", text);
    }
    if (program_error)
        err_set(l->e, "%s in section %s (file: %s)", text, quoted(l, s->name),
                quoted(l, s->origin.file ? s->origin.file : ""));
    return -EINVAL;
}

/* Expands a value; 1 when a variable that it needs is unset and may be (`check --no-env`). */
static int expand_value(struct loader *l, const struct section *s, const struct value *v, const char *text,
                        const char *where, struct scope *scope, const char **ret_text)
{
    bool missing = false;

    if (!strchr(text, '%')) {
        *ret_text = text;
        return 0;
    }
    scope->missing = l->request->no_env ? &missing : NULL;
    int r = expand(l->tmp, &l->scratch, scope, text, where, ret_text, l->e);
    if (r < 0 || !missing)
        return r;
    find_fault(l, "unset-variable", v ? v->origin : s->origin,
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
        int r = expand_value(l, s, v, v->text, arena_printf(l->tmp, "%s.%s", s->name, key), scope, &text);
        if (r < 0)
            return section_error(l, s, v, false);
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
    if (!l->record || l->option->type == TYPE_NOTHING)
        return;
    *vec_push(l->tmp, &l->effective) = (struct effective){
        .option = l->option, .text = text, .origin = l->value ? l->value->origin : (struct origin){0}};
}

int option_read(struct loader *l, const struct section *s, const struct option *o, struct scope *scope, void *base)
{
    const struct value *v = doc_value(&l->doc, s, o->key);
    bool program_error = (o->sections & SECTION_PROGRAM) != 0;

    if (v && o->type == TYPE_MUST_NOT && v != section_value(s, o->key))
        v = NULL; /* what a kind of program may not have is skipped when it comes from [program_defaults] */
    const char *text = v ? v->text : o->fallback;
    if (!text)
        return 0;
    l->section = s;
    l->option = o;
    l->value = v;
    l->scope = scope;
    const char *where = o->names == NAMES_PLAIN ? o->key : arena_printf(l->tmp, "%s.%s", s->name, o->key);
    int r = expand_value(l, s, v, text, where, scope, &text);
    if (r < 0)
        return section_error(l, s, v, program_error);
    if (r == 1 && o->type != TYPE_COMMAND)
        text = o->fallback;
    else if (r == 1)
        text = v ? v->text : o->fallback;
    if (!text)
        return 0;
    if (o->version != VERSION_BASE)
        text = without_quotes(l, text);
    if (type_parse(l, text, (char *)base + o->offset) < 0)
        return section_error(l, s, v, program_error);
    record(l, text);
    return 0;
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
        struct names roles = split_list(l->tmp, without_quotes(l, text), ", \n\t");
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
        if (str_trim(str_from(text)).len > 0 && parse_bool(l, text, &enabled) < 0)
            return section_error(l, s, doc_value(&l->doc, s, "enabled"), true);
    }
    *ret_selected = in_role && enabled;
    return 0;
}
