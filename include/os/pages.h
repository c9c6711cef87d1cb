/* Memory by the page, straight from the kernel: large buffers that cost nothing until they are touched, and can be
 * given back when they are idle. */
#pragma once
#include <stddef.h>

/* `bytes` of zeroes, or NULL. */
void *os_pages(size_t bytes);
void os_pages_free(void *pages, size_t bytes);

/* The content is not needed any more: the kernel may have the memory back; it reads as zeroes afterwards. */
void os_pages_idle(void *pages, size_t bytes);

/* Called when the work is done and a long sleep begins: what the work needed goes back. Its stack, below the caller;
 * and once the start is over also what lies free in the heap, and the program's own pages that only a start reads (they
 * come from the file again when they are needed). */
void os_stack_idle(void);
void os_start_idle(void);
