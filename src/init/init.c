#include "init/init.h"
#include "base/log.h"
#include "core/wellness.h"
#include "init/child.h"
#include "init/mainlog.h"
#include "init/notify.h"
#include "init/options.h"
#include "init/panic.h"
#include "init/pidfile.h"
#include "init/report.h"
#include "init/say.h"
#include "init/serve.h"
#include "init/shutdown.h"
#include "init/supervisor.h"
#include "init/wheel.h"
#include "os/limits.h"
#include "os/pages.h"
#include "os/pipes.h"
#include "os/reap.h"
#include "os/spawn.h"
#include "os/users.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, SCRATCH_MAX = 16 << 20, FORMATTED_MAX = 8 * CAPTURE_LINE_MAX + CAPTURE_READ_MAX };

extern char **environ;

/* ---- a wrong call or configuration ---- */

static int refuse(const struct config_request *request, const struct err *e)
{
    char line[4096];

    if (request->as_supervisord) {
        fprintf(stderr, "Error: %s\nFor help, use %s -h\n", e->text, request->program);
    } else {
        err_format(e, line, sizeof line);
        fprintf(stderr, "%s\n", line);
    }
    return EXIT_USAGE;
}

/* ---- what the process itself needs, before anything else is opened ---- */

static int raise_limit(int resource, int64_t least, const char *key, struct err *e)
{
    uint64_t ceiling;
    int r = least > 0 ? os_limit_raise(resource, (uint64_t)least, &ceiling) : 0;

    if (r < 0)
        return err_set(e, "%s=%lld: the environment only allows %llu; raise that limit or lower %s", key,
                       (long long)least, (unsigned long long)ceiling, key);
    return r;
}

/* Children may have what supervisord would have left them; we ourselves take all there is, since every program costs us
 * descriptors. */
static void raise_own_nofile(struct supervisor *s)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    s->child_nofile = (struct spawn_limit){RLIMIT_NOFILE, limit.rlim_cur, limit.rlim_max};
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int drop_privileges(const struct daemon *d, struct err *e)
{
    struct user user;

    if (d->uid == UNSET || (uid_t)d->uid == geteuid())
        return 0;
    if (geteuid() != 0)
        return err_set(e, "Can't drop privilege as nonroot user");
    int r = users_by_uid((uid_t)d->uid, &user);
    if (r == 0)
        r = users_become(&user);
    return r < 0 ? err_set(e, "cannot become user %s: %s", d->user, strerror(-r)) : 0;
}

static int prepare_process(struct supervisor *s, struct err *e)
{
    const struct daemon *d = &s->stored->set->daemon;
    int r;

    if ((r = raise_limit(RLIMIT_NOFILE, d->minfds, "minfds", e)) < 0)
        return r;
    s->nofile_raised = r > 0;
    if ((r = raise_limit(RLIMIT_NPROC, d->minprocs, "minprocs", e)) < 0)
        return r;
    raise_own_nofile(s);
    s->is_pid1 = getpid() == 1;
    if (!s->is_pid1)
        os_subreaper();
    if ((r = drop_privileges(d, e)) < 0)
        return r;
    s->null_fd = os_null_open();
    if (s->null_fd < 0)
        return err_set(e, "cannot open /dev/null: %s", strerror(-s->null_fd));
    os_spawn_open(s->null_fd);
    return 0;
}

/* ---- opening everything ---- */

static int open_pool(struct supervisor *s)
{
    s->pool = (struct capture_pool){.outlets = &s->outlets,
                                    .reading = os_pages(CAPTURE_LINE_MAX + CAPTURE_READ_MAX),
                                    .formatted = os_pages(FORMATTED_MAX),
                                    .null_fd = s->null_fd,
                                    .strip_ansi = s->stored->set->daemon.strip_ansi};
    s->scratch = arena_new(SCRATCH_MAX);
    return s->pool.reading && s->pool.formatted && s->scratch ? 0 : -ENOMEM;
}

