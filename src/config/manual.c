#include "config/manual.h"
#include "config/options.h"
#include <limits.h>
#include <string.h>

/* `[program:x]`, `[cslsup]` */
static void write_header(struct buf *out, unsigned kind)
{
    const char *name = section_kind_name(kind);
    bool is_whole = section_kind(name) != 0;

    buf_printf(out, "[%s%s]", name, is_whole ? "" : ":x");
}

/* What is behind a key's help: its default, and whether this version knows it. */
static void write_notes(struct buf *out, const struct option *o)
{
    if (o->fallback && o->fallback[0])
        buf_printf(out, " (%s)", o->fallback);
    if (o->version == VERSION_LATER)
        buf_add_text(out, " [not in this version]");
    buf_add_char(out, '\n');
}

/* The keys of one kind of section, without those that `besides` has as well. */
static void write_section(struct buf *out, unsigned kind, unsigned besides)
{
    write_header(out, kind);
    buf_add_text(out, besides ? ", besides those above:\n" : "\n");
    for (const struct option *o = option_table; o->key; o++) {
        if (!(o->sections & kind) || o->sections & besides)
            continue;
        buf_printf(out, "  %-26s  %s", o->key, o->help);
        write_notes(out, o);
    }
}

static void write_all(struct buf *out)
{
    for (unsigned kind = 1; kind < 1U << SECTION_KIND_COUNT; kind <<= 1) {
        if (kind == SECTION_DEFAULTS)
            continue; /* every key of programs */
        if (out->len > 0)
            buf_add_char(out, '\n');
        write_section(out, kind, kind & (SECTION_LISTENER | SECTION_FCGI) ? SECTION_PROGRAM : 0);
    }
}

static bool write_key(struct buf *out, const char *key)
{
    bool found = false;

    for (const struct option *o = option_table; o->key; o++) {
        if (strcmp(o->key, key) != 0)
            continue;
        found = true;
        buf_printf(out, "%s, in", key);
        for (unsigned kind = 1; kind < 1U << SECTION_KIND_COUNT; kind <<= 1) {
            if (!(o->sections & kind))
                continue;
            buf_add_char(out, ' ');
            write_header(out, kind);
        }
        buf_printf(out, "\n  %s", o->help);
        write_notes(out, o);
    }
    return found;
}

/* A section by its bare name: `program`. */
static unsigned kind_of(const char *name)
{
    for (unsigned kind = 1; kind < 1U << SECTION_KIND_COUNT; kind <<= 1)
        if (strcmp(section_kind_name(kind), name) == 0)
            return kind == SECTION_DEFAULTS ? SECTION_PROGRAM : kind;
    return 0;
}

bool manual_write(const char *word, struct buf *out)
{
    unsigned kind = kind_of(word);

    if (strcmp(word, "keys") == 0)
        write_all(out);
    else if (kind)
        write_section(out, kind, 0);
    else
        return write_key(out, word);
    return true;
}

const char *manual_nearest(const char *word)
{
    return option_nearest(UINT_MAX, word);
}
