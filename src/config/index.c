#include "config/index.h"
#include <stdint.h>
#include <string.h>

/* FNV-1a. Hostile names make it slow, not wrong, and their number is bounded where they come from. */
static size_t hash(const char *name)
{
    uint64_t h = 14695981039346656037U;

    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 1099511628211U;
    return (size_t)(h ^ h >> 32);
}

/* The slot of a name, or the free one where it would go. */
static struct index_slot *slot_of(const struct index *x, const char *name)
{
    size_t i = hash(name) & (x->cap - 1);

    while (x->slots[i].name && strcmp(x->slots[i].name, name) != 0)
        i = (i + 1) & (x->cap - 1);
    return &x->slots[i];
}

size_t index_find(const struct index *x, const char *name)
{
    const struct index_slot *slot = x->cap ? slot_of(x, name) : NULL;
    return slot && slot->name ? slot->number : INDEX_NONE;
}

static void grow(struct index *x, struct arena *a)
{
    struct index old = *x;

    x->cap = old.cap ? old.cap * 2 : 16;
    x->slots = arena_alloc(a, x->cap * sizeof *x->slots);
    for (size_t i = 0; i < old.cap; i++)
        if (old.slots[i].name)
            *slot_of(x, old.slots[i].name) = old.slots[i];
}

void index_add(struct index *x, struct arena *a, const char *name, size_t number)
{
    if ((x->n + 1) * 2 > x->cap)
        grow(x, a);
    *slot_of(x, name) = (struct index_slot){name, number};
    x->n++;
}
