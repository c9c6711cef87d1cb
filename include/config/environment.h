/* The environment of a program, as it is made at each start (supervisord contract §3, Child set-up; container contract
 * §3, `env_file` to `user_env`). */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "config/host.h"
#include "core/program.h"

/* Whose home and name `user_env` gives. */
struct environment_user {
    const char *name, *home, *shell;
};

/* What it is made of. Borrows everything. */
struct environment_request {
    const struct spec *spec;
    char *const *inherited;              /* the container's variables, NULL-terminated */
    const char *server_url;              /* SUPERVISOR_SERVER_URL, "" = no server; NULL = no SUPERVISOR_* at all */
    const struct environment_user *user; /* NULL = unknown: user_env adds nothing */
    const struct config_host *host;      /* NULL = the machine itself */
    const char *notify_socket;           /* NOTIFY_SOCKET; "" or NULL = none */
};

/* Builds it in `a`: the container's variables, SUPERVISOR_*, user_env's, env_file's, secrets, `environment=`, a later
 * one over an earlier one; then checks require_env. 0 and a NULL-terminated array of `NAME=value`, which may borrow
 * from the request; or -EINVAL with one clear line in `e`: what is missing. No value of a secret is ever in a message.
 */
int environment_build(struct arena *a, const struct environment_request *request, const char *const **ret_envp,
                      struct err *e);

/* The value of a variable in such an array, or NULL. */
const char *environment_get(const char *const *envp, const char *name);
