#include "base/path.h"
#include "base/str.h"
#include <string.h>

char *path_absolute(struct arena *a, const char *directory, const char *path)
{
    struct str rest = str_from(*path == '/' ? path : arena_printf(a, "%s/%s", directory, path)), part;
    char *to = arena_alloc(a, rest.len + 2), *end = to;

    while (str_take_until(&rest, "/", &part)) {
        if (part.len == 0 || str_is(part, "."))
            continue;
        if (str_is(part, "..")) {
            while (end > to && *--end != '/')
                ;
            continue;
        }
        *end++ = '/';
        memcpy(end, part.ptr, part.len);
        end += part.len;
    }
    if (end == to)
        *end++ = '/';
    *end = '\0';
    return to;
}
