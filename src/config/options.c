#include "config/options.h"
#include <string.h>

#define P SECTION_PROGRAM
#define L SECTION_LISTENER
#define F SECTION_FCGI
#define PROGRAM(sections, key, type, field, fallback, names, version, help)                                            \
    {sections, key, AS_##type, offsetof(struct draft, field), fallback, NAMES_##names, VERSION_##version, help},
#define DAEMON(section, key, type, field, fallback, version, help)                                                     \
    {SECTION_##section, key,        AS_##type,         offsetof(struct settings, field),                               \
     fallback,          NAMES_ONCE, VERSION_##version, help},
#define KNOWN(section, key, help) {SECTION_##section, key, AS_NOTHING, 0, NULL, NAMES_ONCE, VERSION_BASE, help},

const struct option option_table[] = {
#include "config/options.def"
    {0},
};

enum { OPTIONS_N = sizeof option_table / sizeof *option_table };

static const struct {
    const char *header;
    char suffix;
} kinds_table[] = {
#define X(name, header, suffix) {header, suffix},
    SECTION_KINDS(X)
#undef X
};

unsigned section_kind(const char *name)
{
    for (unsigned i = 0; i < SECTION_KIND_COUNT; i++) {
        size_t n = strlen(kinds_table[i].header);
        if (strncmp(name, kinds_table[i].header, n) != 0)
            continue;
        if ((name[n] == ':' && kinds_table[i].suffix != 'n') || (name[n] == '\0' && kinds_table[i].suffix != 'y'))
            return 1U << i;
    }
    return 0;
}

const char *section_kind_name(unsigned kinds)
{
    unsigned i = 0;

    while (i + 1 < SECTION_KIND_COUNT && !(kinds & 1U << i))
        i++;
    return kinds_table[i].header;
}

const struct option *option_find(unsigned kinds, const char *key)
{
    if (kinds & SECTION_DEFAULTS)
        kinds |= P | L | F;
    for (const struct option *o = option_table; o->key; o++)
        if (o->sections & kinds && strcmp(o->key, key) == 0)
            return o;
    return NULL;
}

const char *option_nearest(unsigned kinds, const char *key)
{
    const char *names[OPTIONS_N];
    size_t n = 0;

    if (kinds & SECTION_DEFAULTS)
        kinds |= P | L | F;
    for (const struct option *o = option_table; o->key; o++)
        if (o->sections & kinds)
            names[n++] = o->key;
    names[n] = NULL;
    return str_nearest(str_from(key), names);
}

const char *section_nearest(const char *name)
{
    const char *names[SECTION_KIND_COUNT + 1];
    struct str all = str_from(name), head;

    for (size_t i = 0; i < SECTION_KIND_COUNT; i++)
        names[i] = kinds_table[i].header;
    names[SECTION_KIND_COUNT] = NULL;
    return str_take_until(&all, ":", &head) ? str_nearest(head, names) : NULL;
}
