/* What a parser says about bad input: one line, `FILE:LINE: what; what would be right` (container contract §11). */
#pragma once
#include <stddef.h>

struct err {
    char file[1024]; /* empty when the input is no file */
    unsigned line;   /* 1-based; 0 = unknown */
    unsigned column; /* 1-based; 0 = unknown */
    char text[2048]; /* without file, line and newline; a longer text ends in "..." */
};

/* Fills `e->text` printf-style (file and line stay) and returns -EINVAL, so that a parser can `return err_set(…)`.
 * `e` may be NULL. */
int err_set(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Notes where the next err_set stands. `file` is copied; `e` may be NULL. */
void err_at(struct err *e, const char *file, unsigned line);

/* Writes `FILE:LINE: text` (the parts that are known) into `ret_line`, always NUL-terminated and always one line:
 * control characters become blanks or `?`. */
void err_format(const struct err *e, char *ret_line, size_t size);
