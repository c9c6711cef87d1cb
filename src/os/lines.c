#include "lines.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int lines_open(struct lines *l, const char *path)
{
    l->at = l->len = 0;
    l->skipping = l->overlong = false;
    l->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return l->fd < 0 ? -errno : 0;
}

/* Makes room and reads on. False at the end of the file. */
static bool refill(struct lines *l)
{
    if (l->at == 0 && l->len == sizeof l->bytes - 1) {
        l->skipping = l->overlong = true;
        l->len = 0;
    }
    memmove(l->bytes, l->bytes + l->at, l->len - l->at);
    l->len -= l->at;
    l->at = 0;
    ssize_t n = read(l->fd, l->bytes + l->len, sizeof l->bytes - 1 - l->len);
    if (n <= 0)
        return false;
    l->len += (size_t)n;
    return true;
}

/* What is left behind the last newline. */
static char *last_line(struct lines *l)
{
    if (l->len == 0 || l->skipping)
        return NULL;
    l->bytes[l->len] = '\0';
    l->at = l->len;
    return l->bytes;
}

char *lines_next(struct lines *l)
{
    for (;;) {
        char *start = l->bytes + l->at;
        char *end = memchr(start, '\n', l->len - l->at);
        if (!end) {
            if (!refill(l))
                return last_line(l);
            continue;
        }
        *end = '\0';
        l->at = (size_t)(end + 1 - l->bytes);
        if (!l->skipping)
            return start;
        l->skipping = false;
    }
}

void lines_close(struct lines *l)
{
    close(l->fd);
}