static void find_auto_dir(struct supervisor *s)
{
    const struct daemon *d = &s->stored->set->daemon;

    if (d->childlogdir[0])
        snprintf(s->auto_dir, sizeof s->auto_dir, "%s", d->childlogdir);
    else if (autolog_directory(s->auto_dir) < 0)
        s->auto_dir[0] = '\0';
    if (s->auto_dir[0] && !d->nocleanup)
        autolog_clean(s->auto_dir, d->identifier, NULL);
}

/* supervisord's word about privileges; in a container of ours root is nothing to warn of. */
static void say_user(const struct daemon *d)
{
    if (d->uid != UNSET)
        log_line(LVL_INFO, "Set uid to user %lld succeeded", (long long)d->uid);
    else if (geteuid() == 0)
        log_line(LVL_CRIT, "Supervisor is running as root.  Privileges were not dropped because no user is specified "
                           "in the config file.  If you intend to run as root, you can set user=root in the config "
                           "file to avoid this message.");
}

static void say_start(struct supervisor *s)
{
    const struct program_set *set = s->stored->set;
    TEXT(text, STOP_TEXT_MAX);

    if (s->request.as_supervisord)
        say_user(&set->daemon);
    for (size_t i = 0; i < set->notices_n; i++)
        log_line((enum log_level)set->notices[i].level, "%s", set->notices[i].text);
    if (s->nofile_raised)
        log_line(LVL_INFO, "Increased RLIMIT_NOFILE limit to %lld", (long long)set->daemon.minfds);
    mainlog_say(LINE_STARTED, &(struct line_facts){.pid = (int)getpid()});
    size_t n = fleet_stop_items(&s->fleet, true);
    if (s->fleet.grace_ns == UNSET && !s->request.as_supervisord && stop_outlives_docker(s->stop_items, n, &text))
        mainlog_say(LINE_OUTLIVES, &(struct line_facts){.text = text.ptr});
    shutdown_say_cut(s, true);
}

/* Every group that can be: one that cannot keeps no other back. The first error is told. */
static int activate_all(struct supervisor *s, struct err *e)
{
    const struct program_set *set = s->stored->set;
    struct err later;
    int first = 0;

    fleet_init(&s->fleet, &set->daemon, (uint64_t)clock_now().wall_ns);
    for (size_t i = 0; i < set->groups_n; i++) {
        int r = group_activate(s, set->groups[i].name, first ? &later : e);
        if (first == 0)
            first = r;
    }
    s->pool.pipes = 2 * s->procs_n;
    return first;
}

static void boot_all(struct supervisor *s)
{
    for (struct fleet_group *g = s->fleet.groups; g; g = g->next)
        fleet_boot(&s->fleet, g);
}

/* The control socket comes first: a second instance of this configuration must not touch the first one's logs. */
static int open_all(struct supervisor *s, struct err *e)
{
    int r;

    if ((r = open_pool(s)) < 0 || (r = wheel_open(s)) < 0)
        return err_set(e, "cannot start: %s", strerror(-r));
    if ((r = control_open(s, &s->control, e)) < 0)
        return r;
    if ((r = mainlog_open(&s->outlets, &s->stored->set->daemon, &s->mainlog, e)) < 0)
        return r;
    find_auto_dir(s);
    return activate_all(s, e);
}

static void close_all(struct supervisor *s)
{
    while (s->fleet.groups)
        group_discard(s, s->fleet.groups);
    notify_close(s);
    log_to(LVL_INFO, NULL, NULL);
    mainlog_close(s->mainlog);
    control_close(s->control);
    wheel_close(s);
    sinks_finish(&s->outlets.sinks);
    generation_release(s->next);
    generation_release(s->stored);
    arena_free(s->diff.arena);
    arena_free(s->scratch);
    os_pages_free(s->pool.reading, CAPTURE_LINE_MAX + CAPTURE_READ_MAX);
    os_pages_free(s->pool.formatted, FORMATTED_MAX);
    free(s->stop_items);
    free(s->sorted);
    close(s->null_fd);
}

/* ---- reload ---- */

