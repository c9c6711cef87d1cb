#include "os/pages.h"
#include <sys/mman.h>

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
