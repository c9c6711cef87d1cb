/* Splitting `command=` into words, as at each start (supervisord contract §1): POSIX shlex rules, no comments,
 * variables, globs or `~`. */
#pragma once
#include "base/err.h"
#include <stddef.h>

/* Splits `text` into NUL-terminated words that stand in `words` (`size` >= strlen(text) + 1 bytes suffice) and are
 * pointed at from ret_argv, ended by NULL (`max` counts that NULL too; strlen(text) / 2 + 2 suffice). Returns the
 * number of words, which may be 0; -EINVAL with shlex's text in `e` (`No closing quotation`, `No escaped character`);
 * -E2BIG when `words` or `ret_argv` are too small. Allocates nothing. */
int command_split(const char *text, char *words, size_t size, char **ret_argv, size_t max, struct err *e);
