/* Health checks (container contract §4): `log`, `cpu` and `watchdog` are told by PID 1 itself, all others by a probe: a
 * child of ours with a deadline, whose exit code is the answer and whose last line is the reason. */
#pragma once
#include "init/child.h"

/* EFFECT_CHECK: runs all checks of the program; fleet_checked comes at once or when the probe ends. */
void checks_run(struct child *c);

/* The child with this pid was a probe: its result is taken. False when it was none. */
bool checks_reaped(struct supervisor *s, pid_t pid, const struct ending *ending);

/* The program is going away. */
void checks_cancel(struct child *c);
