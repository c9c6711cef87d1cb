/* The terminal, and the person at it. */
#pragma once
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From now on Ctrl-C ends waits instead of the process. */
void terminal_catch_interrupts(void);

/* Whether Ctrl-C was pressed since the last call. */
bool terminal_interrupted(void);

/* poll(2) until the monotonic deadline (NEVER_NS: for ever). 0 when a descriptor is ready, -ETIMEDOUT, -EINTR after
 * Ctrl-C (which terminal_interrupted still reports), or -errno. */
int terminal_wait(struct pollfd *fds, size_t n, int64_t deadline_mono_ns);

/* Whether colour may be used on stdout: it is a terminal, not a dumb one, and NO_COLOR is unset. */
bool terminal_colour(void);

/* Columns of stdout's terminal; 80 where it has none. */
unsigned terminal_columns(void);

/* Key by key input on stdin, without echo. False where stdin is no terminal. */
bool terminal_raw(void);

/* Back to what it was; harmless without terminal_raw. */
void terminal_restore(void);

/* One passing line on stderr about a wait, written over the last one; nothing where stderr is no terminal. */
void terminal_progress(const char *text);
void terminal_progress_end(void);
