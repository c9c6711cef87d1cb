/* The control socket (wire/proto.h): a fixed table of connections, each with one request at a time and one packet each
 * way. Nothing a peer does makes PID 1 wait, allocate or end: who does not read is hung up on, who idles too, and some
 * places are root's alone. */
#pragma once
#include "base/err.h"
#include "core/fleet.h"

struct supervisor;
struct control;

/* Opens the control socket of this configuration. 0, -EADDRINUSE (a second instance), or -errno, with a line in `e`. */
int control_open(struct supervisor *s, struct control **ret_control, struct err *e);
void control_close(struct control *c);

/* A note for those who watch. NULL-safe. */
void control_tell(struct control *c, const struct effect *note);
