#include "os/reserve.h"
#include "os/pages.h"
#include <errno.h>
#include <malloc.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct {
    char *pages;
    size_t size, used;
} reserve;

/* Before each block of the reserve stands its size, so that it can be moved. */
enum { HEAD = alignof(max_align_t) };

int os_reserve(size_t bytes)
{
    reserve.pages = os_pages(bytes);
    reserve.size = reserve.pages ? bytes : 0;
    return reserve.pages ? 0 : -ENOMEM;
}

static bool is_reserve(const void *p)
{
    const char *at = p;

    return reserve.pages && at >= reserve.pages && at < reserve.pages + reserve.size;
}

static size_t block_size(void *p)
{
    size_t size;

    if (!is_reserve(p))
        return malloc_usable_size(p);
    memcpy(&size, (char *)p - HEAD, sizeof size);
    return size;
}

static void *take(size_t size)
{
    size_t need = HEAD + (size + HEAD - 1) / HEAD * HEAD;

    if (need > reserve.size - reserve.used)
        return NULL;
    char *head = reserve.pages + reserve.used;
    reserve.used += need;
    memcpy(head, &size, sizeof size);
    return head + HEAD;
}

static void release(void *p)
{
    if (!is_reserve(p))
        free(p);
}

void *os_grow(void *p, size_t size)
{
    if (size == 0) {
        release(p);
        return NULL;
    }
    void *grown = is_reserve(p) ? NULL : realloc(p, size);
    if (grown)
        return grown;
    grown = take(size);
    if (grown && p) {
        size_t old_size = block_size(p);
        memcpy(grown, p, old_size < size ? old_size : size);
        release(p);
    }
    return grown;
}
