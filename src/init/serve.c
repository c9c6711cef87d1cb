#include "init/serve.h"
#include "base/log.h"
#include "base/num.h"
#include "init/requests.h"
#include "init/supervisor.h"
#include "os/clock.h"
#include "os/control.h"
#include "os/pages.h"
#include "os/pipes.h"
#include "os/sockets.h"
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 64, /* the bits of `control.used` */
    PLACE_BYTES = 16 * 1024,
    PER_UID_MAX = 16, /* of one uid other than root and ours */
    RESERVED = 16,    /* places that only root and our own uid get */
    ACCEPTS_MAX = 32  /* per wake, so that a flood of callers starves nobody */
};

/* Who sends no request for so long, or does not take its answer, is hung up on. Subscribers may be silent. */
#define IDLE_S 10.0

/* What a client that asked for the shutdown may take to read the answer and hang up. */
#define FAREWELL_NS (200 * NS_PER_MS)

struct connection {
    struct supervisor *s;
    struct control *control;
    int fd;
    struct peer peer;
    ev_io io;
    ev_timer idle;
    bool busy; /* an answer is being sent */
    bool ended;
    struct answer answer;
    struct proto_cursor cursor;
    struct target watched;
    char watched_name[600];
    bool watching;
    bool behind;         /* changes happened that it had no room for: it catches up with how things are by then */
    uint64_t told;       /* … number of the last change it knows */
    uint64_t pass_until; /* … and of the last one that this pass over the processes tells */
    size_t pass_at;
    struct proto_writer writer;
    uint8_t in[PROTO_PACKET_MAX];
    uint8_t out[PROTO_PACKET_MAX];
};

static_assert(sizeof(struct connection) <= PLACE_BYTES, "a place holds a connection");

struct control {
    struct supervisor *s;
    int fds[2]; /* the place by rule, and control_socket's; -1 = none */
    char name[SOCKET_NAME_MAX + 1];
    char path[SOCKET_NAME_MAX + 1]; /* control_socket */
    int spare_fd;                   /* given up to take in, and show out, who calls when no descriptor is left */
    ev_io accepts[2];
    uint64_t serial;  /* of the last request */
    uint64_t changes; /* all that there were; child.change has the last one's of each process */
    struct row row;   /* every answer's present row: rows are made when they are sent */
    char *places;     /* CONNECTIONS_MAX of PLACE_BYTES: memory that is the kernel's while nobody is there */
    uint64_t used;    /* bit n: place n is taken */
};

static struct connection *place(const struct control *control, unsigned i)
{
    return (struct connection *)(void *)(control->places + (size_t)i * PLACE_BYTES);
}

static bool is_used(const struct control *control, unsigned i)
{
    return control->used >> i & 1;
}

/* ---- the end of a connection ---- */

static void hang_up(struct connection *c)
{
    struct control *control = c->control;
    unsigned i = (unsigned)(((char *)c - control->places) / PLACE_BYTES);

    if (!is_used(control, i))
        return;
    ev_io_stop(c->s->loop, &c->io);
    ev_timer_stop(c->s->loop, &c->idle);
    if (c->answer.passed_fd >= 0)
        close(c->answer.passed_fd);
    close(c->fd);
    control->used &= ~(UINT64_C(1) << i);
    os_pages_idle(c, PLACE_BYTES);
}

static void on_idle(struct ev_loop *loop, ev_timer *w, int events)
{
    (void)loop;
    (void)events;
    hang_up(w->data);
}

static void want(struct connection *c, int events)
{
    if (ev_is_active(&c->io) && c->io.events == events)
        return;
    ev_io_stop(c->s->loop, &c->io);
    ev_io_set(&c->io, c->fd, events);
    ev_io_start(c->s->loop, &c->io);
}

/* The idle deadline counts from the last sign of life. */
static void touch(struct connection *c)
{
    ev_timer_stop(c->s->loop, &c->idle);
    if (c->watching && !c->busy && c->writer.used == 0)
        return;
    ev_timer_set(&c->idle, IDLE_S, 0.);
    ev_timer_start(c->s->loop, &c->idle);
}

