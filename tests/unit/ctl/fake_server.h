/* A small server that speaks the real protocol from a child process, and calls of ctl against it: shared by the tests
 * of whole calls. Each start is a fresh world. */
#pragma once
#include "ctl/ctl.h"
#include "os/clock.h"
#include "os/control.h"
#include "wire/proto.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- the server ---- */

struct process {
    const char *group, *name;
    enum proc_state state;
    bool done;          /* counts as up for ctl */
    const char *starts; /* states after START, one letter each: S R B(spawnerr) X(exited) W(aiting); "" = refused */
    int refusal;        /* … with this fault */
    int exit_code;
};

static struct process processes[] = {
    {"bad", "bad", PROC_STOPPED, false, "", FAULT_NO_FILE, 0},
    {"dies", "dies", PROC_STOPPED, false, "SB", 0, 0},
    {"job", "job", PROC_EXITED, true, "SRX", 0, 5},
    {"n", "n_00", PROC_RUNNING, false, "", FAULT_ALREADY_STARTED, 0},
    {"n", "n_01", PROC_RUNNING, false, "", FAULT_ALREADY_STARTED, 0},
    {"odd", "odd", PROC_STOPPED, false, "SX", 0, 0},
    {"slow", "slow", PROC_STOPPED, false, "SR", 0, 0},
    {"waits", "waits", PROC_STOPPED, false, "W", 0, 0},
};

enum { PROCESSES = sizeof processes / sizeof *processes };

struct peer_state {
    int fd;
    int passed; /* goes with the next packet; -1 = none */
    uint8_t packet[PROTO_PACKET_MAX];
    struct proto_writer writer;
};

static void flush_packet(struct peer_state *p)
{
    if (p->writer.used && os_packet_send(p->fd, p->packet, p->writer.used, p->passed) < 0)
        _exit(3);
    if (p->passed >= 0)
        close(p->passed);
    p->passed = -1;
    p->writer.used = 0;
}

static void put(struct peer_state *p, enum proto_mark mark, const struct proto_item *items, size_t n)
{
    struct proto_cursor cursor = {0};

    while (proto_put_items(&p->writer, &cursor, mark, items, n) == -EAGAIN)
        flush_packet(p);
}

static void end(struct peer_state *p, int fault)
{
    while (proto_put_end(&p->writer, fault, str_from("")) == -EAGAIN)
        flush_packet(p);
    flush_packet(p);
}

static void put_process(struct peer_state *p, enum proto_mark mark, const struct process *x)
{
    bool up = x->state == PROC_RUNNING || x->state == PROC_STARTING;
    const struct proto_item items[] = {
        {.field = FIELD_NAME, .s = str_from(x->name)},
        {.field = FIELD_GROUP, .s = str_from(x->group)},
        {.field = FIELD_STATE, .i = proc_state_code(x->state)},
        {.field = FIELD_STATENAME, .s = str_from(proc_state_name(x->state))},
        {.field = FIELD_PID, .i = up ? 7 : 0},
        {.field = FIELD_SPAWNERR, .s = str_from(x->state == PROC_BACKOFF ? "Exited too quickly" : "")},
        {.field = FIELD_DESCRIPTION, .s = str_from(up ? "pid 7, uptime 0:00:01" : "Not started")},
        {.field = FIELD_DONE, .i = x->done},
        {.field = FIELD_READY, .i = x->state == PROC_RUNNING},
        {.field = FIELD_EXIT_CODE, .i = x->exit_code},
    };

    put(p, mark, items, sizeof items / sizeof *items);
}

static void put_outcome(struct peer_state *p, const struct process *x, int status, bool pending)
{
    const struct proto_item items[] = {
        {.field = FIELD_NAME, .s = str_from(x->name)}, {.field = FIELD_GROUP, .s = str_from(x->group)},
        {.field = FIELD_STATUS, .i = status},          {.field = FIELD_DESCRIPTION, .s = str_from("OK")},
        {.field = FIELD_PENDING, .i = pending},
    };

    put(p, MARK_RECORD, items, sizeof items / sizeof *items);
}

