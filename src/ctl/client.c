#include "ctl/client.h"
#include "base/num.h"
#include "base/vec.h"
#include "ctl/terminal.h"
#include "os/clock.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

void client_take(struct client *c, int fd)
{
    c->fd = fd;
    c->passed = -1;
    record_reader_init(&c->reader);
}

int client_connect(struct client *c, const char *config)
{
    int64_t deadline = clock_deadline(CLIENT_PATIENCE_NS);
    int fd;
    int r = control_connect(config, deadline, &c->server, &fd);

    if (r == 0)
        client_take(c, fd);
    return r;
}

static void drop_passed(struct client *c)
{
    if (c->passed >= 0)
        close(c->passed);
    c->passed = -1;
}

void client_close(struct client *c)
{
    drop_passed(c);
    record_reader_finish(&c->reader);
    close(c->fd);
    c->fd = -1;
}

static int send_request(struct client *c, const struct proto_request *r)
{
    char packet[PROTO_PACKET_MAX];
    int64_t deadline = clock_deadline(CLIENT_PATIENCE_NS);
    size_t len;
    int result = proto_request_encode(r, packet, sizeof packet, &len);

    if (result < 0)
        return result;
    while ((result = os_packet_send(c->fd, packet, len, -1)) == -EAGAIN) {
        struct pollfd writable = {.fd = c->fd, .events = POLLOUT};
        result = terminal_wait(&writable, 1, deadline);
        if (result < 0)
            return result;
    }
    return result == -EPIPE ? -ECONNRESET : result;
}

/* Waits for a packet; who looks on is told after a second, and then each second, that the server takes its time. */
static int wait_for_packet(struct client *c, int64_t deadline_mono_ns)
{
    struct pollfd readable = {.fd = c->fd, .events = POLLIN};
    char text[64];
    int r = -ETIMEDOUT;

    for (int s = 1; r == -ETIMEDOUT; s++) {
        int64_t second = clock_deadline(NS_PER_S);
        if (second >= deadline_mono_ns)
            return terminal_wait(&readable, 1, deadline_mono_ns);
        r = terminal_wait(&readable, 1, second);
        if (r == -ETIMEDOUT) {
            snprintf(text, sizeof text, "no answer yet (%d s)", s);
            terminal_progress(text);
        }
    }
    return r;
}

/* Reads one packet and feeds it; a descriptor that comes along is kept for the answer. */
static int receive(struct client *c, int64_t deadline_mono_ns)
{
    int passed = -1;
    ssize_t n;

    while ((n = os_packet_receive(c->fd, c->packet, sizeof c->packet, &passed)) == -EAGAIN) {
        int r = wait_for_packet(c, deadline_mono_ns);
        if (r < 0)
            return r;
    }
    if (passed >= 0) {
        drop_passed(c);
        c->passed = passed;
    }
    if (n <= 0)
        return n == 0 ? -ECONNRESET : (int)n;
    record_feed(&c->reader, c->packet, (size_t)n);
    return 0;
}

/* The next record. `deadline` bounds all of it; NEVER_NS means the server's patience for each packet. */
static int next(struct client *c, int64_t deadline, struct record *ret_record)
{
    for (;;) {
        int r = record_next(&c->reader, ret_record);
        if (r != 0)
            return r < 0 ? r : 0;
        r = receive(c, deadline != NEVER_NS ? deadline : clock_deadline(CLIENT_PATIENCE_NS));
        if (r < 0)
            return r;
    }
}

static void keep(struct arena *a, struct records *list, const struct record *r)
{
    struct record **slot = vec_push(a, list);

    *slot = record_keep(a, r);
}

int client_ask(struct client *c, struct arena *a, const struct proto_request *request, struct answer *ret_answer)
{
    struct answer answer = {.fd = -1};
    struct record row;
    int r = send_request(c, request);

    while (r == 0 && (r = next(c, NEVER_NS, &row)) == 0 && row.mark != MARK_END)
        keep(a, row.mark == MARK_EVENT ? &answer.events : &answer.rows, &row);
    if (r < 0) {
        drop_passed(c);
        return r;
    }
    answer.fault = (int)record_int(&row, FIELD_FAULT, FAULT_FAILED);
    answer.text = arena_strdup(a, record_text(&row, FIELD_TEXT));
    answer.fd = c->passed;
    c->passed = -1;
    *ret_answer = answer;
    return 0;
}

int client_event(struct client *c, int64_t deadline_mono_ns, struct record *ret_event)
{
    int r = next(c, deadline_mono_ns, ret_event);

    if (r == 0 && ret_event->mark != MARK_EVENT)
        return -EBADMSG;
    return r;
}
