/* What changes the configuration, and the supervisor itself: reread, update, add, remove, reload, shutdown. */
#include "base/vec.h"
#include "ctl/action.h"
#include "ctl/follow.h"
#include "ctl/namespec.h"
#include "ctl/server.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* What reread says of one group. */
struct change {
    const char *group;
    enum field kind; /* ADDED, CHANGED, REMOVED */
};

struct changes {
    struct change *v;
    size_t n, cap;
};

static const char *change_word(enum field kind)
{
    return kind == FIELD_ADDED ? "available" : kind == FIELD_CHANGED ? "changed" : "disappeared";
}

/* 0, or negative, said already. */
static int reread(struct ctl *c, struct changes *ret_changes)
{
    struct answer answer;
    struct changes changes = {0};
    int r = server_ask_name(c, VERB_REREAD, "", &answer);

    if (r < 0)
        return r;
    if (answer.fault != FAULT_SUCCESS) {
        server_refused(c, &answer);
        return -EPROTO;
    }
    for (size_t row = 0; row < answer.rows.n; row++) {
        for (size_t i = 0; i < answer.rows.v[row]->n; i++) {
            const struct proto_item *item = &answer.rows.v[row]->items[i];
            if (item->field == FIELD_ADDED || item->field == FIELD_CHANGED || item->field == FIELD_REMOVED)
                *(struct change *)vec_push(c->arena, &changes) = (struct change){item->s.ptr, item->field};
        }
    }
    *ret_changes = changes;
    return 0;
}

static void result_change(struct ctl *c, const char *group, const char *what)
{
    struct json *row = result_open(&c->out);

    json_text(json_key(row, "group"), group);
    json_text(json_key(row, "change"), what);
    result_close(&c->out);
}

/* Sorted by name, without the heap's help: `n` is the number of changed groups. */
static void sort(struct changes *changes)
{
    for (size_t i = 1; i < changes->n; i++) {
        struct change moved = changes->v[i];
        size_t at = i;
        for (; at > 0 && strcmp(changes->v[at - 1].group, moved.group) > 0; at--)
            changes->v[at] = changes->v[at - 1];
        changes->v[at] = moved;
    }
}

void run_reread(struct ctl *c, const struct names *words)
{
    struct changes changes;

    (void)words;
    if (reread(c, &changes) < 0)
        return;
    sort(&changes);
    for (size_t i = 0; i < changes.n; i++) {
        say(&c->out, "%s: %s", changes.v[i].group, change_word(changes.v[i].kind));
        result_change(c, changes.v[i].group, change_word(changes.v[i].kind));
    }
    if (changes.n == 0)
        say(&c->out, "No config updates to processes");
}

/* add and remove of one group. 0 and the fault, or negative, said already. */
static int group_verb(struct ctl *c, enum verb verb, const char *group, struct answer *ret_answer)
{
    return server_ask_name(c, verb, group, ret_answer);
}

static void said(struct ctl *c, const char *group, const char *what)
{
    say(&c->out, "%s: %s", group, what);
    result_change(c, group, what);
}

void run_add(struct ctl *c, const struct names *words)
{
    struct answer a;

    for (size_t w = 0; w < words->n; w++) {
        if (group_verb(c, VERB_ADD, words->v[w], &a) < 0)
            return;
        if (a.fault == FAULT_SUCCESS)
            said(c, words->v[w], "added process group");
        else if (a.fault == FAULT_ALREADY_ADDED)
            say(&c->out, "ERROR: process group already active");
        else if (a.fault == FAULT_SHUTDOWN_STATE)
            complain(&c->out, 1, fault_name(a.fault), "ERROR: shutting down");
        else if (a.fault == FAULT_BAD_NAME)
            complain(&c->out, 1, fault_name(a.fault), "ERROR: no such process/group: %s", words->v[w]);
        else
            server_refused(c, &a);
    }
}

void run_remove(struct ctl *c, const struct names *words)
{
    struct answer a;

    for (size_t w = 0; w < words->n; w++) {
        if (group_verb(c, VERB_REMOVE, words->v[w], &a) < 0)
            return;
        if (a.fault == FAULT_SUCCESS)
            said(c, words->v[w], "removed process group");
        else if (a.fault == FAULT_STILL_RUNNING)
            complain(&c->out, 1, fault_name(a.fault), "ERROR: process/group still running: %s", words->v[w]);
        else if (a.fault == FAULT_BAD_NAME)
            complain(&c->out, 1, fault_name(a.fault), "ERROR: no such process/group: %s", words->v[w]);
        else
            server_refused(c, &a);
    }
}

