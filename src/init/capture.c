#include "init/capture.h"
#include "base/log.h"
#include "base/num.h"
#include "os/clock.h"
#include "os/pages.h"
#include "os/pipes.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BUFFER_BYTES = CAPTURE_LINE_MAX + CAPTURE_READ_MAX,
    FORMATTED_BYTES = 8 * CAPTURE_LINE_MAX + CAPTURE_READ_MAX,
    BATCH_LINES = 512,
    IDLE_BYTES = 64 * 1024 /* a hold that grew beyond this gives its pages back when empty */
};

/* An unfinished line of a shared outlet goes out after this; as JSON it may take longer (container contract §11). */
#define PARTIAL_S 0.2
#define PARTIAL_JSON_S 1.0

/* ---- the filter before everything: strip_ansi ---- */

/* supervisord's rule (contract §4): ESC[ up to one of these letters, also when a sequence straddles reads. In place, so
 * it must never grow: an ESC at the end is kept back (STRIP_ESC), and take_in puts it before the bytes that follow. */
static size_t strip_ansi(struct capture *st, char *bytes, size_t n)
{
    size_t to = 0;

    for (size_t i = 0; i < n; i++) {
        char c = bytes[i];
        if (st->strip == STRIP_SEQUENCE) {
            if (c && strchr("HfABCDRsuJKhlpm", c))
                st->strip = STRIP_TEXT;
        } else if (st->strip == STRIP_ESC && c == '[') {
            st->strip = STRIP_SEQUENCE;
        } else {
            if (st->strip == STRIP_ESC)
                bytes[to++] = '\033';
            st->strip = c == '\033' ? STRIP_ESC : STRIP_TEXT;
            if (st->strip == STRIP_TEXT)
                bytes[to++] = c;
        }
    }
    return to;
}

static void remember_last(struct capture *st, const char *bytes, size_t n)
{
    if (n > CAPTURE_LAST_MAX) {
        bytes += n - CAPTURE_LAST_MAX;
        n = CAPTURE_LAST_MAX;
    }
    for (size_t i = 0; i < n; i++) {
        st->last[st->last_at % CAPTURE_LAST_MAX] = bytes[i];
        st->last_at++;
    }
}

size_t capture_last(const struct capture *st, char *ret_text)
{
    size_t n = st->last_at < CAPTURE_LAST_MAX ? st->last_at : CAPTURE_LAST_MAX;

    for (size_t i = 0; i < n; i++)
        ret_text[i] = st->last[(st->last_at - n + i) % CAPTURE_LAST_MAX];
    return n;
}

/* ---- into the outlets ---- */

/* How lines look in this outlet: files get them as they are, the container's stdout by the program's keys, syslog with
 * the program's name (supervisord contract §4). */
static struct format format_for(const struct capture *st, const struct outlet *o)
{
    struct format f = st->format;

    if (sink_kind(o->sink) != SINK_STREAM) {
        f.kind = FORMAT_RAW;
        f.prefix = sink_kind(o->sink) == SINK_LINES ? "{name} " : "";
    }
    return f;
}

static bool formats(const struct capture *st, const struct outlet *o)
{
    struct format f = format_for(st, o);

    return !format_is_raw(&f);
}

static bool by_lines(const struct capture *st, const struct outlet *o)
{
    return outlet_is_shared(o) || formats(st, o);
}

/* How much of the bytes may go out now: whole lines only where that matters, and pieces of CAPTURE_LINE_MAX of a line
 * that has no end. */
static size_t sendable(const struct capture *st, const struct outlet *o, const char *bytes, size_t n, bool all)
{
    if (all || !by_lines(st, o))
        return n;
    for (size_t i = n; i > 0; i--)
        if (bytes[i - 1] == '\n')
            return i;
    return n / CAPTURE_LINE_MAX * CAPTURE_LINE_MAX;
}

