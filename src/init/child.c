#include "init/child.h"
#include "base/log.h"
#include "config/command.h"
#include "config/environment.h"
#include "config/pytext.h"
#include "init/checks.h"
#include "init/environ.h"
#include "init/notify.h"
#include "init/supervisor.h"
#include "os/limits.h"
#include "os/pipes.h"
#include "os/sockets.h"
#include "os/zones.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- at load ---- */

static int find_schedule(struct child *c, struct err *e)
{
    const struct spec *spec = c->p->spec;

    if (!spec_is_job(spec))
        return 0;
    char words[128];
    int r = schedule_parse(spec->schedule, &c->schedule, e);
    if (r < 0)
        return r;
    r = zone_new(spec->schedule_timezone[0] ? spec->schedule_timezone : NULL, &c->zone);
    if (r < 0)
        err_set(e, "%s: schedule_timezone %s: %s", spec->name, spec->schedule_timezone,
                os_error_words(-r, words, sizeof words));
    c->p->schedule = &c->schedule;
    c->p->zone = c->zone;
    return r;
}

int child_open(struct child *c, struct supervisor *s, struct proc *p, struct generation *g, struct err *e)
{
    int r;

    *c = (struct child){.s = s, .p = p, .stdin_fd = -1, .notify_fd = -1, .prober = {.fd = -1}};
    c->out = c->err = CAPTURE_CLOSED;
    p->host = c;
    if (p->spec->notify == NOTIFY_SYSTEMD && (r = notify_open(s)) < 0)
        return err_set(e, "%s: cannot open a notify socket: %s", p->spec->name, strerror(-r));
    r = accounts_find(g, p->spec, &c->account, e);
    return r < 0 ? r : find_schedule(c, e);
}

/* What marks the lines of AUTO logs that went to the container's stdout, as no directory can be written. */
static const char stray_prefix[] = "{name} | ";

static void retarget(struct capture *st, const struct spec *spec)
{
    if (st->format.prefix != stray_prefix)
        st->format.prefix = spec->log_prefix;
    st->format.name = spec->name;
    st->format.group = spec->group;
}

