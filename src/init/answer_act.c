#include "config/command.h"
#include "init/answer.h"
#include "init/child.h"
#include "init/generation.h"
#include "init/supervisor.h"
#include "os/reap.h"
#include "os/spawn.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The PATH that the program's own environment has; NULL = PID 1's (supervisord contract §1). */
static const char *own_path(const struct spec *spec)
{
    const char *path = NULL;

    for (size_t i = 0; i < spec->environment.n; i++)
        if (strcmp(spec->environment.v[i].name, "PATH") == 0)
            path = spec->environment.v[i].value;
    return path;
}

static enum fault find_in_scratch(struct supervisor *s, const struct proc *p, char *text)
{
    struct arena *a = s->scratch;
    size_t len = strlen(p->spec->command);
    char path[PATH_MAX];
    struct err e;

    char **argv = arena_alloc(a, (len / 2 + 2) * sizeof *argv);
    int words = command_split(p->spec->command, arena_alloc(a, len + 1), len + 1, argv, len / 2 + 2, &e);
    if (words <= 0) {
        snprintf(text, FIND_TEXT_MAX, "%s", words == 0 ? "command is empty" : e.text);
        return FAULT_NOT_EXECUTABLE;
    }
    int r = os_find_command(argv[0], own_path(p->spec), path, text);
    return r == 0 ? FAULT_SUCCESS : r == -ENOENT ? FAULT_NO_FILE : FAULT_NOT_EXECUTABLE;
}

/* startProcess looks for the command before it starts anything (supervisord contract §5). */
static enum fault find_command(struct supervisor *s, const struct proc *p, char *text)
{
    arena_reset(s->scratch);
    if (setjmp(*arena_recovery(s->scratch))) {
        snprintf(text, FIND_TEXT_MAX, "out of memory");
        return FAULT_FAILED;
    }
    return find_in_scratch(s, p, text);
}

typedef struct outcome call(struct supervisor *s, struct answer *a, struct proc *p);

/* Of one name, answer_start has looked for the command already; of many, a missing one is refused by itself. */
static struct outcome call_start(struct supervisor *s, struct answer *a, struct proc *p)
{
    char text[FIND_TEXT_MAX];
    enum fault fault = target_is_one(&a->target) ? FAULT_SUCCESS : find_command(s, p, text);

    if (fault != FAULT_SUCCESS)
        return (struct outcome){.fault = fault};
    return request_start(&s->fleet, p, target_is_one(&a->target));
}

static struct outcome call_stop(struct supervisor *s, struct answer *a, struct proc *p)
{
    (void)a;
    return request_stop(&s->fleet, p);
}

static struct outcome call_run(struct supervisor *s, struct answer *a, struct proc *p)
{
    (void)a;
    return request_run(&s->fleet, p);
}

static struct outcome call_signal(struct supervisor *s, struct answer *a, struct proc *p)
{
    struct outcome o = request_signal(&s->fleet, p);
    char text[64];
    int signal;

    snprintf(text, sizeof text, "%.*s", (int)a->request.arg.len, a->request.arg.ptr);
    if (!signal_from_text(text, &signal))
        return (struct outcome){.fault = FAULT_BAD_SIGNAL};
    if (o.fault == FAULT_SUCCESS && os_kill(p->pid, signal) < 0)
        o.fault = FAULT_FAILED;
    return o;
}

/* One process: its fault ends the answer. */
static void for_one(struct supervisor *s, struct answer *a, call *do_call)
{
    struct proc *p = answer_one(s, a);

    if (!p)
        return;
    struct outcome o = do_call(s, a, p);
    if (o.fault == FAULT_SUCCESS)
        answer_outcome(a, p, o);
    else
        answer_end(a, o.fault, a->request.name);
    answer_rows(s, a, answer_outcome_row);
}

/* A group or all: an outcome for each that the call applies to, in the fleet's order. */
static void for_many(struct supervisor *s, struct answer *a, call *do_call, bool (*applies)(const struct proc *p))
{
    if (!answer_any(s, a))
        return;
    for (struct proc *p = fleet_each(&s->fleet, NULL); p; p = fleet_each(&s->fleet, p))
        if (target_has(&a->target, p) && applies(p))
            answer_outcome(a, p, do_call(s, a, p));
    answer_rows(s, a, answer_outcome_row);
}

void answer_start(struct supervisor *s, struct answer *a)
{
    char text[FIND_TEXT_MAX];

    if (!target_is_one(&a->target)) {
        for_many(s, a, call_start, request_start_applies);
        return;
    }
    struct proc *p = answer_one(s, a);
    if (!p)
        return;
    enum fault fault = find_command(s, p, text);
    if (fault != FAULT_SUCCESS)
        answer_end_with(a, fault, text);
    else
        for_one(s, a, call_start);
}

void answer_stop(struct supervisor *s, struct answer *a)
{
    if (target_is_one(&a->target))
        for_one(s, a, call_stop);
    else
        for_many(s, a, call_stop, request_stop_applies);
}

static bool is_signallable(const struct proc *p)
{
    return p->pid != 0;
}

void answer_signal(struct supervisor *s, struct answer *a)
{
    if (target_is_one(&a->target))
        for_one(s, a, call_signal);
    else
        for_many(s, a, call_signal, is_signallable);
}

void answer_run(struct supervisor *s, struct answer *a)
{
    for_one(s, a, call_run);
}

static bool taken_row(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row)
{
    (void)s;
    (void)n;
    *ret_row = (struct row){.n = 0};
    row_int(ret_row, FIELD_SIZE, (int64_t)a->taken);
    return true;
}

void answer_stdin(struct supervisor *s, struct answer *a)
{
    struct proc *p = answer_one(s, a);

    if (!p)
        return;
    if (!p->pid) {
        answer_end(a, FAULT_NOT_RUNNING, a->request.name);
        return;
    }
    ssize_t n = child_write_stdin(child_of(p), a->request.arg.ptr, a->request.arg.len);
    if (n < 0 && n != -EAGAIN) {
        answer_end(a, FAULT_NO_FILE, a->request.name);
        return;
    }
    a->taken = n > 0 ? (size_t)n : 0;
    a->row = taken_row;
    a->rows_n = 1;
}