/* The next line of the bytes, at most CAPTURE_LINE_MAX long; its newline counts in `ret_raw`. */
static struct str next_line(const char *bytes, size_t n, size_t *ret_raw)
{
    size_t most = n < CAPTURE_LINE_MAX ? n : CAPTURE_LINE_MAX;
    const char *end = memchr(bytes, '\n', most);

    *ret_raw = end ? (size_t)(end - bytes) + 1 : most;
    return (struct str){bytes, end ? *ret_raw - 1 : most};
}

/* Formats as many lines as fit the scratch buffer and writes them. The number of raw bytes dealt with: what the outlet
 * takes ends at a line, so the batch's boundaries tell. */
static size_t write_formatted(struct capture *st, struct outlet *o, const char *bytes, size_t n)
{
    struct {
        size_t raw, formatted;
    } ends[BATCH_LINES];
    size_t raw = 0, formatted = 0, lines = 0, done = 0;
    struct moment now = clock_now();
    struct format format = format_for(st, o);

    while (raw < n && lines < BATCH_LINES) {
        size_t raw_len, room = FORMATTED_BYTES - formatted;
        struct str line = next_line(bytes + raw, n - raw, &raw_len);
        size_t len = format_line(&format, line, now, st->pool->formatted + formatted, room);
        if (len == 0)
            break;
        raw += raw_len;
        formatted += len;
        ends[lines].raw = raw;
        ends[lines++].formatted = formatted;
    }
    size_t taken = outlet_write(o, st->pool->formatted, formatted, true);
    for (size_t i = 0; i < lines && ends[i].formatted <= taken; i++)
        done = ends[i].raw;
    return done;
}

/* Sends what may be sent of `bytes` to one outlet; false when it is full. */
static bool send_to(struct capture *st, size_t slot, const char *bytes, size_t n, bool all)
{
    struct outlet *o = st->outlets[slot];
    size_t end = sendable(st, o, bytes, n, all);

    while (st->sent[slot] < end) {
        const char *at = bytes + st->sent[slot];
        size_t left = end - st->sent[slot];
        size_t done = formats(st, o) ? write_formatted(st, o, at, left) : outlet_write(o, at, left, by_lines(st, o));
        st->sent[slot] += done;
        if (st->sent[slot] < end && done < left && !formats(st, o))
            break;
        if (done == 0)
            break;
    }
    if (st->sent[slot] >= end)
        return true;
    outlet_wait(o, st, slot);
    return false;
}

static void keep_reading(struct capture *st, bool read)
{
    struct ev_loop *loop = st->pool->outlets->loop;

    if (read)
        ev_io_start(loop, &st->readable);
    else
        ev_io_stop(loop, &st->readable);
}

/* Puts what not every outlet has yet into the hold. */
static void hold(struct capture *st, const char *bytes, size_t n)
{
    size_t least = n;

    for (size_t i = 0; i < st->outlets_n; i++)
        if (st->sent[i] < least)
            least = st->sent[i];
    for (size_t i = 0; i < st->outlets_n; i++)
        st->sent[i] -= least;
    bool was_large = st->held_len > IDLE_BYTES;
    st->held_len = n - least;
    if (st->held_len)
        memmove(st->held, bytes + least, st->held_len);
    else if (was_large)
        os_pages_idle(st->held, BUFFER_BYTES);
}

/* Sends to all outlets. Reading goes on only while none is full: that is the back-pressure. */
static void deliver(struct capture *st, const char *bytes, size_t n, bool all)
{
    struct ev_loop *loop = st->pool->outlets->loop;
    bool room = true;

    for (size_t i = 0; i < st->outlets_n; i++)
        room &= send_to(st, i, bytes, n, all);
    hold(st, bytes, n);
    keep_reading(st, room && st->fd >= 0 && !st->ended);
    if (room && st->held_len) {
        if (!ev_is_active(&st->partial)) {
            ev_timer_set(&st->partial, st->format.kind == FORMAT_JSON ? PARTIAL_JSON_S : PARTIAL_S, 0.);
            ev_timer_start(loop, &st->partial);
        }
    } else {
        ev_timer_stop(loop, &st->partial);
    }
}