/* ---- answers ---- */

/* Sends the packet. 0; -EAGAIN when the peer is full: it goes on when there is room; else the connection is gone. */
static int send_packet(struct connection *c)
{
    if (c->writer.used == 0)
        return 0;
    int r = os_packet_send(c->fd, c->out, c->writer.used, c->answer.passed_fd);
    if (r == -EAGAIN) {
        want(c, EV_WRITE);
        touch(c); /* it has taken something since the last time, or has just been asked to */
    } else if (r < 0) {
        hang_up(c);
    }
    if (r < 0)
        return r;
    if (c->answer.passed_fd >= 0)
        close(c->answer.passed_fd);
    c->answer.passed_fd = -1;
    c->writer.used = 0;
    return 0;
}

/* Puts the next row into the packet. 0 done or skipped, -EAGAIN the packet is full. */
static int put_row(struct connection *c)
{
    struct answer *a = &c->answer;
    struct row *row = &c->control->row;

    if (!a->row(c->s, a, c->cursor.row, row)) {
        c->cursor = (struct proto_cursor){.row = c->cursor.row + 1};
        return 0;
    }
    return proto_put_items(&c->writer, &c->cursor, MARK_RECORD, row->items, row->n);
}

static int put_next(struct connection *c)
{
    struct answer *a = &c->answer;

    if (a->row && c->cursor.row < a->rows_n)
        return put_row(c);
    int r = proto_put_end(&c->writer, (int)a->fault, str_from(a->text));
    c->ended = r == 0;
    return r;
}

/* ---- subscribers ---- */

/* Sends how the process is now. 0; -EAGAIN: it goes when there is room; else the connection is gone. */
static int send_change(struct connection *c, const struct proc *p)
{
    struct row *row = &c->control->row;
    struct proto_cursor cursor = {0};
    TEXT(event, 64);

    row_info(row, c->s, p);
    text_printf(&event, "PROCESS_STATE_%s", proc_state_name(p->state));
    row_text(row, FIELD_EVENT, event.ptr);
    if (proto_put_items(&c->writer, &cursor, MARK_EVENT, row->items, row->n) < 0) {
        hang_up(c); /* longer than a packet: log paths of kilobytes */
        return -EMSGSIZE;
    }
    return send_packet(c);
}

/* A subscriber that had no room hears of every process that changed meanwhile how it is now: late, but not wrong, and
 * nothing need be kept for it. */
static int catch_up(struct connection *c)
{
    struct supervisor *s = c->s;

    supervisor_sort(s);
    while (c->behind) {
        if (c->pass_at == 0)
            c->pass_until = c->control->changes;
        while (c->pass_at < s->sorted_n) {
            const struct proc *p = s->sorted[c->pass_at++];
            if (child_of(p)->change <= c->told || !target_has(&c->watched, p))
                continue;
            int r = send_change(c, p);
            if (r < 0)
                return r;
        }
        c->pass_at = 0;
        c->told = c->pass_until;
        c->behind = c->control->changes > c->told;
    }
    return 0;
}

/* Sends as much of the answer as the peer takes. */
static void go_on(struct connection *c)
{
    while (c->busy) {
        int r = c->ended ? -EAGAIN : put_next(c);
        if (r == -EAGAIN && send_packet(c) < 0)
            return;
        if (c->ended && c->writer.used == 0)
            c->busy = false;
    }
    if (catch_up(c) < 0)
        return;
    want(c, EV_READ);
    touch(c);
}

static void begin_answer(struct connection *c)
{
    c->busy = true;
    c->ended = false;
    c->cursor = (struct proto_cursor){0};
    go_on(c);
}

/* ---- requests ---- */

static bool may_command(const struct peer *peer)
{
    return peer->uid == 0 || peer->uid == geteuid();
}

