#include "init/notify.h"
#include "init/child.h"
#include "init/supervisor.h"
#include "os/clock.h"
#include "os/datagrams.h"
#include "os/procfs.h"
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    MESSAGE_MAX = 4096,
    MESSAGES_MAX = 64, /* per wake, so that a flood starves nobody */
    ANCESTORS_MAX = 64 /* how far up a sender is looked for */
};

struct notify_socket {
    int fd;
    char address[DATAGRAM_ADDRESS_MAX];
    ev_io readable;
};

/* The process of ours that the sender is, or descends from. */
static struct proc *find_sender(const struct supervisor *s, pid_t pid)
{
    struct procfs_stat stat;

    for (int i = 0; i < ANCESTORS_MAX && pid > 1; i++) {
        for (struct proc *p = fleet_each(&s->fleet, NULL); p; p = fleet_each(&s->fleet, p))
            if (p->pid == pid)
                return p;
        if (procfs_stat(pid, &stat) < 0)
            break;
        pid = stat.ppid;
    }
    return NULL;
}

static void take_assignment(struct child *c, struct str line)
{
    if (str_is(line, "READY=1"))
        fleet_notified(&c->s->fleet, c->p);
    else if (str_is(line, "WATCHDOG=1"))
        c->watchdog_ns = clock_now().mono_ns;
    else if (str_starts(line, "STATUS="))
        child_set_status(c, (struct str){line.ptr + 7, line.len - 7});
}

static void on_readable(struct ev_loop *loop, ev_io *w, int events)
{
    struct supervisor *s = w->data;
    char message[MESSAGE_MAX];
    struct peer peer;

    (void)loop;
    (void)events;
    for (int i = 0; i < MESSAGES_MAX; i++) {
        ssize_t n = os_datagram_receive(w->fd, message, sizeof message, &peer);
        if (n < 0)
            return;
        struct proc *p = find_sender(s, peer.pid);
        struct str rest = {message, (size_t)n}, line;
        while (p && p->spec->notify == NOTIFY_SYSTEMD && str_take_until(&rest, "\n", &line))
            take_assignment(child_of(p), line);
    }
}

int notify_open(struct supervisor *s)
{
    if (s->notify)
        return 0;
    struct notify_socket *n = calloc(1, sizeof *n);
    if (!n)
        return -ENOMEM;
    int r = os_datagrams_open(&n->fd, n->address);
    if (r < 0) {
        free(n);
        return r;
    }
    ev_io_init(&n->readable, on_readable, n->fd, EV_READ);
    n->readable.data = s;
    ev_io_start(s->loop, &n->readable);
    s->notify = n;
    return 0;
}

void notify_close(struct supervisor *s)
{
    if (!s->notify)
        return;
    ev_io_stop(s->loop, &s->notify->readable);
    close(s->notify->fd);
    free(s->notify);
    s->notify = NULL;
}

const char *notify_address(const struct supervisor *s)
{
    return s->notify ? s->notify->address : "";
}
