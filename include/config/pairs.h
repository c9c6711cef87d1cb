/* `environment=KEY=value,…` (supervisord contract §1): shlex tokens, read in strides of four. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "core/program.h"

/* Parses `text` into names and values that live in `a`; of a repeated name the last value holds. 0, or -EINVAL with
 * supervisord's text. What supervisord silently drops (`A=a b`) is dropped here, too. */
int pairs_parse(struct arena *a, const char *text, struct env_list *ret_env, struct err *e);

/* `base` with `over` laid on top, as a new list in `a` that borrows the strings. */
struct env_list pairs_merge(struct arena *a, const struct env_list *base, const struct env_list *over);
