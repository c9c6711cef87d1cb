#include "os/users.h"
#include "base/num.h"
#include "base/str.h"
#include "lines.h"
#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

/* name:password:uid:gid:comment:home:shell */
enum { PASSWD_NAME, PASSWD_UID = 2, PASSWD_GID, PASSWD_HOME = 5, PASSWD_SHELL, PASSWD_FIELDS };
/* name:password:gid:member,member */
enum { GROUP_NAME, GROUP_GID = 2, GROUP_MEMBERS, GROUP_FIELDS };

/* Splits at colons; a line with fewer fields is no entry, what follows the last field belongs to it. */
static bool split(struct str line, struct str *ret_fields, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *colon = str_find(line, ':');
        if (i + 1 == n || !colon) {
            ret_fields[i] = line;
            return i + 1 == n;
        }
        ret_fields[i] = (struct str){line.ptr, (size_t)(colon - line.ptr)};
        line = (struct str){colon + 1, line.len - ret_fields[i].len - 1};
    }
    return false;
}

static bool id_of(struct str text, uint32_t *ret_id)
{
    int64_t value;

    if (num_int(text, &value) < 0 || value < 0 || value >= UINT32_MAX)
        return false;
    *ret_id = (uint32_t)value;
    return true;
}

static bool copy(struct str text, char *ret_text, size_t size)
{
    if (text.len >= size)
        return false;
    memcpy(ret_text, text.ptr, text.len);
    ret_text[text.len] = '\0';
    return true;
}

static bool user_of(struct str line, struct user *ret_user)
{
    struct str f[PASSWD_FIELDS];

    return split(line, f, PASSWD_FIELDS) && f[PASSWD_NAME].len > 0 && id_of(f[PASSWD_UID], &ret_user->uid) &&
           id_of(f[PASSWD_GID], &ret_user->gid) && copy(f[PASSWD_NAME], ret_user->name, sizeof ret_user->name) &&
           copy(f[PASSWD_HOME], ret_user->home, sizeof ret_user->home) &&
           copy(f[PASSWD_SHELL], ret_user->shell, sizeof ret_user->shell);
}

/* The first entry with this name, or with name NULL this uid. */
static int find_user(const char *name, uid_t uid, struct user *ret_user)
{
    struct lines lines;
    struct user user;
    char *line;

    int rc = lines_open(&lines, "/etc/passwd");
    if (rc < 0)
        return rc;
    rc = -ENOENT;
    while (rc < 0 && (line = lines_next(&lines)))
        if (user_of(str_from(line), &user) && (name ? strcmp(user.name, name) == 0 : user.uid == uid)) {
            *ret_user = user;
            rc = 0;
        }
    lines_close(&lines);
    return rc;
}

int users_by_name(const char *name, struct user *ret_user)
{
    return find_user(name, 0, ret_user);
}

int users_by_uid(uid_t uid, struct user *ret_user)
{
    return find_user(NULL, uid, ret_user);
}

int users_from_text(const char *text, struct user *ret_user)
{
    int64_t number;

    if (num_int(str_from(text), &number) < 0)
        return users_by_name(text, ret_user);
    if (number < 0 || number >= UINT32_MAX)
        return -ENOENT;
    return users_by_uid((uid_t)number, ret_user);
}

static bool is_member(struct str members, const char *name)
{
    struct str member;

    while (str_take_until(&members, ",", &member))
        if (str_is(member, name))
            return true;
    return false;
}

int users_group(const char *text, gid_t *ret_gid)
{
    struct lines lines;
    struct str f[GROUP_FIELDS];
    char *line;

    if (id_of(str_from(text), ret_gid))
        return 0;
    int rc = lines_open(&lines, "/etc/group");
    if (rc < 0)
        return rc;
    rc = -ENOENT;
    while (rc < 0 && (line = lines_next(&lines)))
        if (split(str_from(line), f, GROUP_FIELDS) && str_is(f[GROUP_NAME], text) && id_of(f[GROUP_GID], ret_gid))
            rc = 0;
    lines_close(&lines);
    return rc;
}

int users_groups(const struct user *user, gid_t *ret_groups, size_t max)
{
    struct lines lines;
    struct str f[GROUP_FIELDS];
    size_t n = 0;
    gid_t gid;
    char *line;

    if (max == 0)
        return -E2BIG;
    ret_groups[n++] = user->gid;
    if (lines_open(&lines, "/etc/group") < 0)
        return (int)n;
    while (n <= max && (line = lines_next(&lines))) {
        if (!split(str_from(line), f, GROUP_FIELDS) || !is_member(f[GROUP_MEMBERS], user->name) ||
            !id_of(f[GROUP_GID], &gid))
            continue;
        if (n < max)
            ret_groups[n] = gid;
        n++;
    }
    lines_close(&lines);
    return n > max || lines.overlong ? -E2BIG : (int)n;
}

int users_become(const struct user *user)
{
    gid_t groups[USER_GROUPS_MAX];
    int n = users_groups(user, groups, USER_GROUPS_MAX);

    if (n < 0)
        return n;
    if (setgroups((size_t)n, groups) < 0 || setgid(user->gid) < 0 || setuid(user->uid) < 0)
        return -errno;
    return 0;
}
