/* realloc(3) with a reserve behind it, for a library that ends the process when it gets no memory. */
#pragma once
#include <stddef.h>

/* Sets `bytes` aside, once; pages that nobody touches cost nothing. 0 or -ENOMEM. */
int os_reserve(size_t bytes);

/* Like realloc, and free when `size` is 0; what the heap refuses comes out of the reserve, and stays there. NULL when
 * that is used up, too. */
void *os_grow(void *p, size_t size);
