#include "core/types.h"
#include "base/num.h"
#include "base/str.h"
#include <stddef.h>

int proc_state_code(enum proc_state s)
{
    static const int codes[] = {
#define X(name, number, shown) number,
        PROC_STATES(X)
#undef X
    };
    return codes[s];
}

const char *proc_state_name(enum proc_state s)
{
    static const char *const names[] = {
#define X(name, number, shown) shown,
        PROC_STATES(X)
#undef X
    };
    return names[s];
}

const char *fault_name(int fault)
{
    switch (fault) {
#define X(name, number)                                                                                                \
    case number:                                                                                                       \
        return #name;
        FAULTS(X)
#undef X
    }
    return "UNKNOWN";
}

static const struct {
    const char *name;
    int number;
} signals[] = {
    {"SIGHUP", 1},
    {"SIGINT", 2},
    {"SIGQUIT", 3},
    {"SIGILL", 4},
    {"SIGTRAP", 5},
    {"SIGABRT", 6},
    {"SIGBUS", 7},
    {"SIGFPE", 8},
    {"SIGKILL", 9},
    {"SIGUSR1", 10},
    {"SIGSEGV", 11},
    {"SIGUSR2", 12},
    {"SIGPIPE", 13},
    {"SIGALRM", 14},
    {"SIGTERM", 15},
    {"SIGSTKFLT", 16},
    {"SIGCHLD", 17},
    {"SIGCONT", 18},
    {"SIGSTOP", 19},
    {"SIGTSTP", 20},
    {"SIGTTIN", 21},
    {"SIGTTOU", 22},
    {"SIGURG", 23},
    {"SIGXCPU", 24},
    {"SIGXFSZ", 25},
    {"SIGVTALRM", 26},
    {"SIGPROF", 27},
    {"SIGWINCH", 28},
    {"SIGIO", 29},
    {"SIGPWR", 30},
    {"SIGSYS", 31},
    {"SIGRTMIN", 34},
    {"SIGRTMAX", 64},
    /* synonyms stand behind the names that signal_name gives */
    {"SIGIOT", 6},
    {"SIGCLD", 17},
    {"SIGPOLL", 29},
};

/* 0 too, as supervisord has it: it asks whether the process is there (kill(2)). */
static bool number_exists(int64_t n)
{
    return (n >= 0 && n <= 31) || n == 34 || n == 64;
}

bool signal_from_text(const char *text, int *ret_signal)
{
    struct str s = str_trim(str_from(text));
    int64_t n;

    if (num_int(s, &n) == 0) {
        if (!number_exists(n))
            return false;
        *ret_signal = (int)n;
        return true;
    }
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        if (str_is_nocase(s, signals[i].name) || str_is_nocase(s, signals[i].name + 3)) {
            *ret_signal = signals[i].number;
            return true;
        }
    }
    return false;
}

const char *signal_name(int signal)
{
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (signals[i].number == signal)
            return signals[i].name;
    return NULL;
}