static bool wanted(const struct names *words, const char *group)
{
    bool all = words->n == 0 || names_all(words);

    for (size_t w = 0; w < words->n && !all; w++)
        all = strcmp(words->v[w], group) == 0;
    return all;
}

static bool known(const struct changes *changes, const struct records *processes, const char *group)
{
    for (size_t i = 0; i < changes->n; i++)
        if (strcmp(changes->v[i].group, group) == 0)
            return true;
    for (size_t i = 0; i < processes->n; i++)
        if (strcmp(record_text(processes->v[i], FIELD_GROUP), group) == 0)
            return true;
    return false;
}

/* Names of groups that are neither running nor new. 0, or negative, said already. */
static int check_names(struct ctl *c, const struct names *words, const struct changes *changes)
{
    struct records processes;

    if (words->n == 0 || names_all(words))
        return 0;
    int r = server_processes(c, &processes);
    for (size_t w = 0; w < words->n && r == 0; w++)
        if (!known(changes, &processes, words->v[w]))
            complain(&c->out, 1, fault_name(FAULT_BAD_NAME), "ERROR: no such group: %s", words->v[w]);
    return r;
}

/* 0 when the group's call succeeded; else it is said. */
static int must(struct ctl *c, enum verb verb, const char *group)
{
    struct answer a;
    int r = group_verb(c, verb, group, &a);

    if (r == 0 && a.fault != FAULT_SUCCESS) {
        complain(&c->out, 1, fault_name(a.fault), "%s: ERROR (%s%s%s)", group, fault_name(a.fault), *a.text ? ": " : "",
                 a.text);
        r = -EPROTO;
    }
    return r;
}

static int stop_group(struct ctl *c, const char *group)
{
    size_t failed;
    int r = control_stop_group(c, group, &failed);

    if (r < 0)
        return r;
    said(c, group, "stopped");
    if (failed == 0)
        return 0;
    complain(&c->out, 1, fault_name(FAULT_FAILED), "%s: has problems; not removing", group);
    return -EBUSY;
}

static void apply(struct ctl *c, const struct change *change)
{
    const char *group = change->group;

    switch (change->kind) {
    case FIELD_REMOVED:
        if (stop_group(c, group) == 0 && must(c, VERB_REMOVE, group) == 0)
            said(c, group, "removed process group");
        return;
    case FIELD_CHANGED:
        if (stop_group(c, group) == 0 && must(c, VERB_REMOVE, group) == 0 && must(c, VERB_ADD, group) == 0)
            said(c, group, "updated process group");
        return;
    default:
        if (must(c, VERB_ADD, group) == 0)
            said(c, group, "added process group");
    }
}

void run_update(struct ctl *c, const struct names *words)
{
    static const enum field order[] = {FIELD_REMOVED, FIELD_CHANGED, FIELD_ADDED};
    struct changes changes;

    if (reread(c, &changes) < 0 || check_names(c, words, &changes) < 0)
        return;
    for (size_t o = 0; o < sizeof order / sizeof *order; o++)
        for (size_t i = 0; i < changes.n; i++)
            if (changes.v[i].kind == order[o] && wanted(words, changes.v[i].group))
                apply(c, &changes.v[i]);
}

/* Interactively, only `y` means yes. The connection is made anew then: the server hangs up on who thinks for long. */
static bool really(struct ctl *c, const char *action, const char *question)
{
    char answer[16] = "";

    if (!c->options.interactive)
        return true;
    fputs(question, stdout);
    fflush(stdout);
    if (!fgets(answer, sizeof answer, stdin) || str_lower(answer[0]) != 'y')
        return false;
    server_disconnect(c);
    return server_connect(c, action_find(&c->options, action)) == 0;
}

void run_reload(struct ctl *c, const struct names *words)
{
    struct answer a;

    (void)words;
    if (!really(c, "reload", "Really restart the remote supervisord process y/N? ") ||
        server_ask_name(c, VERB_RELOAD, "", &a) < 0)
        return;
    if (a.fault == FAULT_SUCCESS)
        say(&c->out, "Restarted supervisord");
    else if (a.fault == FAULT_SHUTDOWN_STATE)
        complain(&c->out, 1, fault_name(a.fault), "ERROR: already shutting down");
    else
        server_refused(c, &a);
}

void run_shutdown(struct ctl *c, const struct names *words)
{
    struct answer a;

    (void)words;
    if (!really(c, "shutdown", "Really shut the remote supervisord process down y/N? ") ||
        server_ask_name(c, VERB_SHUTDOWN, "", &a) < 0)
        return;
    if (a.fault == FAULT_SUCCESS)
        say(&c->out, "Shut down");
    else if (a.fault == FAULT_SHUTDOWN_STATE)
        say(&c->out, "ERROR: already shutting down");
    else
        server_refused(c, &a);
}
