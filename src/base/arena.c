#include "base/arena.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first block is small, for there is an arena per group; each next one is as large as all before it, up to a
 * limit, for few mallocs without idle pages. */
enum { FIRST_BYTES = 512, BLOCK_BYTES = 32 * 1024, ALIGN = 16 };

struct block {
    struct block *next;
    size_t used, size;
    _Alignas(ALIGN) char bytes[];
};

struct arena {
    struct block *blocks;
    size_t used, max;
    bool armed;
    jmp_buf recovery;
};

struct arena *arena_new(size_t max_bytes)
{
    struct arena *a = calloc(1, sizeof *a);
    if (a)
        a->max = max_bytes;
    return a;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    for (struct block *b = a->blocks, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    free(a);
}

jmp_buf *arena_recovery(struct arena *a)
{
    a->armed = true;
    return &a->recovery;
}

static _Noreturn void exhausted(struct arena *a)
{
    if (a->armed)
        longjmp(a->recovery, 1);
    fputs("cslsup: out of memory\n", stderr);
    exit(1);
}

static struct block *add_block(struct arena *a, size_t size)
{
    size_t room = a->used < FIRST_BYTES ? FIRST_BYTES : a->used < BLOCK_BYTES ? a->used : BLOCK_BYTES;

    if (room < size)
        room = size;
    struct block *b = calloc(1, sizeof *b + room);

    if (!b)
        exhausted(a);
    b->size = room;
    b->next = a->blocks;
    a->blocks = b;
    return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
    if (size > a->max || a->used > a->max - size)
        exhausted(a);
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    struct block *b = a->blocks;
    if (!b || b->size - b->used < size)
        b = add_block(a, size);
    void *p = b->bytes + b->used;
    b->used += size;
    a->used += size;
    return p;
}

char *arena_str(struct arena *a, struct str s)
{
    char *copy = arena_alloc(a, s.len + 1);
    if (s.len)
        memcpy(copy, s.ptr, s.len);
    return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
    return arena_str(a, str_from(text));
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    size_t size = n < 0 ? 1 : (size_t)n + 1;
    char *text = arena_alloc(a, size);
    vsnprintf(text, size, format, again);
    va_end(again);
    return text;
}

void arena_reset(struct arena *a)
{
    struct block *keep = a->blocks;

    if (!keep)
        return;
    for (struct block *b = keep->next, *next; b; b = next) {
        next = b->next;
        if (b->size > keep->size) {
            free(keep);
            keep = b;
        } else {
            free(b);
        }
    }
    memset(keep->bytes, 0, keep->used);
    keep->used = 0;
    keep->next = NULL;
    a->blocks = keep;
    a->used = 0;
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}
