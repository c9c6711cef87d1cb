#include "check/print.h"
#include "core/types.h"
#include <string.h>

static const char *kind_word(const struct spec *s)
{
    if (s->oneshot)
        return "oneshot";
    if (*s->schedule)
        return "job";
    return s->kind == KIND_PROGRAM ? "program" : s->kind == KIND_FCGI ? "fcgi-program" : "eventlistener";
}

static void full_name(const struct spec *s, struct buf *out)
{
    if (strcmp(s->group, s->name) == 0)
        buf_printf(out, "%-30s ", s->name);
    else
        buf_printf(out, "%s:%-*s ", s->group, (int)(strlen(s->group) < 29 ? 29 - strlen(s->group) : 0), s->name);
}

static void print_findings(const struct report *r, struct buf *out)
{
    const struct loader *l = r->loader;

    for (size_t i = 0; i < l->findings.n; i++) {
        const struct finding *f = &l->findings.v[i];
        if (f->at.file)
            buf_printf(out, "%s:%u: ", f->at.file, f->at.line);
        buf_printf(out, "warning[%s]: %s\n", f->code, f->text);
    }
}

void check_print_text(const struct report *r, struct buf *out)
{
    const struct program_set *set = r->set;
    const struct loader *l = r->loader;

    if (*set->config_file)
        buf_printf(out, "config %s\n", set->config_file);
    if (*set->daemon.role)
        buf_printf(out, "role   %s\n", set->daemon.role);
    for (size_t i = 0; i < set->groups_n; i++)
        for (size_t j = 0; j < set->groups[i].n; j++) {
            const struct spec *s = &set->groups[i].specs[j];
            full_name(s, out);
            buf_printf(out, "%-8s %-6s %s\n", kind_word(s), s->autostart ? "auto" : "manual", s->command);
        }
    for (size_t i = 0; i < l->left_out.n; i++)
        buf_printf(out, "%s\n", l->left_out.v[i]);
    print_findings(r, out);
}

static bool is_called(const struct effective *e, const char *name)
{
    size_t n = strlen(e->group);

    if (strcmp(e->name, name) == 0 || strcmp(e->group, name) == 0)
        return true;
    return strncmp(name, e->group, n) == 0 && name[n] == ':' && strcmp(name + n + 1, e->name) == 0;
}

/* A value on one line: continuations show as `\n`. */
static void print_value(const char *text, struct buf *out)
{
    for (; *text; text++) {
        if (*text == '\n')
            buf_add_text(out, "\\n");
        else
            buf_add_char(out, *text);
    }
}

bool check_print_explanation(const struct report *r, const char *name, struct buf *out)
{
    const struct loader *l = r->loader;
    const struct effective *before = NULL;

    for (size_t i = 0; i < l->effective.n; i++) {
        const struct effective *e = &l->effective.v[i];
        if (!e->name || !is_called(e, name))
            continue;
        if (!before || strcmp(before->name, e->name) != 0 || strcmp(before->group, e->group) != 0)
            buf_printf(out, "%s%s:%s\n", before ? "\n" : "", e->group, e->name);
        before = e;
        buf_printf(out, "  %s=", e->option->key);
        print_value(e->text, out);
        if (e->origin.file)
            buf_printf(out, "  (%s:%u)\n", e->origin.file, e->origin.line);
        else
            buf_add_text(out, "  (default)\n");
    }
    return before != NULL;
}
