/* Where the main log's lines go (supervisord contract §2, §4): its file, and the container's stdout in the foreground.
 * PID 1's own lines are never waited for: what a full stdout does not take is dropped, counted, and said later. */
#pragma once
#include "base/err.h"
#include "core/program.h"
#include "init/outlet.h"

struct mainlog;

/* Opens the log; log_line goes there from now on. 0 or -errno, with a line in `e`, and nothing has changed. */
int mainlog_open(struct outlets *outlets, const struct daemon *d, struct mainlog **ret_log, struct err *e);

/* Gives it back. Lines must go elsewhere by then: another log was opened, or log_to. NULL-safe. */
void mainlog_close(struct mainlog *m);

/* The log's own outlet, for clients that read it; NULL when it has none. */
struct outlet *mainlog_outlet(const struct mainlog *m);
