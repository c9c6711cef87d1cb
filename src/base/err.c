#include "base/err.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void copy_text(char *to, size_t size, const char *from)
{
    int n = snprintf(to, size, "%s", from);
    if (n >= (int)size && size > 4)
        memcpy(to + size - 4, "...", 4);
}

int err_set(struct err *e, const char *format, ...)
{
    va_list args;

    if (!e)
        return -EINVAL;
    va_start(args, format);
    int n = vsnprintf(e->text, sizeof e->text, format, args);
    va_end(args);
    if (n >= (int)sizeof e->text)
        memcpy(e->text + sizeof e->text - 4, "...", 4);
    return -EINVAL;
}

void err_at(struct err *e, const char *file, unsigned line)
{
    if (!e)
        return;
    copy_text(e->file, sizeof e->file, file ? file : "");
    e->line = line;
    e->column = 0;
}

/* A value may hold anything, and errors quote values: what would break the line or drive a terminal becomes `?`. */
static void keep_to_one_line(char *line)
{
    for (; *line; line++)
        if ((unsigned char)*line < ' ' || *line == 0x7f)
            *line = *line == '\n' ? ' ' : '?';
}

void err_format(const struct err *e, char *ret_line, size_t size)
{
    if (e->file[0] && e->line)
        snprintf(ret_line, size, "%s:%u: %s", e->file, e->line, e->text);
    else if (e->file[0])
        snprintf(ret_line, size, "%s: %s", e->file, e->text);
    else
        snprintf(ret_line, size, "%s", e->text);
    keep_to_one_line(ret_line);
}
