/* What time it is. The only reader of clocks in the house: everything else is told the moment. */
#pragma once
#include "core/types.h"
#include <stdbool.h>

/* Both clocks, read one right after the other. */
struct moment clock_now(void);

/* The monotonic moment `after_ns` from now, for a deadline; NEVER_NS stays NEVER_NS. */
int64_t clock_deadline(int64_t after_ns);

/* What is left until a monotonic deadline as poll(2) wants it: milliseconds rounded up, 0 when it is over, -1 for
 * NEVER_NS. */
int clock_poll_ms(int64_t deadline_mono_ns);

/* A descriptor that becomes readable when the wall clock is set; then ask clock_jumped. 0 or -errno. */
int clock_watch(int *ret_fd);

/* Whether it was set since the last call. */
bool clock_jumped(int fd);