void child_retarget(struct child *c, struct generation *g)
{
    if (accounts_find(g, c->p->spec, &c->account, NULL) < 0)
        return; /* the caller has seen that this cannot be */
    retarget(&c->out, c->p->spec);
    retarget(&c->err, c->p->spec);
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_notify(struct child *c)
{
    ev_io_stop(c->s->loop, &c->notify);
    close_fd(&c->notify_fd);
}

void child_close(struct child *c)
{
    if (!c->s)
        return;
    checks_cancel(c);
    close_notify(c);
    close_fd(&c->stdin_fd);
    capture_close(&c->out);
    capture_close(&c->err);
    zone_free(c->zone);
}

/* ---- at each start ---- */

/* The file of an AUTO log; false where none can be made: then the container's stdout takes its lines (container
 * contract §11, Logs). */
static bool make_auto_file(const struct child *c, const char *channel, char *ret_path)
{
    struct supervisor *s = c->s;
    const char *identifier = s->stored->set->daemon.identifier;

    if (s->auto_dir[0] && autolog_create(s->auto_dir, c->p->spec->name, channel, identifier, ret_path) == 0)
        return true;
    snprintf(ret_path, PATH_MAX, "/dev/stdout");
    if (!s->auto_said)
        log_line(LVL_WARN, "no directory can be written: AUTO logs go to the container's stdout");
    s->auto_said = true;
    return false;
}

static int open_stream(struct child *c, struct capture *st, bool is_stderr)
{
    const struct log_spec *log = is_stderr ? &c->p->spec->err : &c->p->spec->out;
    char path[PATH_MAX] = "";
    bool stray = false;

    if (st->open)
        return 0;
    if (log->target == LOG_TO_AUTO)
        stray = !make_auto_file(c, is_stderr ? "stderr" : "stdout", path);
    int r = capture_open(st, &c->s->pool, c->p->spec, is_stderr, path);
    if (r == 0 && stray && st->format.prefix[0] == '\0')
        st->format.prefix = stray_prefix;
    return r;
}

/* The pipes and logs, which then stay open over restarts. */
static int open_streams(struct child *c, int *ret_out_fd, int *ret_err_fd)
{
    bool redirect = c->p->spec->redirect_stderr;
    int r = open_stream(c, &c->out, false);

    if (r == 0 && !redirect)
        r = open_stream(c, &c->err, true);
    if (r < 0)
        return r;
    *ret_out_fd = capture_begin(&c->out);
    *ret_err_fd = redirect ? *ret_out_fd : capture_begin(&c->err);
    return *ret_out_fd < 0 ? *ret_out_fd : *ret_err_fd < 0 ? *ret_err_fd : 0;
}

struct launch {
    int out_fd, err_fd;
    char **argv;
    const char *const *envp;
    char path[PATH_MAX];
    char text[FIND_TEXT_MAX];
};

static void say_unparsable(const char *command, const struct err *e, char *text, size_t size)
{
    struct buf quoted;

    buf_init(&quoted, FIND_TEXT_MAX);
    py_repr(&quoted, str_from(command));
    snprintf(text, size, "can't parse command %s: %s", quoted.ptr ? quoted.ptr : "''", e->text);
    buf_finish(&quoted);
}

/* What stands between a spec and a process that can be made of it. 0, or the exit code that a shell would give. */
static int prepare_in_scratch(struct child *c, struct launch *l, bool *ret_hopeless)
{
    struct arena *a = c->s->scratch;
    const char *command = c->p->spec->command;
    size_t len = strlen(command);
    struct err e = {0};

    *ret_hopeless = false;
    if (environ_build(a, c, &l->envp, &e) < 0) {
        err_format(&e, l->text, sizeof l->text);
        *ret_hopeless = true;
        return 127;
    }
    l->argv = arena_alloc(a, (len / 2 + 2) * sizeof *l->argv);
    int words = command_split(command, arena_alloc(a, len + 1), len + 1, l->argv, len / 2 + 2, &e);
    if (words < 0) {
        say_unparsable(command, &e, l->text, sizeof l->text);
        return 127;
    }
    if (words == 0) {
        snprintf(l->text, sizeof l->text, "command is empty");
        return 127;
    }
    int r = os_find_command(l->argv[0], environment_get(l->envp, "PATH"), l->path, l->text);
    return r == 0 ? 0 : r == -ENOENT ? 127 : 126;
}

/* What the scratch arena cannot hold is this start's misfortune alone. */
static int prepare(struct child *c, struct launch *l, bool *ret_hopeless)
{
    arena_reset(c->s->scratch);
    if (setjmp(*arena_recovery(c->s->scratch))) {
        snprintf(l->text, sizeof l->text, "out of memory");
        *ret_hopeless = false;
        return 126;
    }
    return prepare_in_scratch(c, l, ret_hopeless);
}

static void on_notify(struct ev_loop *loop, ev_io *w, int events)
{
    struct child *c = w->data;
    char bytes[256];
    ssize_t n = read(c->notify_fd, bytes, sizeof bytes);

    (void)loop;
    (void)events;
    if (n > 0 && memchr(bytes, '\n', (size_t)n))
        fleet_notified(&c->s->fleet, c->p);
    if (n == 0)
        close_notify(c);
}

static int open_pipes(struct child *c, int *ret_stdin, int *ret_notify)
{
    int r = os_pipe_to_child(ret_stdin, &c->stdin_fd);

    c->status[0] = '\0';
    *ret_notify = -1;
    if (r < 0 || c->p->spec->notify != NOTIFY_FD)
        return r;
    r = os_pipe_from_child(&c->notify_fd, ret_notify);
    if (r < 0)
        return r;
    ev_io_init(&c->notify, on_notify, c->notify_fd, EV_READ);
    c->notify.data = c;
    ev_io_start(c->s->loop, &c->notify);
    return 0;
}

static void add_fd(struct spawn_plan *plan, int fd, int target)
{
    plan->fds[plan->fds_n++] = (struct spawn_fd){fd, target};
}

static struct spawn_plan make_plan(const struct child *c, const struct launch *l, int stdin_fd, int notify_fd)
{
    const struct spec *spec = c->p->spec;
    struct spawn_plan plan = SPAWN_PLAN_NONE;

    plan.path = l->path;
    plan.argv = (const char *const *)l->argv;
    plan.envp = l->envp;
    plan.directory = spec->directory[0] ? spec->directory : NULL;
    plan.umask = spec->umask == UNSET ? -1 : spec->umask;
    plan.set_user = c->account->set;
    plan.uid = c->account->uid;
    plan.gid = c->account->gid;
    plan.groups = c->account->groups;
    plan.groups_n = c->account->groups_n;
    plan.own_group = plan.die_with_us = true;
    plan.limits = &c->s->child_nofile;
    plan.limits_n = 1;
    add_fd(&plan, stdin_fd, 0);
    add_fd(&plan, l->out_fd, 1);
    add_fd(&plan, l->err_fd, 2);
    if (notify_fd >= 0)
        add_fd(&plan, notify_fd, spec->notify_fd);
    return plan;
}

static const char *error_name(int error)
{
    const char *name = os_errno_name(error);

    return name ? name : "unknown";
}

/* supervisord's words for what goes wrong before the child is there. */
static void spawn_error(struct child *c, int error, char *text, size_t size)
{
    if (error == -EMFILE || error == -ENFILE)
        snprintf(text, size, "too many open files to spawn '%s'", c->p->spec->name);
    else if (error == -EAGAIN)
        snprintf(text, size, "Too many processes in process table to spawn '%s'", c->p->spec->name);
    else
        snprintf(text, size, "unknown error during fork for '%s': %s", c->p->spec->name, error_name(-error));
}

void child_spawn(struct child *c)
{
    struct launch l = {0};
    int stdin_fd = -1, notify_fd = -1;
    bool hopeless;
    pid_t pid = 0;

    int code = prepare(c, &l, &hopeless);
    close_fd(&c->stdin_fd);
    close_notify(c);
    int r = code == 0 ? open_streams(c, &l.out_fd, &l.err_fd) : 0;
    if (r < 0) {
        snprintf(l.text, sizeof l.text, "unknown error making dispatchers for '%s': %s", c->p->spec->name,
                 error_name(-r));
        code = 126;
    }
    if (code == 0) {
        r = open_pipes(c, &stdin_fd, &notify_fd);
        if (r == 0) {
            struct spawn_plan plan = make_plan(c, &l, stdin_fd, notify_fd);
            r = os_spawn(&plan, &pid);
        }
        if (r < 0) {
            spawn_error(c, r, l.text, sizeof l.text);
            code = 126;
        }
    }
    close_fd(&stdin_fd);
    close_fd(&notify_fd);
    capture_began(&c->out);
    capture_began(&c->err);
    if (code) {
        fleet_spawn_failed(&c->s->fleet, c->p, code, l.text, hopeless);
        return;
    }
    c->out.format.pid = c->err.format.pid = (int)pid;
    fleet_spawned(&c->s->fleet, c->p, (int)pid);
}

void child_reaped(struct child *c)
{
    capture_drain(&c->out);
    capture_drain(&c->err);
    close_fd(&c->stdin_fd);
    close_notify(c);
    checks_cancel(c);
    c->exits++;
}

ssize_t child_write_stdin(struct child *c, const void *bytes, size_t n)
{
    if (c->stdin_fd < 0)
        return -EPIPE;
    ssize_t w = write(c->stdin_fd, bytes, n);
    return w < 0 ? -errno : w;
}

void child_set_status(struct child *c, struct str status)
{
    struct text text;

    text_init(&text, c->status, sizeof c->status);
    text_printf(&text, "%.*s", (int)status.len, status.ptr);
}
