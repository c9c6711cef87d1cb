/* What runs, and how it does: status, pid, version, avail, health, why. */
#include "base/vec.h"
#include "core/describe.h"
#include "ctl/action.h"
#include "ctl/cells.h"
#include "ctl/namespec.h"
#include "ctl/server.h"
#include "ctl/terminal.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* supervisorctl's exit codes (supervisord contract §6); the first two are those of `status`. */
enum { STATUS_DOWN = 3, STATUS_UNKNOWN = 4, EXIT_NOT_RUNNING = 7 };

static bool is_down(const struct options *o, const struct record *r)
{
    /* as ctl, what is done or armed counts as up (container contract §1) */
    return state_is_stopped(r) && (o->as_supervisorctl || !record_bool(r, FIELD_DONE));
}

/* The rows that the words mean, in the order of the words; complains about a word that means none. */
static struct records choose(struct ctl *c, const struct records *all, const struct names *words)
{
    struct records chosen = {0};

    if (words->n == 0 || names_all(words))
        return *all;
    for (size_t w = 0; w < words->n; w++) {
        struct namespec spec = namespec_parse(c->arena, words->v[w]);
        size_t before = chosen.n;
        for (size_t i = 0; i < all->n; i++)
            if (namespec_matches(&spec, all->v[i]))
                *(struct record **)vec_push(c->arena, &chosen) = all->v[i];
        if (chosen.n == before)
            server_no_such(c, STATUS_UNKNOWN, words->v[w]);
    }
    return chosen;
}

static int padding(const char *text, size_t column)
{
    size_t n = cells_characters(str_from(text));

    return (int)(n < column ? column - n : 0);
}

static size_t widest_name(struct ctl *c, const struct records *rows, size_t least)
{
    size_t widest = least;

    for (size_t i = 0; i < rows->n; i++) {
        size_t n = cells_characters(str_from(namespec_of(c->arena, rows->v[i])));
        widest = n > widest ? n : widest;
    }
    return widest;
}

/* supervisorctl's table. */
static void print_plain(struct ctl *c, const struct records *rows)
{
    size_t column = widest_name(c, rows, 30) + 3;

    for (size_t i = 0; i < rows->n; i++) {
        const char *name = namespec_of(c->arena, rows->v[i]);
        say(&c->out, "%s%*s%-10s%s", name, padding(name, column), "", record_text(rows->v[i], FIELD_STATENAME),
            record_text(rows->v[i], FIELD_DESCRIPTION));
    }
}

/* Green: as it should be; yellow: on the way; red: given up; dim: not wanted up. */
static const char *colour_of(const struct record *r)
{
    int64_t state = record_int(r, FIELD_STATE, 0);

    if (state == proc_state_code(PROC_FATAL))
        return "\033[31m";
    if (record_bool(r, FIELD_DONE) || record_bool(r, FIELD_READY))
        return "\033[32m";
    if (state_is_stopped(r))
        return "\033[2m";
    return state == proc_state_code(PROC_RUNNING) && !record_bool(r, FIELD_ESSENTIAL) ? "\033[32m" : "\033[33m";
}

static const char *health_of(const struct record *r)
{
    if (record_bool(r, FIELD_DONE))
        return "done";
    if (record_bool(r, FIELD_READY))
        return "ready";
    return record_bool(r, FIELD_ESSENTIAL) ? "not ready" : "-";
}

/* What people see on a terminal: a heading, health, restarts, and the reason where it says more. */
static void print_for_people(struct ctl *c, const struct records *rows)
{
    bool colour = terminal_colour();
    size_t column = widest_name(c, rows, 12) + 2;

    if (rows->n)
        say(&c->out, "%-*s%-10s%-11s%-10s%s", (int)column, "NAME", "STATE", "HEALTH", "RESTARTS", "DESCRIPTION");
    for (size_t i = 0; i < rows->n; i++) {
        const struct record *r = rows->v[i];
        const char *name = namespec_of(c->arena, r), *reason = record_text(r, FIELD_REASON);
        const char *description = record_text(r, FIELD_DESCRIPTION);
        /* where it does not run, the description is the reason */
        bool more = *reason && record_int(r, FIELD_STATE, 0) == proc_state_code(PROC_RUNNING);
        say(&c->out, "%s%*s%s%-10s%s%-11s%-10lld%s%s%s", name, padding(name, column), "", colour ? colour_of(r) : "",
            record_text(r, FIELD_STATENAME), colour ? "\033[0m" : "", health_of(r),
            (long long)record_int(r, FIELD_RESTARTS, 0), description, more ? "; " : "", more ? reason : "");
    }
}