void capture_resume(struct capture *st)
{
    deliver(st, st->held, st->held_len, false);
}

static void on_partial(struct ev_loop *loop, ev_timer *w, int events)
{
    struct capture *st = w->data;

    (void)loop;
    (void)events;
    deliver(st, st->held, st->held_len, true);
}

/* ---- out of the pipe ---- */

/* Reads once. The number of bytes, 0 when nothing is there (or no room to keep it). */
static size_t take_in(struct capture *st)
{
    char *bytes = st->pool->reading, *fresh = bytes + st->held_len;
    size_t esc = st->strip == STRIP_ESC;
    ssize_t got = read(st->fd, fresh + esc, BUFFER_BYTES - st->held_len - esc);

    if (got <= 0) {
        /* Read on when the next child has the other end. Nobody there is told again and again otherwise. */
        st->ended = got == 0;
        keep_reading(st, !st->ended);
        return 0;
    }
    if (st->held_len)
        memcpy(bytes, st->held, st->held_len);
    size_t n = (size_t)got + esc;
    if (esc) {
        *fresh = '\033';
        st->strip = STRIP_TEXT;
    }
    st->bytes += (size_t)got;
    st->last_output_ns = clock_now().mono_ns;
    if (st->pool->strip_ansi)
        n = strip_ansi(st, fresh, n);
    remember_last(st, fresh, n);
    if (!st->grown && got >= 64 * 1024) {
        st->grown = true;
        os_pipe_grow(st->fd, os_pipe_size(st->pool->pipes));
    }
    deliver(st, bytes, st->held_len + n, false);
    return (size_t)got;
}

static void on_readable(struct ev_loop *loop, ev_io *w, int events)
{
    (void)loop;
    (void)events;
    take_in(w->data);
}

static bool is_full(const struct capture *st)
{
    for (size_t i = 0; i < st->outlets_n; i++)
        if (st->waiting[i])
            return true;
    return false;
}

/* What its descendants write from now on is read in turn: some of them never end. */
void capture_drain(struct capture *st)
{
    size_t left = st->fd >= 0 ? os_pipe_filled(st->fd) : 0, got;

    while (left && !is_full(st) && (got = take_in(st)) > 0)
        left -= got < left ? got : left;
    if (!is_full(st) && st->held_len)
        deliver(st, st->held, st->held_len, true);
}

size_t capture_pending(const struct capture *st)
{
    return st->held_len;
}

/* ---- opening and closing ---- */

static int add_outlet(struct capture *st, const struct sink_plan *plan)
{
    struct outlet *o;
    int r = outlet_open(st->pool->outlets, plan, &o);

    if (r < 0)
        return r;
    for (size_t i = 0; i < st->outlets_n; i++) {
        if (st->outlets[i] == o) { /* log and tee are the same: once is enough */
            outlet_release(o);
            return 0;
        }
    }
    st->outlets[st->outlets_n] = o;
    st->sent[st->outlets_n++] = 0;
    return 0;
}

static int open_outlets(struct capture *st, const struct log_spec *log, const char *auto_path)
{
    struct sink_plan plan = {.path = log->target == LOG_TO_AUTO ? auto_path : log->path,
                             .maxbytes = log->maxbytes,
                             .backups = log->backups,
                             .rotate = log->rotate,
                             .max_age_ns = log->max_age_ns};
    int r = 0;

    if (log->target != LOG_TO_NOWHERE && plan.path[0])
        r = add_outlet(st, &plan);
    if (r == 0 && log->syslog)
        r = add_outlet(st, &(struct sink_plan){.path = SINK_SYSLOG});
    if (r == 0 && log->tee[0])
        r = add_outlet(st, &(struct sink_plan){.path = log->tee});
    return r;
}

