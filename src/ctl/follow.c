#include "ctl/follow.h"
#include "base/num.h"
#include "base/vec.h"
#include "ctl/namespec.h"
#include "ctl/server.h"
#include "ctl/terminal.h"
#include "os/clock.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Each second the progress line is drawn anew; now and then the server is asked how all is: it may be stuck, and then
 * the wait ends. A start that shows no trace after LATE_S will not: START counts seconds, so that a process which was
 * started twice within one, and ended, looks as if nothing had been done. */
enum { LOOK_S = 10, LATE_S = 60 };

/* How often a request is repeated to a server that hangs up: each time it was at least this busy. */
enum { REQUESTS_MAX = 100 };

static int state_of(const struct record *info)
{
    return (int)record_int(info, FIELD_STATE, 0);
}

static int judge_start(const struct record *info)
{
    int state = state_of(info);

    if (*record_text(info, FIELD_SPAWNERR))
        return FAULT_SPAWN_ERROR;
    /* a oneshot may be through before anybody looks */
    if (state == proc_state_code(PROC_RUNNING) || record_bool(info, FIELD_DONE))
        return FAULT_SUCCESS;
    if (state != proc_state_code(PROC_STARTING))
        return FAULT_ABNORMAL_TERMINATION;
    return record_int(info, FIELD_PID, 0) == 0 ? FAULT_SUCCESS : 0;
}

static int judge_end(const struct record *info)
{
    return state_is_stopped(info) ? FAULT_SUCCESS : 0;
}

static bool start_has_begun(const struct record *info, int64_t started)
{
    return !state_is_stopped(info) || record_int(info, FIELD_START, 0) != started;
}

const struct follow_rule follow_start = {judge_start, start_has_begun}, follow_stop = {judge_end, NULL},
                         follow_run = {judge_end, start_has_begun};

struct item {
    const char *group, *name;
    int64_t started; /* START before the request */
    bool begun;
    bool over;
    bool seen; /* in the last look */
};

struct wait {
    struct ctl *c;
    const struct follow *f;
    struct item *items;
    size_t n, left;
};

static struct item *find(struct wait *w, const struct record *r)
{
    for (size_t i = 0; i < w->n; i++)
        if (strcmp(w->items[i].name, record_text(r, FIELD_NAME)) == 0 &&
            strcmp(w->items[i].group, record_text(r, FIELD_GROUP)) == 0)
            return &w->items[i];
    return NULL;
}

static void finish(struct wait *w, struct item *item, int fault, const struct record *info)
{
    if (item->over)
        return;
    item->over = true;
    w->left--;
    w->f->done(w->f->context, item->group, item->name, fault, info);
}

static void see(struct wait *w, const struct record *r)
{
    struct item *item = find(w, r);

    if (!item || !record_has(r, FIELD_STATE))
        return;
    item->seen = true;
    item->begun = item->begun || w->f->rule->has_begun(r, item->started);
    int fault = item->begun ? w->f->rule->judge(r) : 0;
    if (fault)
        finish(w, item, fault, r);
}

static void see_all(struct wait *w, const struct records *list)
{
    for (size_t i = 0; i < list->n; i++)
        see(w, list->v[i]);
}

/* How things stand now heals whatever events can miss, after this `answer` to WATCH. */
static void take_look(struct wait *w, const struct answer *answer, bool late)
{
    see_all(w, &answer->events);
    for (size_t i = 0; i < w->n; i++) {
        w->items[i].begun = w->items[i].begun || late;
        w->items[i].seen = false;
    }
    see_all(w, &answer->rows);
    for (size_t i = 0; i < w->n; i++)
        if (!w->items[i].seen)
            finish(w, &w->items[i], FAULT_BAD_NAME, NULL);
}

/* Looks, after subscribing anew where the server hung up; `late`: the request is long ago. */
static int look(struct wait *w, bool late)
{
    struct answer answer;
    int r = server_watch_again(w->c, &answer);

    if (r < 0)
        server_failed(w->c, r == -ENOENT ? -ECONNRESET : r);
    else
        take_look(w, &answer, late);
    return r;
}

static void show_progress(const struct wait *w, int64_t waited_s)
{
    char text[512];
    const struct item *first = w->items;

    while (first->over)
        first++;
    int n = snprintf(text, sizeof text, "waiting for %s", namespec_text(w->c->arena, first->group, first->name));
    if (n > 0 && (size_t)n < sizeof text && w->left > 1)
        n += snprintf(text + n, sizeof text - (size_t)n, " and %zu more", w->left - 1);
    if (n > 0 && (size_t)n < sizeof text)
        snprintf(text + n, sizeof text - (size_t)n, " (%lld s)", (long long)waited_s);
    terminal_progress(text);
}

static int wait_for_rest(struct wait *w)
{
    struct record event;
    int64_t waited_s = 0;
    int64_t tick = clock_deadline(NS_PER_S);
    int r = 0;

    while (w->left && r == 0) {
        fflush(stdout); /* what is known is seen while the rest is waited for */
        r = client_event(&w->c->client, tick, &event);
        if (r == 0) {
            see(w, &event);
        } else if (r == -ETIMEDOUT) {
            tick = clock_deadline(NS_PER_S);
            show_progress(w, ++waited_s);
            r = waited_s % LOOK_S == 0 ? look(w, waited_s >= LATE_S) : 0;
        } else if (r == -ECONNRESET) {
            r = look(w, waited_s >= LATE_S);
        } else {
            server_failed(w->c, r);
        }
    }
    terminal_progress_end();
    return r;
}

static void keep_rows(struct ctl *c, const struct answer *now, struct records *ret_rows)
{
    *ret_rows = (struct records){0};
    for (size_t i = 0; i < now->rows.n; i++)
        *(struct record **)vec_push(c->arena, ret_rows) = record_keep(c->arena, now->rows.v[i]);
}

int follow_request(struct ctl *c, struct follow *f, const struct proto_request *request, struct answer *ret_answer)
{
    struct answer now;
    int r = server_watch(c, arena_str(c->arena, request->name), &now);

    for (int tries = 0;; tries++) {
        if (r == 0)
            r = client_ask(&c->client, c->arena, request, ret_answer);
        if (r == 0)
            keep_rows(c, &now, &f->before);
        if (r != -ECONNRESET || tries == REQUESTS_MAX)
            return server_judge(c, r, ret_answer);
        r = server_watch_again(c, &now);
    }
}

static void note_before(struct wait *w, const struct record *r)
{
    struct item *item = find(w, r);

    if (item)
        item->started = record_int(r, FIELD_START, 0);
}

int follow(struct ctl *c, const struct follow *f, const struct records *pending, const struct records *events)
{
    struct wait w = {.c = c, .f = f, .n = pending->n, .left = pending->n};

    if (w.n == 0)
        return 0;
    w.items = arena_alloc(c->arena, sizeof *w.items * w.n);
    for (size_t i = 0; i < w.n; i++) {
        w.items[i].group = record_text(pending->v[i], FIELD_GROUP);
        w.items[i].name = record_text(pending->v[i], FIELD_NAME);
        w.items[i].begun = !f->rule->has_begun;
    }
    for (size_t i = 0; i < f->before.n; i++)
        note_before(&w, f->before.v[i]);
    if (f->rule->has_begun)
        see_all(&w, events);
    int r = w.left ? look(&w, false) : 0;
    return r < 0 ? r : wait_for_rest(&w);
}
