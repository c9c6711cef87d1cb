/* The supervisor: everything that lives as long as PID 1 does. libev turns its wheel: watchers post events, one prepare
 * watcher then performs what the fleet wants done (effects.c), and the loop sleeps until the fleet's next deadline. */
#pragma once
#include "base/arena.h"
#include "config/load.h"
#include "core/fleet.h"
#include "init/capture.h"
#include "init/generation.h"
#include "init/outlet.h"
#include "os/clock.h"
#include <ev.h>
#include <stdbool.h>

struct control;
struct mainlog;
struct notify_socket;

struct supervisor {
    struct ev_loop *loop;
    struct config_request request; /* how to load the configuration again */
    struct fleet fleet;
    struct generation *stored; /* what was read last; new groups come from it */
    struct generation *next;   /* what a reload starts with once all is down */
    struct outlets outlets;
    struct capture_pool pool;
    struct arena *scratch; /* what one spawn needs; reset before each */
    struct control *control;
    struct mainlog *mainlog;
    struct notify_socket *notify; /* NULL until a program has notify=systemd */
    char *pidfile;                /* that was written; NULL = none */
    char auto_dir[PATH_MAX];      /* where AUTO logs go; "" = nowhere is writable */
    struct stop_item *stop_items;
    struct proc **sorted; /* every process by (group, name): the order of answers */
    size_t sorted_n;
    bool sorted_stale; /* groups came or went: supervisor_sort before use */
    size_t procs_n;
    struct config_diff diff; /* what the last reread found */

    int signal_fd;
    ev_io signals;
    ev_io clock_jumps;
    ev_prepare effects;
    ev_timer due;
    ev_timer dying; /* `waiting for … to die`, then the wait for orphans and full outlets */
    bool stop_said;
    bool sweeping;        /* all programs are down; what is left is being ended */
    bool sweep_killed;    /* SIGKILL went out */
    int64_t sweep_end_ns; /* when patience with what is left ends; monotonic */

    struct spawn_limit child_nofile; /* the descriptors that children may have: we raise our own limit beyond it */

    bool auto_said;     /* … and that was said */
    bool nofile_raised; /* minfds made us raise it */
    bool worked;        /* effects were performed since the last rest */
    bool rested;        /* there was a rest since the start, so that its memory is given back */
    bool is_pid1;
    bool restarting; /* the stop that is going on is a reload's */
    int exit_code;
    uint64_t reaped_orphans;
    bool cap_kill_said;
    int null_fd;
};

/* What the loop does before it sleeps: performs effects until the fleet has no more, sets the timers. */
void effects_begin(struct supervisor *s);

/* HUP and `reload`: loads the configuration; then stops everything, and starts anew from it (container contract §5:
 * a broken one stops nothing). 0, or -EINVAL with what is wrong. */
int supervisor_reload(struct supervisor *s, struct err *e);

/* Brings `sorted` up to date. */
void supervisor_sort(struct supervisor *s);

/* All programs are down after a reload's stop: takes the stored configuration from the beginning. */
void supervisor_restart(struct supervisor *s);
