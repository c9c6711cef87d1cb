/* Memory by the page, straight from the kernel: large buffers that cost nothing until they are touched, and can be
 * given back when they are idle. */
#pragma once
#include <stddef.h>

/* `bytes` of zeroes, or NULL. */
void *os_pages(size_t bytes);
void os_pages_free(void *pages, size_t bytes);

/* The content is not needed any more: the kernel may have the memory back; it reads as zeroes afterwards. */
void os_pages_idle(void *pages, size_t bytes);

/* The same for the stack below the caller, where the start left its marks: before a loop that runs for ever. */
void os_stack_idle(void);
