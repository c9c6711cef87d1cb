/* Names → numbers, for tables that may grow to thousands of names. */
#pragma once
#include "base/arena.h"
#include <stddef.h>

struct index_slot {
    const char *name; /* borrowed; NULL: free */
    size_t number;
};

/* Starts zeroed; lives in an arena. */
struct index {
    struct index_slot *slots;
    size_t n, cap; /* cap is 0 or a power of two */
};

#define INDEX_NONE ((size_t)-1)

/* The number of a name, or INDEX_NONE. */
size_t index_find(const struct index *x, const char *name);

/* Adds a name that is not in yet. */
void index_add(struct index *x, struct arena *a, const char *name, size_t number);
