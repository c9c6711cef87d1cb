/* What can be asked of PID 1 over the control socket. What each verb takes and answers is said in wire/proto.h;
 * here stand the words, the numbers and who may use them (container contract §1: status and health are for everybody
 * in the container, all else is for root and the uid that cslsup runs under; §11: what shows output or environment
 * counts as a command). */
#pragma once
#include <stdbool.h>

/* X(NAME, "word", COMMAND or LOOK, "help") */
#define VERBS(X)                                                                                                       \
    X(STATE, "state", LOOK, "the supervisor itself: pid, version, identifier, state")                                  \
    X(STATUS, "status", LOOK, "processes and their states")                                                            \
    X(HEALTH, "health", LOOK, "whether all essential programs are well, and which are not")                            \
    X(CONFIG, "config", COMMAND, "the loaded configuration of each process")                                           \
    X(WATCH, "watch", COMMAND, "status now, then every change until the client hangs up")                              \
    X(WHY, "why", COMMAND, "how a process ended: exits, signal, uptime, last lines")                                   \
    X(START, "start", COMMAND, "start processes")                                                                      \
    X(STOP, "stop", COMMAND, "stop processes")                                                                         \
    X(SIGNAL, "signal", COMMAND, "send a signal to processes")                                                         \
    X(RUN, "run", COMMAND, "run a oneshot or job now")                                                                 \
    X(REREAD, "reread", COMMAND, "read the configuration and say what differs")                                        \
    X(ADD, "add", COMMAND, "activate a group of the configuration")                                                    \
    X(REMOVE, "remove", COMMAND, "drop a stopped group")                                                               \
    X(RELOAD, "reload", COMMAND, "stop all, read the configuration, start again")                                      \
    X(SHUTDOWN, "shutdown", COMMAND, "stop all and end")                                                               \
    X(LOG, "log", COMMAND, "a log file as an open descriptor")                                                         \
    X(CLEAR, "clear", COMMAND, "empty the log files of one process")                                                   \
    X(CLEARALL, "clearall", COMMAND, "empty the log files of all processes")                                           \
    X(STDIN, "stdin", COMMAND, "write to a process's stdin")

enum verb {
    VERB_NONE,
#define X(name, word, right, help) VERB_##name,
    VERBS(X)
#undef X
        VERB_COUNT
};

/* Request flags; one that a verb does not know is refused as BAD_ARGUMENTS. */
enum verb_flag {
    VERB_FLAG_LIVE = 1,   /* HEALTH: judge liveness, not readiness */
    VERB_FLAG_STDERR = 2, /* LOG: the stderr log instead of the stdout log */
};

/* `start`; "" for a number that is no verb. */
const char *verb_word(enum verb v);
const char *verb_help(enum verb v);

/* Whether only root and cslsup's own uid may use it. */
bool verb_is_command(enum verb v);

/* The flags that the verb knows. */
unsigned verb_flags(enum verb v);
