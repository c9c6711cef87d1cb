#include "ctl/follower.h"
#include "base/num.h"
#include "ctl/server.h"
#include "ctl/terminal.h"
#include "os/clock.h"
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t pause_ns = 200 * NS_PER_MS, look_ns = NS_PER_S;

enum { READ_BYTES = 64 * 1024 };

int follower_open(struct ctl *c, struct follower *f, int64_t last, int *ret_fault)
{
    struct proto_request request = {.verb = VERB_LOG, .flags = f->flags, .name = str_from(f->name)};
    struct answer answer;
    struct stat file;

    f->fd = -1;
    int r = server_ask_briefly(c, &request, &answer);
    if (r < 0)
        return r;
    /* no descriptor although there is a file: we may hold no more */
    *ret_fault = answer.fault == FAULT_SUCCESS && answer.fd < 0 ? FAULT_FAILED : answer.fault;
    if (*ret_fault != FAULT_SUCCESS)
        return 0;
    f->fd = answer.fd;
    /* a path too long for this is asked for again each second, as one that cannot be looked at */
    snprintf(f->path, sizeof f->path, "%s", answer.rows.n ? record_text(answer.rows.v[0], FIELD_PATH) : "");
    f->looked_ns = clock_now().mono_ns;
    f->at = 0;
    if (last >= 0 && fstat(f->fd, &file) == 0 && file.st_size > last)
        f->at = file.st_size - last;
    return 0;
}

void follower_close(struct follower *f)
{
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
}

static bool drain(struct follower *f, follower_output *output, void *context)
{
    char bytes[READ_BYTES];
    struct stat file;
    bool any = false;

    if (fstat(f->fd, &file) == 0 && file.st_size < f->at) {
        f->at = 0;
        output(context, f, NULL, 0);
    }
    for (ssize_t n; (n = pread(f->fd, bytes, sizeof bytes, f->at)) > 0; any = true) {
        f->at += n;
        output(context, f, bytes, (size_t)n);
    }
    return any;
}

/* Whether another file stands at the path now. Where the path cannot be looked at, the answer is yes: asking the
 * server again is always right, only dearer. */
static bool was_replaced(struct follower *f)
{
    struct stat open_file, named;

    return fstat(f->fd, &open_file) < 0 || stat(f->path, &named) < 0 || open_file.st_ino != named.st_ino ||
           open_file.st_dev != named.st_dev;
}

static bool same_file(int a, int b)
{
    struct stat x, y;

    return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_ino == y.st_ino && x.st_dev == y.st_dev;
}

static int renew(struct ctl *c, struct follower *f, follower_output *output, void *context)
{
    struct follower next = *f;
    int fault, r = follower_open(c, &next, -1, &fault);

    if (r < 0 || next.fd < 0)
        return r;
    if (f->fd >= 0 && same_file(f->fd, next.fd)) {
        close(next.fd);
        return 0;
    }
    if (f->fd >= 0)
        drain(f, output, context);
    follower_close(f);
    *f = next;
    drain(f, output, context);
    return 0;
}

int follower_step(struct ctl *c, struct follower *f, follower_output *output, void *context)
{
    int64_t now_ns = clock_now().mono_ns;

    if (f->fd >= 0 && drain(f, output, context))
        return 0;
    if (now_ns - f->looked_ns < look_ns)
        return 0;
    f->looked_ns = now_ns;
    return f->fd < 0 || was_replaced(f) ? renew(c, f, output, context) : 0;
}

int follower_subscribe(struct ctl *c, const char *name)
{
    struct answer now;
    int r = server_watch(c, name, &now);

    if (r < 0)
        server_failed(c, r);
    return r;
}

/* Events are what keeps the connection alive while there is nothing to ask; what they say does not matter here. */
static int drop_events(struct ctl *c)
{
    struct record event;
    struct answer now;
    int r;

    while ((r = client_event(&c->client, clock_now().mono_ns, &event)) == 0)
        ;
    if (r == -ECONNRESET && (r = server_watch_again(c, &now)) < 0 && r != -EINTR)
        return -ECONNRESET;
    return r;
}

int follower_pause(struct ctl *c, struct pollfd *extra)
{
    struct pollfd fds[2] = {{.fd = c->client.fd, .events = POLLIN}, {.fd = -1}};

    if (extra)
        fds[1] = *extra;
    int r = terminal_wait(fds, 2, clock_deadline(pause_ns));
    if (extra)
        extra->revents = fds[1].revents;
    if (r == 0 && fds[0].revents)
        r = drop_events(c);
    return r == -ETIMEDOUT ? 0 : r;
}
