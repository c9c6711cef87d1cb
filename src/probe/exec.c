#include "base/buf.h"
#include "config/command.h"
#include "os/clock.h"
#include "os/pipes.h"
#include "os/reap.h"
#include "os/signals.h"
#include "os/sockets.h"
#include "os/spawn.h"
#include "probe/attempt.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 256

extern char **environ;

/* The last line that the command wrote: most often what is wrong. Printable ASCII, cut: for people only. */
struct last_line {
    char line[LINE_MAX_BYTES], next[LINE_MAX_BYTES];
    size_t n;
};

struct run {
    pid_t pid;
    int signals, output;
    struct reaped end;
    struct last_line said;
};

static void listen_to(struct last_line *l, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == '\n' && l->n) {
            memcpy(l->line, l->next, sizeof l->line);
            memset(l->next, 0, sizeof l->next);
            l->n = 0;
        } else if (bytes[i] >= ' ' && bytes[i] < 0x7f && l->n + 1 < sizeof l->next) {
            l->next[l->n++] = bytes[i];
        }
    }
}

/* What the pipe holds now; at its end it is closed. */
static void drain(struct run *r)
{
    char bytes[4096];
    ssize_t n;

    while (r->output >= 0 && (n = read(r->output, bytes, sizeof bytes)) >= 0) {
        listen_to(&r->said, bytes, (size_t)n);
        if (n == 0) {
            close(r->output);
            r->output = -1;
        }
    }
}

/* True once the command itself has ended; orphans that come our way go unmentioned. */
static bool has_ended(struct run *r)
{
    struct reaped dead;
    int signal;

    while (os_signals_read(r->signals, &signal) == 1)
        ;
    while (os_reap(&dead) == 1) {
        if (dead.pid == r->pid) {
            r->end = dead;
            return true;
        }
    }
    return false;
}

static int wait_end(struct run *r, int64_t deadline)
{
    while (!has_ended(r)) {
        struct pollfd fds[2] = {{.fd = r->signals, .events = POLLIN}, {.fd = r->output, .events = POLLIN}};
        int n = poll(fds, 2, clock_poll_ms(deadline));

        if (n < 0 && errno != EINTR)
            return -errno;
        if (n == 0)
            return -ETIMEDOUT;
        drain(r);
    }
    drain(r);
    listen_to(&r->said, "\n", 1);
    return 0;
}

/* Finds, starts; `argv` is the split command. */
static int start(struct run *r, char **argv, struct err *e)
{
    char path[PATH_MAX], text[FIND_TEXT_MAX];
    struct spawn_plan plan = SPAWN_PLAN_NONE;
    int theirs = -1, null = -1, rc = os_find_command(argv[0], NULL, path, text);

    if (rc < 0) {
        err_set(e, "%s", text);
        return rc;
    }
    rc = os_pipe_from_child(&r->output, &theirs);
    if (rc == 0)
        rc = null = os_null_open();
    if (rc >= 0) {
        plan.path = path;
        plan.argv = (const char *const *)argv;
        plan.envp = (const char *const *)environ;
        plan.own_group = plan.die_with_us = true;
        plan.fds[plan.fds_n++] = (struct spawn_fd){null, 0};
        plan.fds[plan.fds_n++] = (struct spawn_fd){theirs, 1};
        plan.fds[plan.fds_n++] = (struct spawn_fd){theirs, 2};
        rc = os_spawn(&plan, &r->pid);
    }
    if (rc < 0)
        err_set(e, "cannot start: %s", os_error_words(-rc, text, sizeof text));
    if (null >= 0)
        close(null);
    if (theirs >= 0)
        close(theirs);
    return rc;
}

static int judge(const struct run *r, struct err *e)
{
    const char *said = r->said.line;

    if (r->end.signalled)
        err_set(e, "killed by signal %d%s%s%s", r->end.code, *said ? " (" : "", said, *said ? ")" : "");
    else if (r->end.code)
        err_set(e, "exit status %d%s%s%s", r->end.code, *said ? " (" : "", said, *said ? ")" : "");
    else
        return 0;
    return -EPROTO;
}

static int run_words(char **argv, int64_t deadline, struct err *e)
{
    static const int wanted[] = {SIGCHLD, 0};
    struct run r = {.signals = -1, .output = -1};
    int rc = os_signals_open(wanted, &r.signals);

    if (rc < 0)
        return rc;
    rc = start(&r, argv, e);
    if (rc == 0) {
        rc = wait_end(&r, deadline);
        if (rc < 0) {
            err_set(e, rc == -ETIMEDOUT ? "timed out" : "cannot wait for it");
            os_kill_group(r.pid, SIGKILL);
        }
    }
    if (r.output >= 0)
        close(r.output);
    close(r.signals);
    return rc < 0 ? rc : judge(&r, e);
}

int attempt_exec(const struct check *c, int64_t deadline, struct err *e)
{
    size_t size = c->command.len + 1, max = c->command.len / 2 + 2;
    char *text = malloc(size), *words = malloc(size);
    char **argv = calloc(max, sizeof *argv);
    int r = -ENOMEM;

    if (!text || !words || !argv) {
        err_set(e, "out of memory");
        goto out;
    }
    memcpy(text, c->command.ptr, c->command.len);
    text[c->command.len] = '\0';
    r = command_split(text, words, size, argv, max, e);
    if (r == 0)
        r = err_set(e, "command is empty");
    if (r > 0)
        r = run_words(argv, deadline, e);
out:
    free(argv);
    free(words);
    free(text);
    return r;
}
