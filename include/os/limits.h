/* Resource limits (setrlimit(2)) by name, and the floor under our own (supervisord contract §2: minfds, minprocs). */
#pragma once
#include <stdint.h>

/* RLIMIT_ number for `nofile`, `nproc`, `core`, … (any case, `RLIMIT_` before it allowed); -ENOENT for none. */
int os_limit_number(const char *name);

/* `RLIMIT_NOFILE`, …; NULL for a number that is none. */
const char *os_limit_name(int resource);

/* Sees to it that the soft limit is at least `least`, and the hard one, which needs privilege. 1: it was raised (the
 * main log says `Increased RLIMIT_NOFILE limit to N`), 0: it was enough; -errno: cannot, and `*ret_hard` is the
 * ceiling. */
int os_limit_raise(int resource, uint64_t least, uint64_t *ret_hard);