int supervisor_reload(struct supervisor *s, struct err *e)
{
    struct generation *g;
    int r = generation_load(s, &g, e);

    if (r < 0)
        return r;
    generation_release(s->next);
    s->next = g;
    s->restarting = true;
    shutdown_begin(s, 0);
    return 0;
}

static void say_error(const struct err *e)
{
    char line[4096];

    err_format(e, line, sizeof line);
    log_line(LVL_ERRO, "%s", line);
}

/* The new generation's own settings; a log that cannot be opened leaves the old one in use. */
static void apply_settings(struct supervisor *s)
{
    const struct daemon *d = &s->stored->set->daemon;
    struct mainlog *old = s->mainlog;
    struct err e = {0};

    if (mainlog_open(&s->outlets, d, &s->mainlog, &e) == 0)
        mainlog_close(old);
    else
        say_error(&e);
    s->pool.strip_ansi = d->strip_ansi;
    find_auto_dir(s);
    pidfile_move(&s->pidfile, d->pidfile);
}

void supervisor_restart(struct supervisor *s)
{
    struct err e = {0};

    while (s->fleet.groups)
        group_discard(s, s->fleet.groups);
    generation_release(s->stored);
    s->stored = s->next;
    s->next = NULL;
    s->restarting = s->stop_said = s->rested = false;
    apply_settings(s);
    if (activate_all(s, &e) < 0)
        say_error(&e);
    say_start(s);
    boot_all(s);
}

/* ---- the life of it ---- */

static bool start(struct supervisor *s, struct err *e)
{
    s->outlets.loop = s->loop;
    if (prepare_process(s, e) < 0 || open_all(s, e) < 0)
        return false;
    pidfile_move(&s->pidfile, s->stored->set->daemon.pidfile);
    effects_begin(s);
    say_start(s);
    boot_all(s);
    return true;
}

static bool would_daemonize(const struct supervisor *s)
{
    return !s->stored->set->daemon.nodaemon && getpid() != 1;
}

static bool load_and_start(struct supervisor *s, struct err *e)
{
    if (generation_load(s, &s->stored, e) < 0)
        return false;
    if (would_daemonize(s)) {
        err_set(e, "going to the background is not in this version; add -n, or nodaemon=true to [supervisord]");
        generation_release(s->stored);
        return false;
    }
    s->loop = panic_prevent() == 0 ? ev_loop_new(EVFLAG_NOENV) : NULL;
    if (!s->loop) {
        err_set(e, "cannot make an event loop: %s", strerror(errno));
        generation_release(s->stored);
        return false;
    }
    return start(s, e);
}

/* Never inlined, like `end`: the large frame of a start would lie below the loop's for good. True when all runs; else
 * all is said, and `*ret_code` is the exit code. */
static __attribute__((noinline)) bool begin(struct supervisor *s, int argc, char **argv, int *ret_code)
{
    static struct init_options options; /* the overrides are asked for at each reload */
    struct err e = {0};

    *ret_code = 0;
    if (init_options_parse(argc, argv, &options, &e) < 0) {
        *ret_code = refuse(&s->request, &e);
        return false;
    }
    if (options.help) {
        init_options_help(argv[0], s->request.as_supervisord);
        return false;
    }
    if (options.version) {
        puts(s->request.as_supervisord ? "4.2.5" : "cslsup " CSLSUP_VERSION);
        return false;
    }
    s->request.file = options.file;
    s->request.overrides = options.overrides;
    s->request.overrides_n = options.overrides_n;
    os_descriptors_tidy();
    if (load_and_start(s, &e))
        return true;
    *ret_code = refuse(&s->request, &e);
    return false;
}

static __attribute__((noinline)) int end(struct supervisor *s)
{
    report_write(s);
    pidfile_move(&s->pidfile, "");
    close_all(s);
    ev_loop_destroy(s->loop);
    return s->exit_code;
}

int init_main(int argc, char **argv, bool as_supervisord)
{
    static struct supervisor s;
    int code;

    s.request = (struct config_request){.as_supervisord = as_supervisord, .program = argv[0], .env = environ};
    if (!begin(&s, argc, argv, &code))
        return code;
    ev_run(s.loop, 0);
    return end(&s);
}
