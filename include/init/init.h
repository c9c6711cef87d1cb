/* `cslsup init`: PID 1 (or a child subreaper elsewhere). */
#pragma once
#include <stdbool.h>

/* Supervises until told to stop. `as_supervisord`: called by that name, with its options, texts and exit codes
 * (container contract §1). Exit codes: 0 after an orderly stop, what a program's on_fatal or on_exit demands, 2 for a
 * wrong call or configuration. */
int init_main(int argc, char **argv, bool as_supervisord);
