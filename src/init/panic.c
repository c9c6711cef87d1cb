#include "init/panic.h"
#include "base/log.h"
#include "os/reserve.h"
#include <errno.h>
#include <ev.h>
#include <string.h>

/* libev's tables grow with descriptors and timers, to some hundred kilobytes at most. */
enum { RESERVE_BYTES = 4 << 20 };

static void *grow(void *p, long size)
{
    void *grown = os_grow(p, (size_t)size);

    if (!grown && size)
        log_line(LVL_CRIT, "out of memory, and the reserve is used up");
    return grown;
}

/* The call is tried again in the loop's next turn. */
static void say_refused(const char *what)
{
    log_line(LVL_CRIT, "%s: %s", what, strerror(errno));
}

int panic_prevent(void)
{
    int r = os_reserve(RESERVE_BYTES);

    if (r < 0)
        return r;
    ev_set_allocator(grow);
    ev_set_syserr_cb(say_refused);
    return 0;
}
