#include "base/vec.h"
#include <string.h>

void *vec_grow(struct arena *a, void *v, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return v;
    size_t more = *cap ? *cap * 2 : 8;
    void *grown = arena_alloc(a, more * size);
    if (n)
        memcpy(grown, v, n * size);
    *cap = more;
    return grown;
}