static void subscribe(struct connection *c)
{
    size_t n = c->answer.request.name.len;

    if (n >= sizeof c->watched_name)
        n = sizeof c->watched_name - 1;
    memcpy(c->watched_name, n ? c->answer.request.name.ptr : "", n);
    c->watched = target_parse((struct str){c->watched_name, n});
    c->watching = true;
}

static void refuse(struct answer *a, enum fault fault)
{
    *a = (struct answer){.fault = fault, .passed_fd = -1};
}

static void take_request(struct connection *c, size_t len)
{
    struct answer *a = &c->answer;

    *a = (struct answer){.passed_fd = -1, .serial = ++c->control->serial};
    int r = proto_request_decode(c->in, len, &a->request);
    if (r == -EBADMSG || r == -EPROTONOSUPPORT) {
        hang_up(c);
        return;
    }
    if (r < 0)
        refuse(a, r == -ENOSYS ? FAULT_UNKNOWN_METHOD : FAULT_BAD_ARGUMENTS);
    else if (verb_is_command(a->request.verb) && !may_command(&c->peer))
        refuse(a, FAULT_NOT_PERMITTED);
    else
        request_perform(c->s, a);
    if (a->watch)
        subscribe(c);
    begin_answer(c);
}

static void on_io(struct ev_loop *loop, ev_io *w, int events)
{
    struct connection *c = w->data;

    (void)loop;
    if (events & EV_WRITE) {
        if (c->busy || send_packet(c) == 0)
            go_on(c);
        return;
    }
    ssize_t n = os_packet_receive(c->fd, c->in, sizeof c->in, NULL);
    if (n == -EAGAIN)
        return;
    if (n <= 0)
        hang_up(c);
    else
        take_request(c, (size_t)n);
}

static void tell_one(struct connection *c, const struct proc *p)
{
    if (!c->behind && !c->busy && c->writer.used == 0) {
        send_change(c, p);
        return;
    }
    if (!c->behind) {
        c->behind = true;
        c->told = c->control->changes - 1;
        c->pass_at = 0;
    }
}

void control_tell(struct control *control, const struct effect *note)
{
    if (!control)
        return;
    child_of(note->p)->change = ++control->changes;
    for (unsigned i = 0; control->used >> i && i < CONNECTIONS_MAX; i++) {
        struct connection *c = place(control, i);
        if (is_used(control, i) && c->watching && target_has(&c->watched, note->p))
            tell_one(c, note->p);
    }
}

/* ---- callers ---- */

/* A free place's number, or -1 when there is none for this peer. */
static int find_place(const struct control *control, const struct peer *peer)
{
    unsigned free_places = 0, same_uid = 0;
    int found = -1;

    for (unsigned i = CONNECTIONS_MAX; i-- > 0;) {
        if (is_used(control, i)) {
            same_uid += place(control, i)->peer.uid == peer->uid;
        } else {
            free_places++;
            found = (int)i;
        }
    }
    if (may_command(peer))
        return found;
    return free_places > RESERVED && same_uid < PER_UID_MAX ? found : -1;
}

static void welcome(struct control *control, int fd, const struct peer *peer)
{
    int i = control_peer_allowed(peer) ? find_place(control, peer) : -1;

    if (i < 0) {
        close(fd);
        return;
    }
    struct connection *c = place(control, (unsigned)i);
    control->used |= UINT64_C(1) << i;
    c->s = control->s;
    c->control = control;
    c->fd = fd;
    c->peer = *peer;
    c->busy = c->watching = c->behind = c->ended = false;
    c->answer.passed_fd = -1;
    c->writer = (struct proto_writer){.buf = c->out, .size = sizeof c->out};
    ev_init(&c->idle, on_idle);
    c->idle.data = c;
    ev_io_init(&c->io, on_io, fd, EV_READ);
    c->io.data = c;
    ev_io_start(c->s->loop, &c->io);
    touch(c);
}

