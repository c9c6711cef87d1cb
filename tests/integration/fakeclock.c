/* LD_PRELOAD for tests: a wall clock that the test sets. $FAKECLOCK is a file of 8 bytes, what to add to the wall clock
 * in nanoseconds; writing it is setting the clock, and cancels timers as the kernel would (timerfd_create(2)). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *offset_ns;
static unsigned char is_timer[1024]; /* descriptors that stand for a timer of the wall clock */

__attribute__((constructor)) static void open_clock(void)
{
    const char *path = getenv("FAKECLOCK");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

    if (fd < 0)
        return;
    void *map = mmap(NULL, sizeof *offset_ns, PROT_READ, MAP_SHARED, fd, 0);
    offset_ns = map == MAP_FAILED ? NULL : map;
    close(fd);
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
    int r = (int)syscall(SYS_clock_gettime, clock, t);

    if (r == 0 && offset_ns && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t ns = t->tv_sec * INT64_C(1000000000) + t->tv_nsec + *offset_ns;
        t->tv_sec = ns / 1000000000;
        t->tv_nsec = ns % 1000000000;
    }
    return r;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
    struct timespec t;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &t);
    tv->tv_sec = t.tv_sec;
    tv->tv_usec = t.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *ret)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    if (ret)
        *ret = t.tv_sec;
    return t.tv_sec;
}

static int stands_for_timer(int fd)
{
    return fd >= 0 && fd < (int)sizeof is_timer && is_timer[fd];
}

int timerfd_create(int clock, int flags)
{
    if (clock != CLOCK_REALTIME || !offset_ns)
        return (int)syscall(SYS_timerfd_create, clock, flags);
    int fd = inotify_init1(IN_NONBLOCK | (flags & TFD_CLOEXEC ? IN_CLOEXEC : 0));
    if (fd < 0 || fd >= (int)sizeof is_timer || inotify_add_watch(fd, getenv("FAKECLOCK"), IN_MODIFY) < 0)
        return -1;
    is_timer[fd] = 1;
    return fd;
}

/* Whether the clock was set since it was last asked. */
static int was_set(int fd)
{
    char events[4096];
    int any = 0;

    while (syscall(SYS_read, fd, events, sizeof events) > 0)
        any = 1;
    return any;
}

int timerfd_settime(int fd, int flags, const struct itimerspec *new, struct itimerspec *old)
{
    if (!stands_for_timer(fd))
        return (int)syscall(SYS_timerfd_settime, fd, flags, new, old);
    was_set(fd);
    return 0;
}

ssize_t read(int fd, void *buffer, size_t size)
{
    if (!stands_for_timer(fd))
        return syscall(SYS_read, fd, buffer, size);
    errno = was_set(fd) ? ECANCELED : EAGAIN;
    return -1;
}

int close(int fd)
{
    if (fd >= 0 && fd < (int)sizeof is_timer)
        is_timer[fd] = 0;
    return (int)syscall(SYS_close, fd);
}
