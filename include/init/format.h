/* How a program's lines look on the container's stdout: raw, with a prefix, or as JSON (container contract §3, §11). */
#pragma once
#include "base/str.h"
#include "core/program.h"
#include "core/types.h"
#include <stdbool.h>
#include <stddef.h>

struct format {
    enum log_format kind;
    const char *prefix; /* "" = none */
    const char *name, *group, *stream;
    int pid; /* of the present child */
};

/* Whether lines pass as they are. */
bool format_is_raw(const struct format *f);

/* Writes `line` (without its newline) in its final form, newline included. The length, or 0 when `size` is too small
 * (CAPTURE_LINE_MAX bytes of line need at most 7 times that). */
size_t format_line(const struct format *f, struct str line, struct moment now, char *ret_text, size_t size);
