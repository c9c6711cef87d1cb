#include "ctl/follow.h"
#include "base/num.h"
#include "ctl/namespec.h"
#include "ctl/server.h"
#include "ctl/terminal.h"
#include "os/clock.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Each second the progress line is drawn anew; now and then the server is asked how all is: it may be stuck, and then
 * the wait ends. */
enum { LOOK_S = 10 };

/* How often a request is repeated to a server that hangs up: each time it was at least this busy. */
enum { REQUESTS_MAX = 100 };

static int state_of(const struct record *info)
{
    return (int)record_int(info, FIELD_STATE, 0);
}

int follow_start(const struct record *info)
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

int follow_stop(const struct record *info)
{
    return state_is_stopped(info) ? FAULT_SUCCESS : 0;
}

int follow_run(const struct record *info)
{
    return state_is_stopped(info) ? FAULT_SUCCESS : 0;
}

struct item {
    const char *group, *name;
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
    /* the server takes turns with 1,000 programs: it may not have come round to this one */
    int fault = record_bool(r, FIELD_PENDING) ? 0 : w->f->judge(r);
    if (fault)
        finish(w, item, fault, r);
}

static void see_all(struct wait *w, const struct records *list)
{
    for (size_t i = 0; i < list->n; i++)
        see(w, list->v[i]);
}

/* How things stand now heals whatever events can miss, after this `answer` to WATCH. */
static void take_look(struct wait *w, const struct answer *answer)
{
    see_all(w, &answer->events);
    for (size_t i = 0; i < w->n; i++)
        w->items[i].seen = false;
    see_all(w, &answer->rows);
    for (size_t i = 0; i < w->n; i++)
        if (!w->items[i].seen)
            finish(w, &w->items[i], FAULT_BAD_NAME, NULL);
}

/* Looks, after subscribing anew where the server hung up. */
static int look(struct wait *w)
{
    struct answer answer;
    int r = server_watch_again(w->c, &answer);

    if (r < 0)
        server_failed(w->c, r == -ENOENT ? -ECONNRESET : r);
    else
        take_look(w, &answer);
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
            r = waited_s % LOOK_S == 0 ? look(w) : 0;
        } else if (r == -ECONNRESET) {
            r = look(w);
        } else {
            server_failed(w->c, r);
        }
    }
    terminal_progress_end();
    return r;
}

int follow_request(struct ctl *c, const struct proto_request *request, struct answer *ret_answer)
{
    struct answer now;
    int r = server_watch(c, arena_str(c->arena, request->name), &now);

    for (int tries = 0;; tries++) {
        if (r == 0)
            r = client_ask(&c->client, c->arena, request, ret_answer);
        if (r != -ECONNRESET || tries == REQUESTS_MAX)
            return server_judge(c, r, ret_answer);
        r = server_watch_again(c, &now);
    }
}

int follow(struct ctl *c, const struct follow *f, const struct records *pending)
{
    struct wait w = {.c = c, .f = f, .n = pending->n, .left = pending->n};

    if (w.n == 0)
        return 0;
    w.items = arena_alloc(c->arena, sizeof *w.items * w.n);
    for (size_t i = 0; i < w.n; i++) {
        w.items[i].group = record_text(pending->v[i], FIELD_GROUP);
        w.items[i].name = record_text(pending->v[i], FIELD_NAME);
    }
    int r = look(&w); /* what events told before the answer is not from the request */
    return r < 0 ? r : wait_for_rest(&w);
}
