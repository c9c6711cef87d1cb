#include "core/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_init(struct text *t, char *memory, size_t size)
{
    *t = (struct text){.ptr = memory, .size = size};
    memory[0] = '\0';
}

void text_printf(struct text *t, const char *format, ...)
{
    va_list args;

    if (t->cut)
        return;
    va_start(args, format);
    int n = vsnprintf(t->ptr + t->len, t->size - t->len, format, args);
    va_end(args);
    if (n < 0)
        return;
    t->len += (size_t)n;
    if (t->len < t->size)
        return;
    t->cut = true;
    t->len = t->size - 1;
    memcpy(t->ptr + t->size - 4, "...", 4);
}

void text_add(struct text *t, const char *more)
{
    text_printf(t, "%s", more);
}
