/* The command line of `cslsup init` and of supervisord: one table (supervisord contract §2). */
#pragma once
#include "base/err.h"
#include "config/load.h"
#include <stdbool.h>

enum { OVERRIDES_MAX = 32 };

struct init_options {
    const char *file; /* -c, or NULL */
    bool help, version;
    struct config_override overrides[OVERRIDES_MAX];
    size_t overrides_n;
};

/* Reads argv, whose strings are borrowed. 0, or -EINVAL with the words of Python's getopt, which supervisord prints. */
int init_options_parse(int argc, char **argv, struct init_options *ret_options, struct err *e);

/* Prints the help: `-n`, what it does. */
void init_options_help(const char *program, bool as_supervisord);
