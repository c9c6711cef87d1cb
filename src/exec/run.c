#include "exec/run.h"
#include "os/reap.h"
#include "os/signals.h"
#include "os/sockets.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define EXIT_CANNOT_RUN 126
#define EXIT_SIGNAL 128

static int cannot(const char *what, int error)
{
    char words[128];

    fprintf(stderr, "cslsup: %s: %s\n", what, os_error_words(-error, words, sizeof words));
    return EXIT_CANNOT_RUN;
}

/* Makes `group` the foreground of the terminal on stdin, if it was ours: then Ctrl-C and Ctrl-Z reach the command from
 * the terminal, and it may read. Whatever it did before that was stopped by the kernel and is continued. */
static bool lend_terminal(pid_t group)
{
    if (!isatty(STDIN_FILENO) || tcgetpgrp(STDIN_FILENO) != getpgrp())
        return false;
    if (tcsetpgrp(STDIN_FILENO, group) < 0)
        return false;
    os_kill_group(group, SIGCONT);
    return true;
}

static void take_terminal_back(void)
{
    signal(SIGTTOU, SIG_IGN); /* we are the background now */
    tcsetpgrp(STDIN_FILENO, getpgrp());
}

/* Reaps all that is dead; true when the command is among them. */
static bool reap(pid_t pid, struct reaped *ret_end)
{
    struct reaped dead;
    bool ended = false;

    while (os_reap(&dead) == 1) {
        if (dead.pid == pid) {
            *ret_end = dead;
            ended = true;
        }
    }
    return ended;
}

static int wait_end(pid_t pid, int signals, struct reaped *ret_end)
{
    struct pollfd wake = {.fd = signals, .events = POLLIN};
    int signal;

    for (;;) {
        while (os_signals_read(signals, &signal) == 1)
            if (signal != SIGCHLD)
                os_kill(pid, signal);
        if (reap(pid, ret_end))
            return 0;
        if (poll(&wake, 1, -1) < 0 && errno != EINTR)
            return -errno;
    }
}

int run_to_the_end(struct spawn_plan *plan)
{
    struct reaped end = {0};
    bool lent;
    pid_t pid;
    int signals, r;

    if ((r = os_signals_open(NULL, &signals)) < 0)
        return cannot("cannot take signals", r);
    if (getpid() != 1 && (r = os_subreaper()) < 0)
        return cannot("cannot become the parent of orphans", r);
    for (int fd = 0; fd <= 2; fd++)
        plan->fds[plan->fds_n++] = (struct spawn_fd){fd, fd};
    plan->own_group = plan->die_with_us = true;
    if ((r = os_spawn(plan, &pid)) < 0)
        return cannot("cannot start the command", r);
    lent = lend_terminal(pid);
    r = wait_end(pid, signals, &end);
    if (lent)
        take_terminal_back();
    if (r < 0)
        return cannot("cannot wait for the command", r);
    return end.signalled ? EXIT_SIGNAL + end.code : end.code;
}
