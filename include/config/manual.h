/* The manual's option list, made from the table of options: `cslsup help keys`, `help program`, `help depends_on`. */
#pragma once
#include "base/buf.h"
#include <stdbool.h>

/* Writes what the table says about `word`: a key, the name of a section, or `keys` for all of it. False, and nothing
 * written, when it is none of them. */
bool manual_write(const char *word, struct buf *out);

/* The key nearest to a word that is none, or NULL. */
const char *manual_nearest(const char *word);