/* Readers of JSON find the same names in every process: a reason that the server had no need to give is empty. */
static void result_process(struct ctl *c, const struct record *r)
{
    struct json *row = result_open(&c->out);

    json_record(row, r);
    if (!record_has(r, FIELD_REASON))
        json_text(json_key(row, "reason"), "");
    result_close(&c->out);
}

void run_status(struct ctl *c, const struct names *words)
{
    struct records all;

    if (server_processes(c, &all) < 0) {
        c->out.status = STATUS_UNKNOWN;
        return;
    }
    struct records rows = choose(c, &all, words);
    if (c->options.as_supervisorctl || !isatty(STDOUT_FILENO))
        print_plain(c, &rows);
    else
        print_for_people(c, &rows);
    for (size_t i = 0; i < rows.n; i++) {
        result_process(c, rows.v[i]);
        if (is_down(&c->options, rows.v[i]))
            c->out.status = STATUS_DOWN;
    }
}

static void print_pid(struct ctl *c, const struct record *r)
{
    say(&c->out, "%lld", (long long)record_int(r, FIELD_PID, 0));
    result_record(&c->out, r);
}

static void print_pids(struct ctl *c, const struct names *words)
{
    struct records all;
    struct answer answer;

    if (names_all(words)) {
        if (server_processes(c, &all) < 0)
            return;
        for (size_t i = 0; i < all.n; i++)
            print_pid(c, all.v[i]);
        return;
    }
    for (size_t w = 0; w < words->n; w++) {
        struct namespec spec = namespec_parse(c->arena, words->v[w]);
        if (server_ask_name(c, VERB_STATUS, namespec_request(c->arena, &spec), &answer) < 0)
            return;
        if (!spec.process || answer.rows.n != 1) {
            complain(&c->out, 1, fault_name(FAULT_BAD_NAME), "No such process %s", words->v[w]);
            continue;
        }
        print_pid(c, answer.rows.v[0]);
        if (record_int(answer.rows.v[0], FIELD_PID, 0) == 0)
            c->out.status = EXIT_NOT_RUNNING;
    }
}

/* What STATE says; NULL once it is said that it cannot be had. */
static const struct record *server_state(struct ctl *c)
{
    struct answer answer;

    if (server_ask_name(c, VERB_STATE, "", &answer) < 0)
        return NULL;
    if (answer.rows.n == 0) {
        server_refused(c, &answer);
        return NULL;
    }
    return answer.rows.v[0];
}

void run_pid(struct ctl *c, const struct names *words)
{
    if (words->n) {
        print_pids(c, words);
        return;
    }
    const struct record *state = server_state(c);
    if (state)
        print_pid(c, state);
}

void run_version(struct ctl *c, const struct names *words)
{
    const struct record *state = server_state(c);

    (void)words;
    if (!state)
        return;
    /* scripts compare what supervisorctl says (container contract §1) */
    say(&c->out, "%s", c->options.as_supervisorctl ? "4.2.5" : record_text(state, FIELD_VERSION));
    result_record(&c->out, state);
}

void run_avail(struct ctl *c, const struct names *words)
{
    struct answer answer;

    (void)words;
    if (server_ask_name(c, VERB_CONFIG, "", &answer) < 0)
        return;
    if (answer.fault != FAULT_SUCCESS) {
        server_refused(c, &answer);
        return;
    }
    for (size_t i = 0; i < answer.rows.n; i++) {
        const struct record *r = answer.rows.v[i];
        const char *name = namespec_of(c->arena, r);
        say(&c->out, "%s%*s %-9s %-9s %lld:%lld", name, padding(name, 32), "",
            record_bool(r, FIELD_INUSE) ? "in use" : "avail", record_bool(r, FIELD_AUTOSTART) ? "auto" : "manual",
            (long long)record_int(r, FIELD_GROUP_PRIO, 0), (long long)record_int(r, FIELD_PROCESS_PRIO, 0));
        result_record(&c->out, r);
    }
}

