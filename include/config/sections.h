/* Reading sections into structs by the table of options. */
#pragma once
#include "config/loader.h"

/* Names that are visible everywhere in a configuration: the daemon's environment, the [supervisord] environment once it
 * is known, the role, `here`. */
struct scope scope_base(struct loader *l);

/* The expanded value of one key, for keys that are not in a struct. NULL when it stands nowhere, or uses a variable
 * that is unset and may be (no_env). */
int section_text(struct loader *l, const struct section *s, const char *key, struct scope *scope,
                 const char **ret_text);

/* Reads one option of section `s` (or its default) into the struct at `base`, expanded with `scope`. */
int option_read(struct loader *l, const struct section *s, const struct option *o, struct scope *scope, void *base);

/* Makes an error of l->e complete: as supervisord with ` in section …` when the section is a program's, else with file
 * and line of `v` (or of the section) and the key in front. Returns -EINVAL. */
int section_error(struct loader *l, const struct section *s, const struct value *v, bool program_error);

/* Whether a section is wanted: `roles` and `enabled`. */
int section_selected(struct loader *l, const struct section *s, struct scope *scope, bool *ret_selected);

/* The section that a spec came from; and where a key of it stands (or the section, when it is not set there). */
const struct section *section_of(const struct loader *l, const struct spec *spec);
struct origin spec_origin(const struct loader *l, const struct spec *spec, const char *key);

/* [supervisord], [cslsup] and the command line → l->settings; the user and paths are resolved. */
int settings_read(struct loader *l);

/* [unix_http_server], [inet_http_server] and [rpcinterface:x] → l->servers. */
int plugins_read(struct loader *l);
int servers_read(struct loader *l);

/* All groups and programs → l->groups, sorted, in the set's arena. */
int programs_read(struct loader *l);

/* depends_on: names are resolved, defaults filled in, cycles refused. */
int needs_resolve(struct loader *l);
