#include "init/outlet.h"
#include "base/log.h"
#include "init/capture.h"
#include "os/clock.h"
#include "os/pages.h"
#include "os/sockets.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The longest line is CAPTURE_LINE_MAX bytes, and JSON makes at most six of one byte. */
enum { TAIL_MAX = 7 * CAPTURE_LINE_MAX };

static void on_writable(struct ev_loop *loop, ev_io *w, int events);

static struct outlet *find(const struct outlets *all, const struct sink *s)
{
    struct outlet *o = all->first;

    while (o && o->sink != s)
        o = o->next;
    return o;
}

int outlet_open(struct outlets *all, const struct sink_plan *plan, struct outlet **ret_outlet)
{
    struct sink *sink;
    int r = sink_open(&all->sinks, plan, clock_now(), &sink);

    if (r < 0)
        return r;
    struct outlet *o = find(all, sink);
    if (!o) {
        o = calloc(1, sizeof *o);
        if (!o || !(o->tail = os_pages(TAIL_MAX))) {
            free(o);
            sink_release(&all->sinks, sink);
            return -ENOMEM;
        }
        *o = (struct outlet){.all = all, .next = all->first, .sink = sink, .tail = o->tail};
        ev_init(&o->writable, on_writable);
        o->writable.data = o;
        all->first = o;
    }
    o->users++;
    *ret_outlet = o;
    return 0;
}

void outlet_release(struct outlet *o)
{
    if (!o)
        return;
    struct outlets *all = o->all;
    struct sink *sink = o->sink;
    if (--o->users == 0) {
        struct outlet **at = &all->first;
        while (*at != o)
            at = &(*at)->next;
        *at = o->next;
        ev_io_stop(all->loop, &o->writable);
        os_pages_free(o->tail, TAIL_MAX);
        free(o);
    }
    sink_release(&all->sinks, sink);
}

bool outlet_is_shared(const struct outlet *o)
{
    return o->users > 1;
}

/* A target that cannot be written is said once per episode, unless it is the main log's own. */
static void report_trouble(struct outlet *o)
{
    int error = sink_trouble(o->sink);
    char words[128];

    if (error)
        log_line(LVL_ERRO, "cannot %s %s: %s%s", sink_is_losing(o->sink) ? "write" : "rotate", sink_path(o->sink),
                 os_error_words(-error, words, sizeof words),
                 sink_is_losing(o->sink) ? "; log lines are being lost" : "");
}

static size_t put(struct outlet *o, const char *bytes, size_t n)
{
    struct iovec part = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = n};
    ssize_t taken = sink_write(o->sink, &part, 1, clock_now());

    report_trouble(o);
    return taken < 0 ? 0 : (size_t)taken;
}

static bool flush_tail(struct outlet *o)
{
    size_t taken = o->tail_len ? put(o, o->tail, o->tail_len) : 0;

    o->tail_len -= taken;
    if (taken && o->tail_len)
        memmove(o->tail, o->tail + taken, o->tail_len);
    return o->tail_len == 0;
}

static void watch(struct outlet *o)
{
    if (ev_is_active(&o->writable))
        return;
    ev_io_set(&o->writable, sink_wait_fd(o->sink), EV_WRITE);
    ev_io_start(o->all->loop, &o->writable);
}

/* The sink took a line in part: its rest is kept and counts as written, so that nobody else's line can get into it. */
static size_t keep_rest_of_line(struct outlet *o, const char *bytes, size_t n, size_t taken)
{
    if (taken == 0 || bytes[taken - 1] == '\n')
        return taken;
    const char *end = memchr(bytes + taken, '\n', n - taken);
    size_t rest = end ? (size_t)(end + 1 - bytes) - taken : n - taken;
    if (rest > TAIL_MAX)
        rest = TAIL_MAX;
    memcpy(o->tail, bytes + taken, rest);
    o->tail_len = rest;
    watch(o);
    return taken + rest;
}

size_t outlet_write(struct outlet *o, const char *bytes, size_t n, bool lines)
{
    if (!flush_tail(o))
        return 0;
    size_t taken = put(o, bytes, n);
    return lines && taken < n ? keep_rest_of_line(o, bytes, n, taken) : taken;
}

void outlet_wait(struct outlet *o, struct capture *st, size_t slot)
{
    if (st->waiting[slot])
        return;
    st->waiting[slot] = true;
    st->next_waiting[slot] = NULL;
    if (o->waiting_last)
        o->waiting_last->next_waiting[capture_slot(o->waiting_last, o)] = st;
    else
        o->waiting = st;
    o->waiting_last = st;
    watch(o);
}

void outlet_forget(struct outlet *o, struct capture *st, size_t slot)
{
    struct capture **at = &o->waiting, *before = NULL;

    if (!st->waiting[slot])
        return;
    while (*at != st) {
        before = *at;
        at = &before->next_waiting[capture_slot(before, o)];
    }
    *at = st->next_waiting[slot];
    if (o->waiting_last == st)
        o->waiting_last = before;
    st->waiting[slot] = false;
}

/* Room again: each that waited gets its turn in order of arrival; who finds it full anew queues up behind. */
static void on_writable(struct ev_loop *loop, ev_io *w, int events)
{
    struct outlet *o = w->data;
    struct capture *st = o->waiting;

    (void)events;
    if (!flush_tail(o))
        return;
    ev_io_stop(loop, w);
    o->waiting = o->waiting_last = NULL;
    while (st) {
        size_t slot = capture_slot(st, o);
        struct capture *next = st->next_waiting[slot];
        st->waiting[slot] = false;
        capture_resume(st);
        st = next;
    }
}
