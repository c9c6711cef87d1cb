/* A growable array in an arena. A field is declared with VEC(type); the array never shrinks and its old storage
 * stays in the arena until that is freed. */
#pragma once
#include "base/arena.h"
#include <stddef.h>

#define VEC(type)                                                                                                      \
    struct {                                                                                                           \
        type *v;                                                                                                       \
        size_t n, cap;                                                                                                 \
    }

/* Adds a zeroed element and yields its address, valid until the next push. */
#define vec_push(arena, vec)                                                                                           \
    ((vec)->v = vec_grow((arena), (vec)->v, (vec)->n, &(vec)->cap, sizeof *(vec)->v), &(vec)->v[(vec)->n++])

/* Storage for at least n+1 elements of `size` bytes; what is behind the n used ones is zero. */
void *vec_grow(struct arena *a, void *v, size_t n, size_t *cap, size_t size);
