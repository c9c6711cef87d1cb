#include "os/clock.h"
#include "base/num.h"
#include <limits.h>
#include <time.h>

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
