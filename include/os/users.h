/* /etc/passwd and /etc/group, read by hand: no NSS, which would load libraries into PID 1 and does not exist in a
 * static binary (container contract §9). Reads the files anew at each call: for load time. */
#pragma once
#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

enum { USER_NAME_MAX = 256, USER_GROUPS_MAX = 1024 };

struct user {
    char name[USER_NAME_MAX];
    uid_t uid;
    gid_t gid;
    char home[PATH_MAX];
    char shell[PATH_MAX];
};

/* The entry of a name, or of a number. 0; -ENOENT when there is none; -errno when the file cannot be read. A user
 * without an entry is not an error of the system: any uid may run (container contract §9). */
int users_by_name(const char *name, struct user *ret_user);
int users_by_uid(uid_t uid, struct user *ret_user);

/* What `user=` and `chown=` mean: a number if it looks like one, else a name; the entry must exist (supervisord
 * contract §2). 0 or -ENOENT, -errno. */
int users_from_text(const char *text, struct user *ret_user);

/* The group of a name or number; a number needs no entry. 0 or -ENOENT, -errno. */
int users_group(const char *text, gid_t *ret_gid);

/* The groups to set for a user: its primary one first, then each that lists its name. At most `max`; more, or a line
 * of over 32 KB, is -E2BIG.
 * The number of groups or -errno; a missing /etc/group means none but the primary. */
int users_groups(const struct user *user, gid_t *ret_groups, size_t max);

/* Becomes this user for good: groups, gid, uid. 0 or -errno (-EPERM: not root). */
int users_become(const struct user *user);
