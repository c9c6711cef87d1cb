/* The long options of our own applets (supervisord's and supervisorctl's have rules of their own). */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One option; exactly one of the targets is set. Targets keep their value when the option is not given. */
struct opt {
    const char *name;     /* `--timeout`, or `-c` */
    bool *flag;           /* takes no value */
    const char **text;    /* takes a value: `--as x`, `--as=x`; borrowed from argv */
    int64_t *duration_ns; /* takes a time: `5`, `1.5`, `90s`, `2m` */
};

/* Takes the options out of argv (argv[0] stays), and moves the words that are left to argv[1…]; behind `--` all are
 * words. With `first_word_ends` the first word ends the options, and all behind it stays as it is. Returns the new
 * argc, or -EINVAL with one line in `e`. */
int opt_take(const struct opt *opts, size_t n, int argc, char **argv, bool first_word_ends, struct err *e);
