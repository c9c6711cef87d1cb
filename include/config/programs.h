/* One program section → its processes. */
#pragma once
#include "config/loader.h"

/* A group while its members are collected, in the loader's own arena. */
struct members {
    VEC(struct spec) specs;
    struct index names;
};

/* The names that a program's options see, without those of a single process. */
struct scope program_scope(struct loader *l, const char *program, const char *group);

/* A name without blanks, `:` and `/` (they would break the listener protocol and URLs), stripped; else -EINVAL. */
int name_check(struct loader *l, const char *text, const char **ret_name);

/* Appends all processes of a section, in the order of their names. `group` lives in the set's arena. */
int program_read(struct loader *l, const struct section *s, enum program_kind kind, const char *group,
                 struct members *members);
