#include "config/users.h"
#include "base/num.h"
#include <string.h>

enum { FILE_BYTES_MAX = 4 * 1024 * 1024, FIELDS = 7 };

/* The columns of passwd(5); group(5) has the first three. */
enum { NAME, PASSWORD, UID, GID, GECOS, HOME, SHELL };

void users_init(struct users *u, const struct config_host *host)
{
    *u = (struct users){.host = host};
    buf_init(&u->passwd, FILE_BYTES_MAX);
    buf_init(&u->group, FILE_BYTES_MAX);
}

static struct str text_of(const struct users *u, const char *path, struct buf *file, bool *read)
{
    if (!*read && u->host->read_file(u->host->context, path, file) < 0)
        buf_clear(file);
    *read = true;
    return buf_str(file);
}

static struct str passwd(struct users *u)
{
    return text_of(u, "/etc/passwd", &u->passwd, &u->passwd_read);
}

static struct str group(struct users *u)
{
    return text_of(u, "/etc/group", &u->group, &u->group_read);
}

void users_finish(struct users *u)
{
    buf_finish(&u->passwd);
    buf_finish(&u->group);
}

/* The colon-separated fields of one line; false when it has fewer than `least`. */
static bool split(struct str line, struct str *ret_fields, size_t least)
{
    size_t n = 0;

    for (; n < FIELDS; n++) {
        const char *colon = str_find(line, ':');
        ret_fields[n] = (struct str){line.ptr, colon ? (size_t)(colon - line.ptr) : line.len};
        if (!colon) {
            n++;
            break;
        }
        line = (struct str){colon + 1, line.len - ret_fields[n].len - 1};
    }
    for (size_t i = n; i < FIELDS; i++)
        ret_fields[i] = (struct str){"", 0};
    return n >= least;
}

/* Finds the entry whose name is `name`, or whose number is `number` when name is empty. */
static bool find(struct str text, struct str name, int64_t number, size_t least, struct str *ret_fields)
{
    struct str line;
    int64_t id;

    while (str_take_until(&text, "\n", &line)) {
        if (!split(line, ret_fields, least) || num_int(ret_fields[UID], &id) < 0)
            continue;
        if (name.len ? str_equal(ret_fields[NAME], name) : id == number)
            return true;
    }
    return false;
}

static bool find_text(struct str file, const char *text, size_t least, struct str *ret_fields)
{
    struct str name = str_from(text);
    int64_t number = -1;

    if (num_int(name, &number) == 0)
        name = (struct str){"", 0};
    else if (name.len == 0)
        return false;
    return find(file, name, number, least, ret_fields);
}

bool users_find(struct users *u, const char *text, int64_t *ret_uid, int64_t *ret_gid)
{
    struct str fields[FIELDS];
    int64_t gid;

    if (!find_text(passwd(u), text, GID + 1, fields) || num_int(fields[GID], &gid) < 0)
        return false;
    if (ret_gid)
        *ret_gid = gid;
    return num_int(fields[UID], ret_uid) == 0;
}

bool users_find_group(struct users *u, const char *text, int64_t *ret_gid)
{
    struct str fields[FIELDS];

    return find_text(group(u), text, UID + 1, fields) && num_int(fields[UID], ret_gid) == 0;
}

struct str users_home(struct users *u, struct str name)
{
    struct str fields[FIELDS];

    if (name.len == 0 || !find(passwd(u), name, -1, HOME + 1, fields))
        return (struct str){"", 0};
    return fields[HOME];
}
