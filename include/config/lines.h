/* The first step from text to programs: physical lines → logical lines, by the rules of supervisord's parser
 * (supervisord contract §1): comments are gone, continuations are joined with '\n', headers are recognised. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include <stdbool.h>
#include <stddef.h>

/* One logical line; never empty. A header's `text` is the section's name, an option's is `name = value`. */
struct line {
    const char *text;
    const char *raw; /* the (first) physical line as it stood, its '\n' included: error texts quote it */
    unsigned number; /* of the first physical line, 1-based */
    bool header;
};

struct lines {
    struct line *v;
    size_t n;
};

/* Splits `text`. 0, or -EINVAL (file, line and text in `e`): something stands before the first header, or there is a
 * NUL byte. `as_supervisord` chooses supervisord's wording. All that is returned lives in `a`. */
int lines_split(struct arena *a, struct str text, const char *file, bool as_supervisord, struct lines *ret_lines,
                struct err *e);
