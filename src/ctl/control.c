/* What changes processes: start, stop, restart, signal, run, clear. */
#include "base/vec.h"
#include "ctl/action.h"
#include "ctl/follow.h"
#include "ctl/namespec.h"
#include "ctl/server.h"
#include <stdio.h>
#include <string.h>

/* supervisorctl's exit codes (supervisord contract §6). */
enum { EXIT_GENERIC = 1, EXIT_INVALID = 2, EXIT_NOT_RUNNING = 7 };

/* What an action does to each of its names. */
struct deed {
    struct ctl *c;
    enum verb verb;
    const char *arg;
    const char *done;    /* `started` */
    int harmless;        /* the fault that leaves the exit code alone */
    int no_group;        /* exit code when there is no such group */
    follow_judge *judge; /* NULL: over with the answer */
};

static const char *complaint(int fault, const char *detail)
{
    static const struct {
        int fault;
        const char *text;
    } table[] = {
        {FAULT_NO_FILE, "no such file"},
        {FAULT_NOT_EXECUTABLE, "file is not executable"},
        {FAULT_ALREADY_STARTED, "already started"},
        {FAULT_SPAWN_ERROR, "spawn error"},
        {FAULT_ABNORMAL_TERMINATION, "abnormal termination"},
        {FAULT_BAD_SIGNAL, "bad signal name"},
        {FAULT_NOT_RUNNING, "not running"},
        {FAULT_SHUTDOWN_STATE, "shutting down"},
        {FAULT_FAILED, "failed"},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].fault == fault)
            return table[i].text;
    return *detail ? detail : fault_name(fault);
}

static int exit_code(int fault)
{
    bool dead = fault == FAULT_SPAWN_ERROR || fault == FAULT_ABNORMAL_TERMINATION || fault == FAULT_NOT_RUNNING;

    return dead ? EXIT_NOT_RUNNING : EXIT_GENERIC;
}

/* `description` is supervisord's fault text: `NO_FILE: can't find command '/x'`. */
static void add_row(struct output *out, const char *group, const char *name, int fault, const char *detail)
{
    struct json *row = result_open(out);
    bool more = fault != FAULT_SUCCESS && *detail && strcmp(detail, fault_name(fault)) != 0;
    char description[PROTO_TEXT_MAX + 64];

    snprintf(description, sizeof description, "%s%s%s", fault == FAULT_SUCCESS ? "OK" : fault_name(fault),
             more ? ": " : "", more ? detail : "");
    json_text(json_key(row, "name"), name);
    json_text(json_key(row, "group"), group);
    json_int(json_key(row, "status"), fault);
    json_text(json_key(row, "description"), description);
    result_close(out);
}

/* One process's outcome: its line, its JSON row, its share in the exit code. */
static void report(const struct deed *d, const char *group, const char *name, int fault, const char *detail)
{
    struct output *out = &d->c->out;
    const char *full = namespec_text(d->c->arena, group, name);

    add_row(out, group, name, fault, detail);
    if (fault == FAULT_SUCCESS)
        say(out, "%s: %s", full, d->done);
    else if (fault == d->harmless)
        say(out, "%s: ERROR (%s)", full, complaint(fault, detail));
    else
        complain(out, exit_code(fault), fault_name(fault), "%s: ERROR (%s)", full, complaint(fault, detail));
}

static void on_done(void *context, const char *group, const char *name, int fault, const struct record *info)
{
    report(context, group, name, fault, info ? record_text(info, FIELD_SPAWNERR) : "");
}

/* The call as a whole, about what `word` names, was refused. */
static void refused(const struct deed *d, const char *word, const struct answer *a)
{
    struct namespec spec = namespec_parse(d->c->arena, word);

    if (a->fault == FAULT_BAD_NAME) {
        if (spec.process)
            add_row(&d->c->out, spec.group, spec.process, a->fault, "");
        server_no_such(d->c, spec.process ? EXIT_GENERIC : d->no_group, word);
    } else if (spec.process && strcmp(word, "all") != 0) {
        report(d, spec.group, spec.process, a->fault, a->text);
    } else {
        server_refused(d->c, a);
    }
}

/* Does `d` to what `word` names and waits for its end. 0, or negative when nothing more can be asked. */
static int apply(struct deed *d, const char *word)
{
    struct ctl *c = d->c;
    bool all = strcmp(word, "all") == 0;
    struct namespec spec = namespec_parse(c->arena, word);
    const char *name = all ? "" : namespec_request(c->arena, &spec);
    struct proto_request request = {.verb = d->verb, .name = str_from(name), .arg = str_from(d->arg)};
    struct records pending = {0};
    struct follow f = {.judge = d->judge, .done = on_done, .context = d};
    struct answer answer;
    int r = d->judge ? follow_request(c, &request, &answer) : server_ask(c, &request, &answer);

    if (r < 0)
        return r;
    if (answer.fault != FAULT_SUCCESS)
        refused(d, word, &answer);
    for (size_t i = 0; i < answer.rows.n; i++) {
        const struct record *row = answer.rows.v[i];
        if (record_bool(row, FIELD_PENDING))
            *(struct record **)vec_push(c->arena, &pending) = answer.rows.v[i];
        else
            report(d, record_text(row, FIELD_GROUP), record_text(row, FIELD_NAME),
                   (int)record_int(row, FIELD_STATUS, FAULT_FAILED), record_text(row, FIELD_DESCRIPTION));
    }
    return follow(c, &f, &pending);
}

static int apply_all(struct deed *d, const struct names *words)
{
    int r = 0;

    if (names_all(words))
        return apply(d, "all");
    for (size_t w = 0; w < words->n && r == 0; w++)
        r = apply(d, words->v[w]);
    return r;
}

