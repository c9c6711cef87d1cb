/* All sections of a configuration as text, merged from the main file, what it includes, and role files. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "config/index.h"
#include "core/program.h"

struct value {
    const char *key; /* in lower case */
    const char *text;
    struct origin origin;
};

struct section {
    const char *name;
    struct origin origin; /* of its first header */
    VEC(struct value) values;
    struct index keys; /* of the values */
};

/* Bounds that no sane file meets; each has its error text. */
enum { DOC_FILE_BYTES_MAX = 16 * 1024 * 1024, DOC_SECTIONS_MAX = 10000, DOC_KEYS_MAX = 2000 };

struct doc {
    struct arena *a;
    VEC(struct section) sections; /* in the order of their first headers */
    struct index names;           /* of the sections */
    struct section defaults;      /* [DEFAULT] */
    size_t program_defaults;      /* index of [program_defaults] plus 1; 0 = there is none */
};

/* Merges the text of `file` (borrowed, as origin): sections of the same name become one, the last value of a key
 * holds. 0 or -EINVAL. */
int doc_add(struct doc *d, struct str text, const char *file, bool as_supervisord, struct err *e);

/* Merges another doc; `except` (may be NULL) is a key that is left out. Borrows its strings. */
void doc_merge(struct doc *d, const struct doc *from, const char *except);

/* Puts `here` in place of `%(here)s` in all values that came from `file` (compared by address). */
void doc_replace_here(struct doc *d, const char *file, const char *here);

/* A section by its whole name, NULL when there is none. */
struct section *doc_section(const struct doc *d, const char *name);

/* The value of a key: the section's own, else [program_defaults]' for a program, else [DEFAULT]'s, else NULL. */
const struct value *doc_value(const struct doc *d, const struct section *s, const char *key);

/* Only what stands in the section itself. */
const struct value *section_value(const struct section *s, const char *key);

/* Whether the section is a [program:x], [eventlistener:x] or [fcgi-program:x]; its kind and the name behind the colon
 * (which is a suffix of `s->name`). */
bool section_is_program(const struct section *s, enum program_kind *ret_kind, const char **ret_name);

/* Whether there is a program (of any kind) or group of that name. */
bool doc_has_program(const struct doc *d, const char *name);
