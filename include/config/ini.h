/* The second step from text to programs: logical lines → sections, names and values, by inih. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Receives one option, or a header when `name` is NULL (an empty section is reported too). `name` is in lower case.
 * All strings live in the arena. A negative return ends the reading and is its result. */
typedef int ini_taker(void *context, const char *section, const char *name, const char *value, unsigned line);

/* Reads the text of `file`. 0, what `take` returned, or -EINVAL with the place and text of the first bad line; as
 * supervisord the text lists all bad lines. Nothing is ever cut, whatever inih was built with. */
int ini_read(struct arena *a, struct str text, const char *file, bool as_supervisord, ini_taker *take, void *context,
             struct err *e);
