#include "os/pages.h"
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STACK_USED_MAX = 1024 * 1024 };

void *os_pages(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void os_pages_free(void *pages, size_t bytes)
{
    if (pages)
        munmap(pages, bytes);
}

void os_pages_idle(void *pages, size_t bytes)
{
    madvise(pages, bytes, MADV_DONTNEED);
}

/* One page below ours stays, for the call itself. What is not mapped in the range is passed over. */
void os_stack_idle(void)
{
    char here;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t end = ((uintptr_t)&here & ~(page - 1)) - page;

    madvise((void *)(end - STACK_USED_MAX), STACK_USED_MAX, MADV_DONTNEED);
}
