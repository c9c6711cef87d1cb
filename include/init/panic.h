/* What keeps PID 1 alive where its library would give up: libev aborts when its allocator returns NULL, or when the
 * kernel refuses it a call (DESIGN, Conventions). */
#pragma once

/* Sets both hooks; before the first loop is made. 0 or -ENOMEM. */
int panic_prevent(void);
