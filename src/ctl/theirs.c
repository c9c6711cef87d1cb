#include "ctl/theirs.h"
#include "base/buf.h"
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

const char *path_absolute(struct arena *a, const char *path)
{
    char directory[PATH_MAX] = "/";
    struct str cursor, part;
    size_t len = 0;

    if (*path != '/' && !getcwd(directory, sizeof directory))
        directory[0] = '\0';
    cursor = str_from(arena_printf(a, "%s/%s", *path == '/' ? "" : directory, path));
    char *out = arena_alloc(a, cursor.len + 2);
    while (str_take_until(&cursor, "/", &part)) {
        if (part.len == 0 || str_is(part, "."))
            continue;
        if (str_is(part, "..")) {
            while (len > 0 && out[--len] != '/')
                ;
            continue;
        }
        out[len++] = '/';
        memcpy(out + len, part.ptr, part.len);
        len += part.len;
    }
    if (len == 0)
        out[len++] = '/';
    out[len] = '\0';
    return out;
}

int theirs_load(struct arena *a, struct options *o, const char *program, struct err *e)
{
    (void)program;
    (void)e;
    if (o->config)
        o->config = path_absolute(a, o->config);
    return 0;
}
