/* Users and groups from the text of /etc/passwd and /etc/group alone (container contract §9). */
#pragma once
#include "base/buf.h"
#include "config/host.h"
#include <stdbool.h>
#include <stdint.h>

struct users {
    struct buf passwd, group;
};

/* Reads both files; one that cannot be read is empty. */
void users_init(struct users *u, const struct config_host *host);
void users_finish(struct users *u);

/* A user or group by name, or by number (which must be listed, too: supervisord contract §2). `ret_gid` may be NULL. */
bool users_find(const struct users *u, const char *text, int64_t *ret_uid, int64_t *ret_gid);
bool users_find_group(const struct users *u, const char *text, int64_t *ret_gid);

/* The home directory of a user by name, an empty slice when unknown. */
struct str users_home(const struct users *u, struct str name);
