#include "init/wheel.h"
#include "base/log.h"
#include "init/checks.h"
#include "init/child.h"
#include "init/notes.h"
#include "init/say.h"
#include "init/shutdown.h"
#include "os/clock.h"
#include "os/reap.h"
#include "os/signals.h"
#include <signal.h>
#include <unistd.h>

/* ---- dead children ---- */

static struct proc *find_pid(const struct supervisor *s, pid_t pid)
{
    struct proc *p = fleet_each(&s->fleet, NULL);

    while (p && p->pid != pid)
        p = fleet_each(&s->fleet, p);
    return p;
}

/* A master that a stranger killed (kill -9, or the kernel for want of memory) leaves workers that hold its port: the
 * next master could not start. `killasgroup` says that they go together. */
static void end_group(const struct proc *p, const struct reaped *dead)
{
    if (dead->signalled && p->spec->killasgroup && p->state != PROC_STOPPING)
        os_kill_group(dead->pid, SIGKILL);
}

static void take_dead(struct supervisor *s, const struct reaped *dead)
{
    struct ending ending = {.code = dead->signalled ? -1 : dead->code,
                            .signal = dead->signalled ? dead->code : 0,
                            .core_dumped = dead->core_dumped};
    struct proc *p = find_pid(s, dead->pid);

    if (p) {
        end_group(p, dead);
        child_reaped(child_of(p));
        fleet_exited(&s->fleet, p, ending);
    } else if (!checks_reaped(s, dead->pid, &ending)) {
        notes_orphan(s, (int)dead->pid, &ending);
    }
}

static void reap(struct supervisor *s)
{
    struct reaped dead;

    while (os_reap(&dead) == 1)
        take_dead(s, &dead);
    shutdown_check(s);
}

/* ---- signals ---- */

/* A second Ctrl-C kills what is left; a repeated TERM changes nothing (container contract §5). */
static void ask_exit(struct supervisor *s, int signal)
{
    struct line_facts facts = {.signal = signal};

    if (s->fleet.stopping && signal == SIGINT) {
        mainlog_say(LINE_KILLING_ALL, &facts);
        shutdown_hurry(s);
        return;
    }
    mainlog_say(LINE_ASKED_EXIT, &facts);
    s->restarting = false; /* a reload under way becomes an exit */
    shutdown_begin(s, 0);
}

static void ask_restart(struct supervisor *s, int signal)
{
    struct line_facts facts = {.signal = signal};
    struct err e = {0};
    char line[4096];

    if (s->fleet.stopping) {
        mainlog_say(LINE_RESTART_IGNORED, &facts);
        return;
    }
    mainlog_say(LINE_ASKED_RESTART, &facts);
    if (supervisor_reload(s, &e) == 0)
        return;
    err_format(&e, line, sizeof line);
    log_line(LVL_ERRO, "the configuration is broken, everything stays as it is: %s", line);
}

static void ask_reopen(struct supervisor *s, int signal)
{
    mainlog_say(LINE_ASKED_REOPEN, &(struct line_facts){.signal = signal});
    mainlog_say(LINE_REOPENED, &(struct line_facts){0});
    sinks_reopen(&s->outlets.sinks, clock_now());
}

static void take_signal(struct supervisor *s, int signal)
{
    switch (signal) {
    case SIGTERM:
    case SIGINT:
    case SIGQUIT:
        ask_exit(s, signal);
        break;
    case SIGHUP:
        ask_restart(s, signal);
        break;
    case SIGUSR2:
        ask_reopen(s, signal);
        break;
    case SIGCHLD:
        reap(s);
        break;
    default:
        break;
    }
}

static void on_signals(struct ev_loop *loop, ev_io *w, int events)
{
    struct supervisor *s = w->data;
    int signal;

    (void)loop;
    (void)events;
    while (os_signals_read(s->signal_fd, &signal) == 1)
        take_signal(s, signal);
}

/* ---- the wall clock ---- */

static void on_clock_jump(struct ev_loop *loop, ev_io *w, int events)
{
    struct supervisor *s = w->data;

    (void)loop;
    (void)events;
    if (clock_jumped(w->fd))
        fleet_clock_jumped(&s->fleet, clock_now());
}

int wheel_open(struct supervisor *s)
{
    static const int wanted[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR2, SIGCHLD, 0};
    int jumps_fd, r = os_signals_open(wanted, &s->signal_fd);

    if (r < 0)
        return r;
    ev_io_init(&s->signals, on_signals, s->signal_fd, EV_READ);
    s->signals.data = s;
    ev_io_start(s->loop, &s->signals);
    if ((r = clock_watch(&jumps_fd)) < 0)
        return r;
    ev_io_init(&s->clock_jumps, on_clock_jump, jumps_fd, EV_READ);
    s->clock_jumps.data = s;
    ev_io_start(s->loop, &s->clock_jumps);
    return 0;
}

void wheel_close(struct supervisor *s)
{
    ev_io_stop(s->loop, &s->signals);
    ev_io_stop(s->loop, &s->clock_jumps);
    close(s->signal_fd);
    close(s->clock_jumps.fd);
}
