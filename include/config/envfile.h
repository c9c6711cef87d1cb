/* env_file (container contract §3): lines of `KEY=value`, quotes, `export`, no expansion. */
#pragma once
#include "base/err.h"
#include "base/str.h"

/* Receives one variable; both are NUL-terminated and valid during the call. A negative return ends the parsing. */
typedef int env_taker(void *context, const char *name, const char *value);

/* Parses the text of `file`. Blank lines and lines that begin with `#` are skipped; an unquoted value ends before ` #`;
 * 'single quotes' hold everything, "double quotes" know \n \t \" \\ and \$; a quoted value may span lines. 0, what
 * `take` returned, or -EINVAL with file, line and text. */
int envfile_parse(struct str text, const char *file, env_taker *take, void *context, struct err *e);
