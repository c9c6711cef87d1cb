#include "config/doc.h"
#include "config/ini.h"
#include <errno.h>
#include <string.h>

struct adding {
    struct doc *doc;
    struct section *open;
    const char *file;
    struct err *e;
};

struct section *doc_section(const struct doc *d, const char *name)
{
    size_t i = index_find(&d->names, name);
    return i == INDEX_NONE ? NULL : &d->sections.v[i];
}

static struct section *section_open(struct doc *d, const char *name, struct origin origin)
{
    struct section *s = strcmp(name, "DEFAULT") == 0 ? &d->defaults : doc_section(d, name);

    if (!s) {
        index_add(&d->names, d->a, name, d->sections.n);
        s = vec_push(d->a, &d->sections);
        *s = (struct section){.name = name, .origin = origin};
        if (strcmp(name, "program_defaults") == 0)
            d->program_defaults = d->sections.n;
    }
    return s;
}

static int open_section(struct adding *add, const char *name, unsigned line)
{
    if (add->doc->sections.n == DOC_SECTIONS_MAX) {
        err_at(add->e, add->file, line);
        return err_set(add->e, "more than %d sections", DOC_SECTIONS_MAX);
    }
    add->open = section_open(add->doc, name, (struct origin){add->file, line});
    return 0;
}

static void section_set(struct doc *d, struct section *s, const struct value *fresh)
{
    size_t same = index_find(&s->keys, fresh->key);

    if (same != INDEX_NONE) {
        s->values.v[same] = *fresh;
        return;
    }
    index_add(&s->keys, d->a, fresh->key, s->values.n);
    *vec_push(d->a, &s->values) = *fresh;
}

static int take(void *context, const char *section, const char *name, const char *value, unsigned line)
{
    struct adding *add = context;
    struct value fresh = {name, value, {add->file, line}};

    if (!name)
        return open_section(add, section, line);
    if (add->open->values.n == DOC_KEYS_MAX) {
        err_at(add->e, add->file, line);
        return err_set(add->e, "more than %d keys in one section", DOC_KEYS_MAX);
    }
    section_set(add->doc, add->open, &fresh);
    return 0;
}

int doc_add(struct doc *d, struct str text, const char *file, bool as_supervisord, struct err *e)
{
    struct adding add = {.doc = d, .file = file, .e = e};
    return ini_read(d->a, text, file, as_supervisord, take, &add, e);
}

static void merge_values(struct doc *d, struct section *to, const struct section *from, const char *except)
{
    for (size_t i = 0; i < from->values.n; i++)
        if (!except || strcmp(from->values.v[i].key, except) != 0)
            section_set(d, to, &from->values.v[i]);
}

void doc_merge(struct doc *d, const struct doc *from, const char *except)
{
    merge_values(d, &d->defaults, &from->defaults, except);
    for (size_t i = 0; i < from->sections.n; i++) {
        const struct section *s = &from->sections.v[i];
        merge_values(d, section_open(d, s->name, s->origin), s, except);
    }
}

static const char *replace(struct arena *a, const char *text, const char *what, const char *with)
{
    size_t found = 0, what_n = strlen(what), with_n = strlen(with);

    for (const char *at = text; (at = strstr(at, what)); at += what_n)
        found++;
    char *copy = arena_alloc(a, strlen(text) + found * with_n + 1), *end = copy;
    for (const char *at; (at = strstr(text, what)); text = at + what_n) {
        memcpy(end, text, (size_t)(at - text));
        end += at - text;
        memcpy(end, with, with_n);
        end += with_n;
    }
    memcpy(end, text, strlen(text));
    return copy;
}

static void replace_in(struct doc *d, struct section *s, const char *file, const char *here)
{
    static const char mark[] = "%(here)s";

    for (size_t i = 0; i < s->values.n; i++) {
        struct value *v = &s->values.v[i];
        if (v->origin.file == file && strstr(v->text, mark))
            v->text = replace(d->a, v->text, mark, here);
    }
}

void doc_replace_here(struct doc *d, const char *file, const char *here)
{
    replace_in(d, &d->defaults, file, here);
    for (size_t i = 0; i < d->sections.n; i++)
        replace_in(d, &d->sections.v[i], file, here);
}

const struct value *section_value(const struct section *s, const char *key)
{
    size_t i = index_find(&s->keys, key);
    return i == INDEX_NONE ? NULL : &s->values.v[i];
}

bool section_is_program(const struct section *s, enum program_kind *ret_kind, const char **ret_name)
{
    static const struct {
        const char *prefix;
        enum program_kind kind;
    } kinds[] = {{"program:", KIND_PROGRAM}, {"eventlistener:", KIND_EVENTLISTENER}, {"fcgi-program:", KIND_FCGI}};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = strlen(kinds[i].prefix);
        if (strncmp(s->name, kinds[i].prefix, n) != 0)
            continue;
        *ret_kind = kinds[i].kind;
        *ret_name = s->name + n;
        return true;
    }
    return false;
}

const struct value *doc_value(const struct doc *d, const struct section *s, const char *key)
{
    const struct value *v = section_value(s, key);
    enum program_kind kind;
    const char *name;

    if (!v && d->program_defaults && section_is_program(s, &kind, &name))
        v = section_value(&d->sections.v[d->program_defaults - 1], key);
    return v ? v : section_value(&d->defaults, key);
}

bool doc_has_program(const struct doc *d, const char *name)
{
    enum program_kind kind;
    const char *own;

    for (size_t i = 0; i < d->sections.n; i++) {
        const struct section *s = &d->sections.v[i];
        if (!section_is_program(s, &kind, &own)) {
            if (strncmp(s->name, "group:", strlen("group:")) != 0)
                continue;
            own = s->name + strlen("group:");
        }
        if (str_equal(str_trim(str_from(own)), str_from(name)))
            return true;
    }
    return false;
}
