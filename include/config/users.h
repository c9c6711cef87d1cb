/* Users and groups from the text of /etc/passwd and /etc/group alone (container contract §9). */
#pragma once
#include "base/buf.h"
#include "config/host.h"
#include <stdbool.h>
#include <stdint.h>

/* Each file is read when it is first asked; one that cannot be read is empty. */
struct users {
    const struct config_host *host; /* borrowed */
    struct buf passwd, group;
    bool passwd_read, group_read;
};

/* For the users and groups of a machine. */
void users_init(struct users *u, const struct config_host *host);
void users_finish(struct users *u);

/* A user or group by name, or by number (which must be listed, too: supervisord contract §2). `ret_gid` may be NULL. */
bool users_find(struct users *u, const char *text, int64_t *ret_uid, int64_t *ret_gid);
bool users_find_group(struct users *u, const char *text, int64_t *ret_gid);

/* The home directory of a user by name, an empty slice when unknown. */
struct str users_home(struct users *u, struct str name);