/* No descriptor is left. Who waits at the door must go nevertheless: the socket would wake us for ever. */
static void turn_away(struct control *control, int listener)
{
    struct peer peer;
    int fd;

    close(control->spare_fd);
    if (os_accept(listener, &fd, &peer) == 0)
        close(fd);
    control->spare_fd = os_null_open();
}

static void on_accept(struct ev_loop *loop, ev_io *w, int events)
{
    struct control *control = w->data;
    struct peer peer;
    int fd, r;

    (void)loop;
    (void)events;
    for (int i = 0; i < ACCEPTS_MAX && (r = os_accept(w->fd, &fd, &peer)) != -EAGAIN; i++) {
        if (r == 0)
            welcome(control, fd, &peer);
        else if (r == -EMFILE || r == -ENFILE)
            turn_away(control, w->fd);
    }
}

/* ---- opening and closing ---- */

static void listen_on(struct control *control, int i)
{
    if (control->fds[i] < 0)
        return;
    ev_io_init(&control->accepts[i], on_accept, control->fds[i], EV_READ);
    control->accepts[i].data = control;
    ev_io_start(control->s->loop, &control->accepts[i]);
}

static int open_sockets(struct control *control, const struct program_set *set, struct err *e)
{
    const char *path = set->daemon.control_socket;
    char words[128];

    snprintf(control->path, sizeof control->path, "%s", path);
    int r = control_listen(set->config_file, control->name, &control->fds[0]);
    if (r == -EADDRINUSE)
        err_set(e, "another cslsup is running with this configuration; stop it, or use another file");
    else if (r < 0)
        err_set(e, "cannot open the control socket: %s", os_error_words(-r, words, sizeof words));
    if (r < 0 || !path[0])
        return r;
    if ((r = control_listen_at(path, &control->fds[1])) < 0)
        err_set(e, "cannot open control_socket %s: %s", path, os_error_words(-r, words, sizeof words));
    return r;
}

int control_open(struct supervisor *s, struct control **ret_control, struct err *e)
{
    struct control *control = calloc(1, sizeof *control);
    char *places = os_pages((size_t)CONNECTIONS_MAX * PLACE_BYTES);
    int r = control && places ? 0 : -ENOMEM;

    if (r < 0) {
        err_set(e, "out of memory");
        os_pages_free(places, (size_t)CONNECTIONS_MAX * PLACE_BYTES);
        free(control);
        return r;
    }
    control->s = s;
    control->fds[0] = control->fds[1] = -1;
    control->places = places;
    control->spare_fd = os_null_open();
    if ((r = open_sockets(control, s->stored->set, e)) < 0)
        goto fail;
    listen_on(control, 0);
    listen_on(control, 1);
    *ret_control = control;
    return 0;
fail:
    if (control->fds[0] >= 0)
        close(control->fds[0]);
    close(control->spare_fd);
    os_pages_free(places, (size_t)CONNECTIONS_MAX * PLACE_BYTES);
    free(control);
    return r;
}

/* All in our pid namespace die with PID 1: so would the client that asked for the end, before it could say that it was
 * done. It gets a moment to take the answer and go. */
static void see_off(struct control *control)
{
    int64_t deadline_ns = clock_deadline(FAREWELL_NS);

    for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
        if (is_used(control, i) && place(control, i)->answer.request.verb == VERB_SHUTDOWN)
            os_wait_readable(place(control, i)->fd, deadline_ns);
}

void control_close(struct control *control)
{
    if (!control)
        return;
    see_off(control);
    for (unsigned i = 0; i < CONNECTIONS_MAX; i++)
        if (is_used(control, i))
            hang_up(place(control, i));
    for (int i = 0; i < 2; i++) {
        if (control->fds[i] < 0)
            continue;
        ev_io_stop(control->s->loop, &control->accepts[i]);
        close(control->fds[i]);
    }
    close(control->spare_fd);
    control_remove(control->name);
    if (control->fds[1] >= 0)
        control_remove(control->path);
    os_pages_free(control->places, (size_t)CONNECTIONS_MAX * PLACE_BYTES);
    free(control);
}
