/* The main log's lines about processes and signals: supervisord's to the letter (supervisord contract §4), ours behind
 * them in the same style. One row is one line: its level, and its text with {blanks} that line_facts fill in. */
#pragma once
#include "base/log.h"
#include "core/text.h"
#include <stdbool.h>
#include <stdint.h>

#define LINES(X)                                                                                                       \
    X(STARTED, INFO, "supervisord started with pid {pid}")                                                             \
    X(SPAWNED, INFO, "spawned: '{name}' with pid {pid}")                                                               \
    X(SPAWN_ERROR, INFO, "spawnerr: {text}")                                                                           \
    X(SUCCESS, INFO,                                                                                                   \
      "success: {name} entered RUNNING state, process has stayed up for > than {number} seconds (startsecs)")          \
    X(EXITED, INFO, "exited: {name} ({how}; expected)")                                                                \
    X(EXITED_BADLY, WARN, "exited: {name} ({how}; not expected)")                                                      \
    X(GAVE_UP, INFO, "gave up: {name} entered FATAL state, too many start retries too quickly")                        \
    X(STOPPED, INFO, "stopped: {name} ({how})")                                                                        \
    X(STOPPED_BADLY, WARN, "stopped: {name} ({how})") /* its code is not among exitcodes; so is death by TERM */       \
    X(WAITING_TO_STOP, INFO, "waiting for {name} to stop")                                                             \
    X(WAITING_TO_DIE, INFO, "waiting for {text} to die") /* names joined by ", " */                                    \
    X(KILLING, WARN, "killing '{name}' ({pid}) with {signal}")                                                         \
    X(STOPPING, DEBG, "killing {name} (pid {pid}) {group}with signal {signal}")                                        \
    X(SIGNALLING, DEBG, "sending {name} (pid {pid}) sig {signal}")                                                     \
    X(BACKOFF_STOPPED, DEBG, "Attempted to kill {name}, which is in BACKOFF state.")                                   \
    X(REAPED, INFO, "reaped unknown pid {pid} ({how})")                                                                \
    X(ASKED_EXIT, WARN, "received {signal} indicating exit request")                                                   \
    X(ASKED_RESTART, WARN, "received {signal} indicating restart request")                                             \
    X(RESTART_IGNORED, WARN, "ignored {signal} indicating restart request (shutdown in progress)")                     \
    X(ASKED_REOPEN, INFO, "received {signal} indicating log reopen request")                                           \
    X(REOPENED, INFO, "supervisord logreopen")                                                                         \
    X(CHILD_QUIT, DEBG, "received {signal} indicating a child quit")                                                   \
    X(SIGNAL_IGNORED, BLAT, "received {signal} indicating nothing")                                                    \
    /* ours */                                                                                                         \
    X(WAITING, INFO, "waiting: {name} for {text}")                                                                     \
    X(GAVE_UP_FOR, INFO, "gave up: {name} entered FATAL state, {text}")                                                \
    X(RETRYING, INFO, "retrying: {name} in {text}")                                                                    \
    X(ARMED, DEBG, "armed: {name}, next run {text}")                                                                   \
    X(SKIPPED, WARN, "skipped: {name} still runs, schedule_overlap=skip")                                              \
    X(TIMED_OUT, WARN, "timeout: {name} ran longer than run_timeout={number}s, stopping it")                           \
    X(HEALTHY, INFO, "healthy: {name}")                                                                                \
    X(UNHEALTHY, WARN, "unhealthy: {text}")                                                                            \
    X(OUTLIVES, WARN, "{text}")                                                                                        \
    X(GRACE_CUT, WARN, "{text}")                                                                                       \
    X(KILLING_ALL, WARN, "received {signal} again, killing what is left")                                              \
    X(CANNOT_SIGNAL, ERRO, "cannot signal {name} (uid {number}): add CAP_KILL")

enum line {
#define X(name, level, format) LINE_##name,
    LINES(X)
#undef X
        LINE_COUNT
};

/* What fills the blanks; a line looks only at those it has. */
struct line_facts {
    const char *name;           /* {name} */
    const char *text;           /* {text} */
    int pid;                    /* {pid} */
    int64_t number;             /* {number} */
    int signal;                 /* {signal}: `SIGTERM` */
    bool as_group;              /* {group}: `process group ` or nothing */
    int exit_code, exit_signal; /* {how}: as ending_text; exit_signal 0 = it exited */
    bool core_dumped;
};

/* Writes the line, without level, time and newline. Returns its level. */
enum log_level line_text(struct text *out, enum line line, const struct line_facts *facts);

/* `exit status 0`, `terminated by SIGKILL`, `terminated by SIGSEGV (core dumped)`; signal 0 = it exited. */
void ending_text(struct text *out, int exit_code, int signal, bool core_dumped);

/* `SIGTERM`, `signal 40` for one without a name. */
void signal_text(struct text *out, int signal);
