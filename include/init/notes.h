/* The fleet's notes, told to the world: main log lines in supervisord's words, and the clients that watch. */
#pragma once
#include "core/fleet.h"

struct supervisor;

/* Says what an effect of kind NOTE tells, and passes it on to the watching clients. */
void notes_tell(struct supervisor *s, const struct effect *note);

/* An orphan was reaped that no program of ours is. */
void notes_orphan(struct supervisor *s, int pid, const struct ending *ending);
