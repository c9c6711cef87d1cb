/* Configuration → program set: the road that `init`, `exec` and `check` walk. */
#pragma once
#include "base/err.h"
#include "config/host.h"
#include "core/program.h"

/* One option of the command line, which beats the file (supervisord contract §2). */
struct config_override {
    const char *key;   /* a key of [supervisord]: `loglevel` */
    const char *value; /* as typed; `true` for a flag such as -n */
    const char *typed; /* the option as typed, for errors: `-e` */
};

/* Where to look, and on whose behalf. Borrows everything. */
struct config_request {
    bool as_supervisord; /* started by that name: its search list, its error texts, no role files (contract §1) */
    const char *program; /* argv[0]; supervisord looks beside its own executable */
    const char *file;    /* -c, or NULL: search */
    const char *role;    /* instead of the role variable (check --role), or NULL */
    bool any_role;       /* take the programs of every role, and need none (`cslsup exec`) */
    bool no_env;         /* unset variables and unknown users become findings (check --no-env) */
    const struct config_override *overrides;
    size_t overrides_n;
    char *const *env;               /* the daemon's environment, NULL-terminated */
    const struct config_host *host; /* NULL: the machine itself */
};

/* Finds, reads and checks the configuration. 0 and a new set; -EINVAL with file, line and text in `e` (exit code 2: as
 * supervisord print `Error: TEXT` and its help line, else err_format's line); -ENOMEM, with a text, too. */
int config_load(const struct config_request *request, struct program_set **ret_set, struct err *e)
    __attribute__((warn_unused_result));

/* Frees the set and all its strings. NULL-safe. */
void program_set_free(struct program_set *set);
