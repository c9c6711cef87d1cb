#include "base/buf.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_finish(struct buf *b)
{
    free(b->ptr);
    *b = (struct buf){.max = b->max};
}

static int refuse(struct buf *b, int code)
{
    b->failed = true;
    return code;
}

static int reserve(struct buf *b, size_t n)
{
    if (n > b->max || b->len > b->max - n)
        return refuse(b, -EMSGSIZE);
    size_t need = b->len + n + 1;
    if (need <= b->cap)
        return 0;
    size_t cap = b->cap * 2 > need ? b->cap * 2 : need;
    if (cap < 128)
        cap = 128;
    if (cap > b->max + 1)
        cap = b->max + 1;
    char *grown = realloc(b->ptr, cap);
    if (!grown)
        return refuse(b, -ENOMEM);
    b->ptr = grown;
    b->cap = cap;
    return 0;
}

int buf_add(struct buf *b, const void *bytes, size_t n)
{
    int r = reserve(b, n);
    if (r < 0)
        return r;
    if (n)
        memcpy(b->ptr + b->len, bytes, n);
    b->len += n;
    b->ptr[b->len] = '\0';
    return 0;
}

int buf_add_str(struct buf *b, struct str s)
{
    return buf_add(b, s.ptr, s.len);
}

int buf_add_text(struct buf *b, const char *text)
{
    return buf_add(b, text, strlen(text));
}

int buf_add_char(struct buf *b, char c)
{
    return buf_add(b, &c, 1);
}

int buf_printf(struct buf *b, const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    int r = n < 0 ? -EINVAL : reserve(b, (size_t)n);
    if (r == 0) {
        vsnprintf(b->ptr + b->len, (size_t)n + 1, format, again);
        b->len += (size_t)n;
    }
    va_end(again);
    return r;
}

char *buf_room(struct buf *b, size_t n)
{
    return reserve(b, n) < 0 ? NULL : b->ptr + b->len;
}

void buf_drop(struct buf *b, size_t n)
{
    if (n > b->len)
        n = b->len;
    b->len -= n;
    if (b->ptr) {
        memmove(b->ptr, b->ptr + n, b->len);
        b->ptr[b->len] = '\0';
    }
}

void buf_clear(struct buf *b)
{
    b->failed = false;
    buf_drop(b, b->len);
}

struct str buf_str(const struct buf *b)
{
    return (struct str){b->ptr, b->len};
}
