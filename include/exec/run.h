/* How the applet exec runs its command, once it is known what it is to be given. */
#pragma once
#include "os/spawn.h"

/* Runs `plan` to its end: passes every signal on, reaps every orphan, lends the command our terminal. Fills in what
 * every plan has in common (standard descriptors, process group, death with us). Returns the command's exit code, 128+N
 * for a signal; or 126 with one line on stderr when nothing could be started. */
int run_to_the_end(struct spawn_plan *plan);
