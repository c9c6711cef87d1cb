/* Everything that loading a configuration asks of the machine, so that tests and fuzzers can answer instead.
 * Users and groups are not in it: they come from /etc/passwd and /etc/group through `read_file` (container contract
 * §9). */
#pragma once
#include "base/buf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef void path_taker(void *context, const char *path);

struct config_host {
    void *context; /* handed to each function */

    /* Appends the file's bytes to `to`; 0 or negative errno (-EMSGSIZE: more than `to` may hold). Never waits
     * longer than a second for a byte, so that a pipe which nobody writes to fails with -ETIMEDOUT. */
    int (*read_file)(void *context, const char *path, struct buf *to);
    bool (*exists)(void *context, const char *path);
    bool (*is_dir)(void *context, const char *path);
    /* Gives each path that matches the pattern to `take`, sorted; `*` skips dot files. */
    void (*glob)(void *context, const char *pattern, path_taker *take, void *take_context);
    const char *(*hostname)(void *context);
    /* The working directory, absolute. */
    const char *(*directory)(void *context);
    /* The effective uid. */
    int64_t (*uid)(void *context);
};

/* The machine itself. */
extern const struct config_host config_host_system;