static struct deed starting(struct ctl *c)
{
    return (struct deed){c, VERB_START, "", "started", FAULT_ALREADY_STARTED, EXIT_INVALID, follow_start};
}

static struct deed stopping(struct ctl *c)
{
    return (struct deed){c, VERB_STOP, "", "stopped", FAULT_NOT_RUNNING, EXIT_GENERIC, follow_stop};
}

static void count_failed(void *context, const char *group, const char *name, int fault, const struct record *info)
{
    (void)group;
    (void)name;
    (void)info;
    *(size_t *)context += fault == FAULT_FAILED;
}

int control_stop_group(struct ctl *c, const char *group, size_t *ret_failed)
{
    struct proto_request request = {.verb = VERB_STOP, .name = str_from(arena_printf(c->arena, "%s:*", group))};
    struct records pending = {0};
    struct answer answer;
    size_t failed = 0;
    struct follow f = {.judge = follow_stop, .done = count_failed, .context = &failed};
    int r = follow_request(c, &request, &answer);

    if (r < 0)
        return r;
    for (size_t i = 0; i < answer.rows.n; i++) {
        if (record_bool(answer.rows.v[i], FIELD_PENDING))
            *(struct record **)vec_push(c->arena, &pending) = answer.rows.v[i];
        else
            failed += record_int(answer.rows.v[i], FIELD_STATUS, FAULT_FAILED) == FAULT_FAILED;
    }
    r = follow(c, &f, &pending);
    if (r == 0)
        *ret_failed = failed;
    return r;
}

void run_start(struct ctl *c, const struct names *words)
{
    struct deed d = starting(c);

    apply_all(&d, words);
}

void run_stop(struct ctl *c, const struct names *words)
{
    struct deed d = stopping(c);

    apply_all(&d, words);
}

void run_restart(struct ctl *c, const struct names *words)
{
    struct deed stop = stopping(c), start = starting(c);

    if (apply_all(&stop, words) == 0)
        apply_all(&start, words);
}

void run_signal(struct ctl *c, const struct names *words)
{
    if (words->n < 2) {
        complain(&c->out, EXIT_GENERIC, "USAGE", "Error: signal requires a signal name and a process name");
        action_help(c, action_find(&c->options, "signal"));
        return;
    }
    struct names targets = {words->v + 1, words->n - 1};
    struct deed d = {c, VERB_SIGNAL, words->v[0], "signalled", FAULT_SUCCESS, EXIT_GENERIC, NULL};

    apply_all(&d, &targets);
}

/* Of a run that is over: its exit code is ours. */
static void on_run_done(void *context, const char *group, const char *name, int fault, const struct record *info)
{
    struct ctl *c = ((struct deed *)context)->c;
    const char *full = namespec_text(c->arena, group, name), *signal = info ? record_text(info, FIELD_SIGNAL) : "";
    const char *error = info ? record_text(info, FIELD_SPAWNERR) : "";

    if (fault != FAULT_SUCCESS) {
        report(context, group, name, fault, error);
        return;
    }
    int code = (int)record_int(info, FIELD_EXIT_CODE, EXIT_GENERIC);
    result_record(&c->out, info);
    if (code == 0)
        say(&c->out, "%s: done", full);
    else if (*signal)
        complain(&c->out, code, fault_name(FAULT_FAILED), "%s: killed by %s", full, signal);
    else
        complain(&c->out, code, fault_name(FAULT_FAILED), "%s: exit status %d%s%s", full, code, *error ? "; " : "",
                 error);
}

void run_run(struct ctl *c, const struct names *words)
{
    struct deed d = {c, VERB_RUN, "", "started", FAULT_SUCCESS, EXIT_GENERIC, follow_run};
    struct namespec spec = namespec_parse(c->arena, words->v[0]);
    struct proto_request request = {.verb = VERB_RUN, .name = str_from(namespec_request(c->arena, &spec))};
    struct follow f = {.judge = d.judge, .done = on_run_done, .context = &d};
    struct answer answer;

    if (words->n > 1 || !spec.process) {
        complain(&c->out, EXIT_INVALID, "USAGE", "Error: run takes the name of one oneshot or job");
        return;
    }
    if (follow_request(c, &request, &answer) < 0)
        return;
    if (answer.fault == FAULT_FAILED) {
        complain(&c->out, EXIT_GENERIC, fault_name(answer.fault), "%s: ERROR (not a oneshot or job)", words->v[0]);
        return;
    }
    if (answer.fault != FAULT_SUCCESS) {
        refused(&d, words->v[0], &answer);
        return;
    }
    follow(c, &f, &answer.rows);
}

void run_clear(struct ctl *c, const struct names *words)
{
    struct deed all = {c, VERB_CLEARALL, "", "cleared", FAULT_SUCCESS, EXIT_GENERIC, NULL};
    struct deed one = {c, VERB_CLEAR, "", "cleared", FAULT_SUCCESS, EXIT_GENERIC, NULL};
    struct answer answer;

    if (names_all(words)) {
        apply(&all, "all");
        return;
    }
    for (size_t w = 0; w < words->n; w++) {
        /* no `g:*`: clear takes processes alone (supervisord contract §6) */
        struct namespec spec = namespec_parse(c->arena, words->v[w]);
        if (!spec.process) {
            complain(&c->out, EXIT_GENERIC, fault_name(FAULT_BAD_NAME), "%s: ERROR (no such process)", words->v[w]);
            continue;
        }
        if (server_ask_name(c, VERB_CLEAR, namespec_request(c->arena, &spec), &answer) < 0)
            return;
        if (answer.fault == FAULT_SUCCESS)
            report(&one, spec.group, spec.process, answer.fault, "");
        else
            refused(&one, words->v[w], &answer);
    }
}
