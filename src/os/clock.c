#include "os/clock.h"
#include "base/num.h"
#include <errno.h>
#include <limits.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int64_t read_clock(clockid_t clock)
{
    struct timespec t = {0};

    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

struct moment clock_now(void)
{
    return (struct moment){.mono_ns = read_clock(CLOCK_MONOTONIC), .wall_ns = read_clock(CLOCK_REALTIME)};
}

int64_t clock_deadline(int64_t after_ns)
{
    return num_add_sat(read_clock(CLOCK_MONOTONIC), after_ns);
}

int clock_poll_ms(int64_t deadline_mono_ns)
{
    if (deadline_mono_ns == NEVER_NS)
        return -1;
    int64_t left = deadline_mono_ns - read_clock(CLOCK_MONOTONIC);
    if (left <= 0)
        return 0;
    int64_t ms = (left + NS_PER_MS - 1) / NS_PER_MS;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

/* A timer that is never due; setting the clock cancels it, which read(2) tells (timerfd_create(2)). */
static int arm_watch(int fd)
{
    struct itimerspec never = {.it_value.tv_sec = INT32_MAX};

    never.it_value.tv_sec += (time_t)(read_clock(CLOCK_REALTIME) / NS_PER_S);
    int r = timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
    return r < 0 ? -errno : 0;
}

int clock_watch(int *ret_fd)
{
    int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);

    if (fd < 0)
        return -errno;
    int r = arm_watch(fd);
    if (r < 0)
        close(fd);
    else
        *ret_fd = fd;
    return r;
}

bool clock_jumped(int fd)
{
    uint64_t times;
    bool jumped = read(fd, &times, sizeof times) < 0 && errno == ECANCELED;

    if (jumped)
        arm_watch(fd);
    return jumped;
}
