/* `exec --as NAME`: what a program of the configuration would be given, for another command (container contract §11).
 */
#pragma once
#include "base/err.h"
#include "os/spawn.h"

/* Fills in user, directory, umask, environment with secrets, limits and priorities of the program (or process) `name`,
 * of whatever role. `config` may be NULL: the usual search. `*ret_search` is the PATH to find the command by. What they
 * point at lives as long as the process. 0, or -EINVAL with one line in `e`. */
int plan_as(struct spawn_plan *plan, const char *name, const char *config, const char **ret_search, struct err *e);