/* Whether anything here looks at the output: a log, or a check of when there was some. */
static bool is_read(const struct capture *st, const struct spec *spec)
{
    bool read = st->outlets_n > 0;

    for (size_t i = 0; i < spec->health.checks.n; i++)
        read |= str_starts(str_trim(str_from(spec->health.checks.v[i])), "log:");
    return read;
}

/* A new pipe. What an old one still holds is taken in first. */
static int open_pipe(struct capture *st)
{
    int ours, theirs, r = os_pipe_from_child(&ours, &theirs);

    if (r < 0)
        return r;
    if (st->fd >= 0) {
        capture_drain(st);
        keep_reading(st, false);
        close(st->fd);
    }
    st->fd = ours;
    st->child_fd = theirs;
    ev_io_init(&st->readable, on_readable, st->fd, EV_READ);
    st->readable.data = st;
    return 0;
}

int capture_open(struct capture *st, struct capture_pool *pool, const struct spec *spec, bool is_stderr,
                 const char *auto_path)
{
    *st = (struct capture){.pool = pool, .open = true, .ended = true, .fd = -1, .child_fd = -1};
    st->format = (struct format){.kind = spec->log_format,
                                 .prefix = spec->log_prefix,
                                 .name = spec->name,
                                 .group = spec->group,
                                 .stream = is_stderr ? "stderr" : "stdout"};
    ev_init(&st->partial, on_partial);
    st->partial.data = st;
    st->held = os_pages(BUFFER_BYTES + CAPTURE_LAST_MAX);
    st->last = st->held + BUFFER_BYTES;
    st->auto_path = auto_path[0] ? strdup(auto_path) : NULL;
    int r = st->held ? open_outlets(st, is_stderr ? &spec->err : &spec->out, auto_path) : -ENOMEM;
    if (r == 0 && is_read(st, spec))
        r = open_pipe(st);
    if (r < 0)
        capture_close(st);
    return r;
}

int capture_begin(struct capture *st)
{
    if (st->fd < 0)
        return st->pool->null_fd;
    if (st->child_fd < 0)
        st->child_fd = os_pipe_reopen(st->fd);
    int r = st->child_fd < 0 ? open_pipe(st) : 0; /* there is no /proc */
    return r < 0 ? r : st->child_fd;
}

void capture_began(struct capture *st)
{
    if (st->child_fd < 0)
        return;
    close(st->child_fd);
    st->child_fd = -1;
    st->ended = false;
    keep_reading(st, !is_full(st));
}

void capture_close(struct capture *st)
{
    if (st->fd >= 0) {
        capture_drain(st);
        keep_reading(st, false);
        close(st->fd);
    }
    if (st->held_len)
        log_line(LVL_WARN, "nobody read the %s of %s: %zu bytes are lost", st->format.stream, st->format.name,
                 st->held_len);
    if (st->child_fd >= 0)
        close(st->child_fd);
    if (st->pool)
        ev_timer_stop(st->pool->outlets->loop, &st->partial);
    for (size_t i = 0; i < st->outlets_n; i++) {
        outlet_forget(st->outlets[i], st, i);
        outlet_release(st->outlets[i]);
    }
    os_pages_free(st->held, BUFFER_BYTES + CAPTURE_LAST_MAX);
    free(st->auto_path);
    *st = CAPTURE_CLOSED;
}

size_t capture_slot(const struct capture *st, const struct outlet *o)
{
    size_t i = 0;

    while (i + 1 < st->outlets_n && st->outlets[i] != o)
        i++;
    return i;
}

int capture_clear(struct capture *st)
{
    for (size_t i = 0; i < st->outlets_n; i++) {
        if (sink_kind(st->outlets[i]->sink) != SINK_FILE)
            continue;
        int r = sink_clear(st->outlets[i]->sink, clock_now());
        if (r < 0)
            return r;
    }
    return 0;
}
