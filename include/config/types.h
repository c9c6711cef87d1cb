/* Reading the text of an option by its type. */
#pragma once
#include "config/loader.h"

/* Reads `text` (expanded) for l->option into `field`. 0, or -EINVAL with supervisord's text for its own types. */
int type_parse(struct loader *l, const char *text, void *field);

/* What several sections share: Python's bool() of a configuration, and a list's elements, trimmed. */
int type_bool(struct loader *l, const char *text, void *field);
int type_int(struct loader *l, const char *text, void *field);
int type_octal(struct loader *l, const char *text, void *field);
struct names type_list(struct arena *a, const char *text, const char *separators);
