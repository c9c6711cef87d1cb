/* The environment of a child of ours: config/environment.h with what only the supervisor knows, its server's address
 * (supervisord contract §3, Child set-up) and the account that was looked up at load. */
#pragma once
#include "init/child.h"

/* Builds it in `a`. 0 and a NULL-terminated array; or -EINVAL with one clear line in `e`: a missing file, secret or
 * variable. */
int environ_build(struct arena *a, const struct child *c, const char *const **ret_envp, struct err *e);