static bool named(const struct process *x, struct str name)
{
    char full[128], group[128];

    snprintf(full, sizeof full, "%s:%s", x->group, x->name);
    snprintf(group, sizeof group, "%s:*", x->group);
    return name.len == 0 || str_is(name, full) || str_is(name, group);
}

static void event(struct peer_state *p, struct process *x, enum proc_state state)
{
    x->state = state;
    put_process(p, MARK_EVENT, x);
    flush_packet(p);
    usleep(20000);
}

static void play(struct peer_state *p, struct process *x)
{
    static const struct {
        char letter;
        enum proc_state state;
    } letters[] = {
        {'S', PROC_STARTING}, {'R', PROC_RUNNING}, {'B', PROC_BACKOFF}, {'X', PROC_EXITED}, {'W', PROC_WAITING},
    };

    for (const char *s = x->starts; *s; s++)
        for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
            if (letters[i].letter == *s)
                event(p, x, letters[i].state);
}

static bool rests(const struct process *x)
{
    return x->state == PROC_STOPPED || x->state == PROC_EXITED || x->state == PROC_FATAL;
}

static bool is_group(struct str name)
{
    return name.len == 0 || name.ptr[name.len - 1] == '*';
}

/* START, RUN and STOP: outcomes, the end, and then what happens, as events. */
static void change(struct peer_state *p, const struct proto_request *r)
{
    struct process *acted[PROCESSES];
    bool start = r->verb != VERB_STOP, known = false;
    int fault = FAULT_SUCCESS;
    size_t n = 0;

    for (size_t i = 0; i < PROCESSES; i++) {
        struct process *x = &processes[i];
        if (!named(x, r->name))
            continue;
        known = true;
        int status = start == rests(x) ? FAULT_SUCCESS : start ? FAULT_ALREADY_STARTED : FAULT_NOT_RUNNING;
        if (status == FAULT_SUCCESS && start && x->refusal)
            status = x->refusal;
        if (status == FAULT_SUCCESS)
            acted[n++] = x;
        else if (!is_group(r->name))
            fault = status;
        if (status == FAULT_SUCCESS || (is_group(r->name) && start == rests(x)))
            put_outcome(p, x, status, status == FAULT_SUCCESS);
    }
    end(p, known ? fault : FAULT_BAD_NAME);
    for (size_t i = 0; i < n; i++) {
        if (start)
            play(p, acted[i]);
        else {
            event(p, acted[i], PROC_STOPPING);
            event(p, acted[i], PROC_STOPPED);
        }
    }
}

/* The one log file there is: n_00's stdout, and the main log. */
static char log_path[64];

static void give_log(struct peer_state *p, const struct proto_request *r)
{
    const struct proto_item items[] = {{.field = FIELD_PATH, .s = str_from(log_path)}, {.field = FIELD_SIZE, .i = 0}};
    bool known = r->name.len == 0;

    for (size_t i = 0; i < PROCESSES; i++)
        known = known || named(&processes[i], r->name);
    if (known && !(r->flags & VERB_FLAG_STDERR) && (r->name.len == 0 || str_is(r->name, "n:n_00")))
        p->passed = open(log_path, O_RDONLY | O_CLOEXEC);
    if (p->passed < 0) {
        end(p, known ? FAULT_NO_FILE : FAULT_BAD_NAME);
        return;
    }
    put(p, MARK_RECORD, items, 2);
    end(p, FAULT_SUCCESS);
}

