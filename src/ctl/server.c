#include "ctl/server.h"
#include "base/num.h"
#include "ctl/namespec.h"
#include "ctl/terminal.h"
#include "os/clock.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* supervisorctl's exit codes (supervisord contract §6). */
enum { EXIT_REFUSED = 4, EXIT_INTERRUPTED = 130 };

#define RETRY_NS (50 * NS_PER_MS)

void server_failed(struct ctl *c, int error)
{
    char words[128];

    terminal_progress_end();
    switch (error) {
    case -EINTR:
        c->leave = true;
        c->out.status = EXIT_INTERRUPTED;
        return;
    case -ETIMEDOUT:
        complain(&c->out, EXIT_REFUSED, "NO_ANSWER", "%s does not answer (pid %d is stuck or stopped)", c->url,
                 (int)c->client.server.peer.pid);
        return;
    case -EMSGSIZE:
        complain(&c->out, 2, "USAGE", "Error: names too long");
        return;
    case -ECONNRESET:
        complain(&c->out, EXIT_REFUSED, "NO_ANSWER", "%s hung up", c->url);
        return;
    default:
        complain(&c->out, 1, "NO_ANSWER", "%s: %s", c->url, os_error_words(-error, words, sizeof words));
    }
}

void server_refused(struct ctl *c, const struct answer *a)
{
    if (a->fault == FAULT_SHUTDOWN_STATE)
        complain(&c->out, 1, fault_name(a->fault), "ERROR: supervisor shutting down");
    else
        complain(&c->out, 1, fault_name(a->fault), "ERROR: %s%s%s", fault_name(a->fault), *a->text ? ": " : "",
                 a->text);
}

int server_judge(struct ctl *c, int error, const struct answer *a)
{
    if (error < 0) {
        server_failed(c, error);
        return error;
    }
    if (a->fault == FAULT_NOT_PERMITTED) {
        complain(&c->out, 1, fault_name(FAULT_NOT_PERMITTED), "ERROR (not permitted)");
        return -EPERM;
    }
    return 0;
}

int server_ask(struct ctl *c, const struct proto_request *r, struct answer *ret_answer)
{
    return server_judge(c, client_ask(&c->client, c->arena, r, ret_answer), ret_answer);
}

int server_ask_briefly(struct ctl *c, const struct proto_request *r, struct answer *ret_answer)
{
    arena_reset(c->scratch);
    return server_judge(c, client_ask(&c->client, c->scratch, r, ret_answer), ret_answer);
}

int server_ask_name(struct ctl *c, enum verb verb, const char *name, struct answer *ret_answer)
{
    struct proto_request r = {.verb = verb, .name = str_from(name)};

    return server_ask(c, &r, ret_answer);
}

static int ask_watch(struct ctl *c, struct answer *ret_answer)
{
    struct proto_request request = {.verb = VERB_WATCH, .name = str_from(c->watched)};

    arena_reset(c->scratch);
    return client_ask(&c->client, c->scratch, &request, ret_answer);
}

int server_watch(struct ctl *c, const char *name, struct answer *ret_answer)
{
    c->watched = name;
    return ask_watch(c, ret_answer);
}

int server_watch_again(struct ctl *c, struct answer *ret_answer)
{
    int r = ask_watch(c, ret_answer);

    while (r == -ECONNRESET) {
        /* it may hang up again at once where very much happens; it does not go on for ever, and without a server the
         * next attempt fails */
        terminal_wait(NULL, 0, clock_deadline(RETRY_NS));
        server_disconnect(c);
        r = server_reach(c);
        if (r == 0)
            r = ask_watch(c, ret_answer);
    }
    return r;
}

/* The nearest name of a process or group; NULL when none is near, or there is nobody to tell. */
static const char *nearest(struct ctl *c, const char *word)
{
    struct proto_request request = {.verb = VERB_STATUS};
    struct answer answer;

    if (c->options.as_supervisorctl || !isatty(STDOUT_FILENO) ||
        client_ask(&c->client, c->arena, &request, &answer) < 0)
        return NULL;
    const char **names = arena_alloc(c->arena, sizeof *names * (2 * answer.rows.n + 1));
    for (size_t i = 0; i < answer.rows.n; i++) {
        names[2 * i] = namespec_of(c->arena, answer.rows.v[i]);
        names[2 * i + 1] = arena_printf(c->arena, "%s:*", record_text(answer.rows.v[i], FIELD_GROUP));
    }
    return str_nearest(str_from(word), names);
}

void server_no_such(struct ctl *c, int status, const char *word)
{
    struct namespec spec = namespec_parse(c->arena, word);
    const char *near = nearest(c, word);

    complain(&c->out, status, fault_name(FAULT_BAD_NAME), "%s: ERROR (no such %s)%s%s%s",
             spec.process ? word : spec.group, spec.process ? "process" : "group", near ? "; did you mean " : "",
             near ? near : "", near ? "?" : "");
}

int server_processes(struct ctl *c, struct records *ret_rows)
{
    struct answer answer;
    int r = server_ask_name(c, VERB_STATUS, "", &answer);

    if (r < 0)
        return r;
    if (answer.fault != FAULT_SUCCESS) {
        server_refused(c, &answer);
        return -EPROTO;
    }
    *ret_rows = answer.rows;
    return 0;
}
