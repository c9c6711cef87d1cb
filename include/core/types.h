/* The words that every floor above shares: moments, process states, faults, signals. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Both clocks at once, in nanoseconds. Delays and deadlines use `mono_ns` (CLOCK_MONOTONIC); calendar times and what
 * people read use `wall_ns` (CLOCK_REALTIME), which may jump. */
struct moment {
    int64_t mono_ns;
    int64_t wall_ns;
};

/* "No deadline": later than every moment. */
#define NEVER_NS INT64_MAX

/* supervisord's states and numbers (supervisord contract §3). WAITING is ours: wanted up, held back by a dependency;
 * it is shown as STARTING with pid 0. */
#define PROC_STATES(X)                                                                                                 \
    X(STOPPED, 0, "STOPPED")                                                                                           \
    X(WAITING, 10, "STARTING")                                                                                         \
    X(STARTING, 10, "STARTING")                                                                                        \
    X(RUNNING, 20, "RUNNING")                                                                                          \
    X(BACKOFF, 30, "BACKOFF")                                                                                          \
    X(STOPPING, 40, "STOPPING")                                                                                        \
    X(EXITED, 100, "EXITED")                                                                                           \
    X(FATAL, 200, "FATAL")

enum proc_state {
#define X(name, number, shown) PROC_##name,
    PROC_STATES(X)
#undef X
        PROC_STATE_COUNT
};

/* supervisord's number and word for a state. */
int proc_state_code(enum proc_state s);
const char *proc_state_name(enum proc_state s);

/* XML-RPC fault codes (supervisord contract §5): the result codes of every request. */
#define FAULTS(X)                                                                                                      \
    X(UNKNOWN_METHOD, 1)                                                                                               \
    X(INCORRECT_PARAMETERS, 2)                                                                                         \
    X(BAD_ARGUMENTS, 3)                                                                                                \
    X(SIGNATURE_UNSUPPORTED, 4)                                                                                        \
    X(SHUTDOWN_STATE, 6)                                                                                               \
    X(BAD_NAME, 10)                                                                                                    \
    X(BAD_SIGNAL, 11)                                                                                                  \
    X(NO_FILE, 20)                                                                                                     \
    X(NOT_EXECUTABLE, 21)                                                                                              \
    X(FAILED, 30)                                                                                                      \
    X(ABNORMAL_TERMINATION, 40)                                                                                        \
    X(SPAWN_ERROR, 50)                                                                                                 \
    X(ALREADY_STARTED, 60)                                                                                             \
    X(NOT_RUNNING, 70)                                                                                                 \
    X(SUCCESS, 80)                                                                                                     \
    X(ALREADY_ADDED, 90)                                                                                               \
    X(STILL_RUNNING, 91)                                                                                               \
    X(CANT_REREAD, 92)                                                                                                 \
    X(NOT_PERMITTED, 120) /* ours: the peer may look, not command (container contract §11) */

enum fault {
#define X(name, number) FAULT_##name = number,
    FAULTS(X)
#undef X
};

/* `BAD_NAME`, …; `UNKNOWN` for a number that is none. */
const char *fault_name(int fault);

/* A signal by name (`TERM`, `SIGTERM`, any case) or number, as `stopsignal` and `ctl signal` take it (supervisord
 * contract §2). The numbers are Linux's, the same on every machine we run on. False when there is no such signal. */
bool signal_from_text(const char *text, int *ret_signal);

/* `SIGTERM`; NULL for a number without a name. */
const char *signal_name(int signal);
