/* Whole calls of ctl and supervisorctl against a small server that speaks the real protocol from a child process:
 * what is printed, and the exit code. */
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
    uint8_t packet[PROTO_PACKET_MAX];
    struct proto_writer writer;
};

static void flush_packet(struct peer_state *p)
{
    if (p->writer.used && os_packet_send(p->fd, p->packet, p->writer.used, -1) < 0)
        _exit(3);
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

static int start_server(void **state)
{
    char name[SOCKET_NAME_MAX + 1];
    int listener;

    (void)state;
    snprintf(config, sizeof config, "/nonexistent/ctl-test-%d.conf", (int)getpid());
    if (control_listen(config, name, &listener) < 0)
        return -1;
    server = fork();
    if (server == 0)
        serve(listener);
    close(listener);
    return server > 0 ? 0 : -1;
}

static int stop_server(void **state)
{
    (void)state;
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    return 0;
}

/* ---- the calls ---- */

static char output[64 * 1024];

/* Runs ctl in a child, so that it cannot hang the test; leaves what it printed in `output`. */
static int call(const char *line)
{
    char copy[512], *argv[16] = {(char[]){"ctl"}, (char[]){"-c"}, config};
    int argc = 3, pipes[2], status;
    size_t n = 0;

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
        int code = ctl_main(argc, argv, false);
        fflush(stdout);
        _exit(code);
    }
    close(pipes[1]);
    for (ssize_t got; n < sizeof output - 1 && (got = read(pipes[0], output + n, sizeof output - 1 - n)) > 0;)
        n += (size_t)got;
    output[n] = '\0';
    close(pipes[0]);
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void says(const char *line, const char *text, int code)
{
    int got = call(line);

    assert_string_equal(output, text);
    assert_int_equal(got, code);
}

static void status_is_supervisorctls_table(void **state)
{
    (void)state;
    says("status n:* job",
         "n:n_00                           RUNNING   pid 7, uptime 0:00:01\n"
         "n:n_01                           RUNNING   pid 7, uptime 0:00:01\n"
         "job                              EXITED    Not started\n",
         0);
    says("status bad", "bad                              STOPPED   Not started\n", 3);
    says("status x y:* n:n_00",
         "x: ERROR (no such process)\ny: ERROR (no such group)\n"
         "n:n_00                           RUNNING   pid 7, uptime 0:00:01\n",
         4);
}

static void pids(void **state)
{
    (void)state;
    says("pid n:n_00 bad", "7\n0\n", 7);
    says("pid x", "No such process x\n", 1);
}

static void start_waits_for_the_outcome(void **state)
{
    (void)state;
    says("start slow", "slow: started\n", 0);
    says("start slow", "slow: ERROR (already started)\n", 0);
    says("start bad", "bad: ERROR (no such file)\n", 1);
    says("start dies", "dies: ERROR (spawn error)\n", 7);
    says("start odd", "odd: ERROR (abnormal termination)\n", 7);
    says("start x", "x: ERROR (no such process)\n", 1);
    says("start x:*", "x: ERROR (no such group)\n", 2);
    says("start n:*", "", 0);
}

static void a_process_held_back_by_a_dependency_does_not_hang(void **state)
{
    (void)state;
    says("start waits slow", "waits: started\nslow: started\n", 0);
}

static void stop_and_restart(void **state)
{
    (void)state;
    says("stop n:*", "n:n_00: stopped\nn:n_01: stopped\n", 0);
    says("stop bad", "bad: ERROR (not running)\n", 0);
    says("start slow", "slow: started\n", 0);
    says("restart slow", "slow: stopped\nslow: started\n", 0);
}

static void run_returns_the_jobs_code(void **state)
{
    (void)state;
    says("run job", "job: exit status 5\n", 5);
    assert_int_equal(call("run job n:*"), 2);
}

static void reread_and_remove(void **state)
{
    (void)state;
    says("reread", "n: changed\nnew: available\n", 0);
    says("remove n", "ERROR: process/group still running: n\n", 1);
    says("update nosuch", "ERROR: no such group: nosuch\n", 1);
}

static void refusals_and_wrong_words(void **state)
{
    (void)state;
    says("shutdown", "ERROR (not permitted)\n", 1);
    says("shutdown now",
         "Error: shutdown accepts no arguments\ncslsup ctl shutdown: stop all and end\n"
         "shutdown \tShut the remote supervisord down.\n",
         1);
    says("statsu", "*** Unknown syntax: statsu; did you mean status?\n", 1);
    assert_int_equal(call("start"), 2);
    assert_int_equal(call("stop"), 1);
    assert_int_equal(call("tail"), 1);
}

static void json(void **state)
{
    (void)state;
    says("stop --json n:n_00 bad",
         "{\"ok\":true,\"results\":[{\"name\":\"n_00\",\"group\":\"n\",\"status\":80,\"description\":\"OK\"},"
         "{\"name\":\"bad\",\"group\":\"bad\",\"status\":70,\"description\":\"NOT_RUNNING\"}],\"error\":null}\n",
         0);
    says("start x --json",
         "{\"ok\":false,\"results\":[{\"name\":\"x\",\"group\":\"x\",\"status\":10,\"description\":\"BAD_NAME\"}],"
         "\"error\":{\"code\":\"BAD_NAME\",\"text\":\"x: ERROR (no such process)\"}}\n",
         1);
    says("--json reread",
         "{\"ok\":true,\"results\":[{\"group\":\"n\",\"change\":\"changed\"},"
         "{\"group\":\"new\",\"change\":\"available\"}],\"error\":null}\n",
         0);
    assert_int_equal(call("status bad --json"), 3);
    assert_true(strncmp(output, "{\"ok\":true,\"results\":[{\"name\":\"bad\"", 34) == 0);
}

static void nobody_there(void **state)
{
    char text[128];

    (void)state;
    stop_server(state);
    snprintf(text, sizeof text, "no cslsup runs from %s\n", config);
    says("start x", text, 7);
    says("status", text, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(status_is_supervisorctls_table, start_server, stop_server),
        cmocka_unit_test_setup_teardown(pids, start_server, stop_server),
        cmocka_unit_test_setup_teardown(start_waits_for_the_outcome, start_server, stop_server),
        cmocka_unit_test_setup_teardown(a_process_held_back_by_a_dependency_does_not_hang, start_server, stop_server),
        cmocka_unit_test_setup_teardown(stop_and_restart, start_server, stop_server),
        cmocka_unit_test_setup_teardown(run_returns_the_jobs_code, start_server, stop_server),
        cmocka_unit_test_setup_teardown(reread_and_remove, start_server, stop_server),
        cmocka_unit_test_setup_teardown(refusals_and_wrong_words, start_server, stop_server),
        cmocka_unit_test_setup_teardown(json, start_server, stop_server),
        cmocka_unit_test_setup(nobody_there, start_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
