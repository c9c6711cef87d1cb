#include "os/pages.h"
#include <malloc.h>
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

/* One page below ours stays, for the call itself. What is not mapped in the range is passed over. Never inlined: in a
 * large frame of its caller the range would begin above the stack pointer. */
__attribute__((noinline)) void os_stack_idle(void)
{
    char here;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t end = ((uintptr_t)&here & ~(page - 1)) - page;

    madvise((void *)(end - STACK_USED_MAX), STACK_USED_MAX, MADV_DONTNEED);
}

/* From the linker: the program's own head, code and constants; nothing in there is ever written. */
extern const char __executable_start[], __etext[];

void os_start_idle(void)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t start = (uintptr_t)__executable_start & ~(page - 1), end = (uintptr_t)__etext & ~(page - 1);

#ifdef __GLIBC__
    malloc_trim(0);
#endif
    madvise((void *)start, end - start, MADV_DONTNEED);
    os_stack_idle();
}
