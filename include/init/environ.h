/* The environment of a child (supervisord contract §3, Child set-up; container contract §3, `env_file` to `user_env`).
 */
#pragma once
#include "base/err.h"
#include "core/program.h"
#include "init/child.h"

/* Builds it in `a`: the container's variables, SUPERVISOR_*, user_env's, env_file's, secrets, `environment=`, the later
 * over the earlier; then checks require_env. 0 and a NULL-terminated array; or -EINVAL with one clear line in `e`: a
 * missing file, secret or variable. Values of secrets never appear in a message. */
int environ_build(struct arena *a, const struct child *c, const char *const **ret_envp, struct err *e);

/* The value of a variable in an array of `NAME=value`, or NULL. */
const char *environ_get(const char *const *envp, const char *name);