void run_health(struct ctl *c, const struct names *words)
{
    struct buf names;
    unsigned flags = 0;
    struct answer answer;

    buf_init(&names, PROTO_PACKET_MAX);
    for (size_t w = 0; w < words->n; w++) {
        if (strcmp(words->v[w], "--live") == 0)
            flags |= VERB_FLAG_LIVE;
        else
            buf_printf(&names, "%s%s", names.len ? " " : "", words->v[w]);
    }
    struct proto_request request = {.verb = VERB_HEALTH, .flags = flags, .name = buf_str(&names)};
    int asked = names.failed ? -EMSGSIZE : server_ask(c, &request, &answer);
    if (names.failed)
        server_failed(c, asked);
    buf_finish(&names);
    if (asked < 0)
        return;
    if (answer.fault == FAULT_BAD_NAME) {
        server_no_such(c, 1, answer.text);
        return;
    }
    for (size_t i = 0; i < answer.rows.n; i++)
        result_record(&c->out, answer.rows.v[i]);
    const char *line = answer.rows.n ? record_text(answer.rows.v[0], FIELD_TEXT) : answer.text;
    say(&c->out, "%s", line);
    if (answer.fault != FAULT_SUCCESS)
        c->out.status = 1;
}

static void print_last_end(struct ctl *c, const struct record *r)
{
    const char *signal = record_text(r, FIELD_SIGNAL);
    char how[64], took[32], when[32] = "";
    time_t stopped = (time_t)record_int(r, FIELD_STOP, 0);
    struct tm local;

    if (*signal)
        snprintf(how, sizeof how, "killed by %.40s", signal);
    else
        snprintf(how, sizeof how, "exit status %lld", (long long)record_int(r, FIELD_EXIT_CODE, 0));
    describe_span((int64_t)(record_double(r, FIELD_UPTIME, 0) * 1e9), took, sizeof took);
    if (stopped && localtime_r(&stopped, &local))
        describe_time(&local, when, sizeof when);
    say(&c->out, "  last end: %s after %s%s%s", how, took, *when ? ", " : "", when);
}

static void print_why(struct ctl *c, const struct record *r)
{
    long long exits = (long long)record_int(r, FIELD_EXITS, 0);
    const char *name = namespec_of(c->arena, r), *state = record_text(r, FIELD_STATENAME);
    bool heading = false;

    if (exits == 0)
        say(&c->out, "%s: %s, never ended", name, state);
    else
        say(&c->out, "%s: %s, ended %lld time%s, %lld of them badly", name, state, exits, exits == 1 ? "" : "s",
            (long long)record_int(r, FIELD_UNWANTED, 0));
    if (exits)
        print_last_end(c, r);
    if (*record_text(r, FIELD_REASON))
        say(&c->out, "  reason: %s", record_text(r, FIELD_REASON));
    for (size_t i = 0; i < r->n; i++) {
        if (r->items[i].field != FIELD_LINES)
            continue;
        if (!heading)
            say(&c->out, "  last output:");
        heading = true;
        say(&c->out, "    %s", r->items[i].s.ptr);
    }
}

void run_why(struct ctl *c, const struct names *words)
{
    struct answer answer;

    for (size_t w = 0; w < words->n; w++) {
        struct namespec spec = namespec_parse(c->arena, words->v[w]);
        bool all = strcmp(words->v[w], "all") == 0;
        if (server_ask_name(c, VERB_WHY, all ? "" : namespec_request(c->arena, &spec), &answer) < 0)
            return;
        if (answer.fault == FAULT_BAD_NAME)
            server_no_such(c, 1, words->v[w]);
        else if (answer.fault != FAULT_SUCCESS)
            server_refused(c, &answer);
        for (size_t i = 0; i < answer.rows.n; i++) {
            print_why(c, answer.rows.v[i]);
            result_record(&c->out, answer.rows.v[i]);
        }
    }
}