static void answer(struct peer_state *p, const struct proto_request *r)
{
    const struct proto_item added = {.field = FIELD_ADDED, .s = {"new", 3}},
                            changed = {.field = FIELD_CHANGED, .s = {"n", 1}};
    bool known = false;

    switch (r->verb) {
    case VERB_STATUS:
    case VERB_WATCH:
        for (size_t i = 0; i < PROCESSES; i++) {
            if (!named(&processes[i], r->name))
                continue;
            known = true;
            put_process(p, MARK_RECORD, &processes[i]);
        }
        end(p, known || r->verb == VERB_WATCH ? FAULT_SUCCESS : FAULT_BAD_NAME);
        return;
    case VERB_START:
    case VERB_RUN:
    case VERB_STOP:
        change(p, r);
        return;
    case VERB_REREAD:
        put(p, MARK_RECORD, (const struct proto_item[]){added, changed}, 2);
        end(p, FAULT_SUCCESS);
        return;
    case VERB_LOG:
        give_log(p, r);
        return;
    case VERB_SHUTDOWN:
        end(p, FAULT_NOT_PERMITTED);
        return;
    case VERB_REMOVE:
        end(p, FAULT_STILL_RUNNING);
        return;
    default:
        end(p, FAULT_SUCCESS);
    }
}

static void serve(int listener)
{
    static struct peer_state p;
    char packet[PROTO_PACKET_MAX];
    struct proto_request request;
    struct peer peer;

    p.writer = (struct proto_writer){p.packet, sizeof p.packet, 0};
    p.passed = -1;
    for (;;) {
        os_wait_readable(listener, NEVER_NS);
        if (os_accept(listener, &p.fd, &peer) < 0)
            continue;
        for (;;) {
            os_wait_readable(p.fd, NEVER_NS);
            ssize_t n = os_packet_receive(p.fd, packet, sizeof packet, NULL);
            if (n <= 0 && n != -EAGAIN)
                break;
            if (n > 0 && proto_request_decode(packet, (size_t)n, &request) == 0)
                answer(&p, &request);
        }
        close(p.fd);
    }
}

static char config[64];
static pid_t server;

/* The instance of the configuration that `config` names. */
static int start_server_at(void **state)
{
    char name[SOCKET_NAME_MAX + 1];
    int listener;

    (void)state;
    snprintf(log_path, sizeof log_path, "/tmp/ctl-test-%d.log", (int)getpid());
    if (control_listen(config, name, &listener) < 0)
        return -1;
    server = fork();
    if (server == 0)
        serve(listener);
    close(listener);
    return server > 0 ? 0 : -1;
}

static int start_server(void **state)
{
    snprintf(config, sizeof config, "/nonexistent/ctl-test-%d.conf", (int)getpid());
    return start_server_at(state);
}

static int stop_server(void **state)
{
    (void)state;
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    unlink(log_path);
    return 0;
}

/* ---- the calls ---- */

static char output[64 * 1024];
static size_t output_n;
static int output_fd;

/* Starts ctl, or supervisorctl with its own options, in a child, so that it cannot hang the test. */
static pid_t begin_call(bool theirs, const char *line)
{
    static char copy[512];
    char *argv[16] = {(char[]){"ctl"}, (char[]){"-c"}, config};
    int argc = theirs ? 1 : 3, pipes[2];

    assert_int_equal(pipe(pipes), 0);
    snprintf(copy, sizeof copy, "%s", line);
    for (char *at = copy; *at; argc++) {
        argv[argc] = at;
        at += strcspn(at, " ");
        if (*at)
            *at++ = '\0';
    }
    pid_t child = fork();
    if (child == 0) {
        dup2(pipes[1], STDOUT_FILENO);
        alarm(20);
        int code = ctl_main(argc, argv, theirs);
        fflush(stdout);
        _exit(code);
    }
    close(pipes[1]);
    output_fd = pipes[0];
    output_n = 0;
    return child;
}

/* Reads more of what the call prints; false at its end. */
static bool read_output(void)
{
    ssize_t got = read(output_fd, output + output_n, sizeof output - 1 - output_n);

    output_n += got > 0 ? (size_t)got : 0;
    output[output_n] = '\0';
    return got > 0;
}

/* Waits for its end; what it printed is in `output`. Returns the exit code. */
static int end_call(pid_t child)
{
    int status;

    while (read_output())
        ;
    close(output_fd);
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void says_as(bool theirs, const char *line, const char *text, int code)
{
    int got = end_call(begin_call(theirs, line));

    assert_string_equal(output, text);
    assert_int_equal(got, code);
}

static void says(const char *line, const char *text, int code)
{
    says_as(false, line, text, code);
}
