#include "init/checks.h"
#include "base/log.h"
#include "base/num.h"
#include "core/check.h"
#include "core/text.h"
#include "init/environ.h"
#include "init/supervisor.h"
#include "os/clock.h"
#include "os/pipes.h"
#include "os/procfs.h"
#include "os/reap.h"
#include "os/spawn.h"
#include <string.h>
#include <unistd.h>

/* A probe that overruns its own timeout by this is killed. */
#define PROBE_SLACK_S 1.0

static void finish(struct child *c, bool passed, const char *reason)
{
    fleet_checked(&c->s->fleet, c->p, passed, reason, clock_now());
}

/* ---- what PID 1 knows itself ---- */

static int64_t last_output_ns(const struct child *c)
{
    int64_t out = c->out.last_output_ns, err = c->err.last_output_ns;

    return out > err ? out : err;
}

/* When the program last gave this sign of life. */
static int64_t last_sign_ns(struct child *c, const struct check *check, int64_t now_ns)
{
    int64_t run_ns;

    switch (check->kind) {
    case CHECK_LOG:
        return last_output_ns(c);
    case CHECK_CPU:
        if (procfs_run_ns(c->p->pid, &run_ns) == 0 && run_ns != c->cpu_ns) {
            c->cpu_ns = run_ns;
            c->cpu_seen_ns = now_ns;
        }
        return c->cpu_seen_ns;
    default:
        return c->watchdog_ns;
    }
}

static bool check_inner(struct child *c, const struct check *check, struct text *reason)
{
    int64_t now_ns = clock_now().mono_ns, last_ns = last_sign_ns(c, check, now_ns);

    if (last_ns < c->p->started.mono_ns)
        last_ns = c->p->started.mono_ns;
    if (now_ns - last_ns <= check->within_ns)
        return true;
    text_printf(reason, "%.*s: none for %lld s", (int)check->text.len, check->text.ptr,
                (long long)((now_ns - last_ns) / NS_PER_S));
    return false;
}

/* ---- the probe ---- */

static void on_deadline(struct ev_loop *loop, ev_timer *w, int events)
{
    struct child *c = w->data;

    (void)loop;
    (void)events;
    c->prober.timed_out = true;
    os_kill_group(c->prober.pid, 9);
}

static void start_deadline(struct child *c)
{
    ev_init(&c->prober.deadline, on_deadline);
    c->prober.deadline.data = c;
    ev_now_update(c->s->loop);
    ev_timer_set(&c->prober.deadline, (double)c->p->spec->health.timeout_ns / 1e9 + PROBE_SLACK_S, 0.);
    ev_timer_start(c->s->loop, &c->prober.deadline);
}

/* `probe --timeout S CHECK…`, as the program's user with its environment where a check is a command of its own. */
static int spawn_probe(struct child *c, const char **argv, bool as_program)
{
    struct arena *a = c->s->scratch;
    struct spawn_plan plan = SPAWN_PLAN_NONE;
    struct err e = {0};
    int theirs, r;

    if ((r = environ_build(a, c, &plan.envp, &e)) < 0)
        return r;
    if ((r = os_pipe_from_child(&c->prober.fd, &theirs)) < 0)
        return r;
    plan.path = "/proc/self/exe";
    plan.argv = argv;
    plan.set_user = as_program && c->account->set;
    plan.uid = c->account->uid;
    plan.gid = c->account->gid;
    plan.groups = c->account->groups;
    plan.groups_n = c->account->groups_n;
    plan.directory = as_program && c->p->spec->directory[0] ? c->p->spec->directory : NULL;
    plan.own_group = plan.die_with_us = true;
    plan.limits = &c->s->child_nofile;
    plan.limits_n = 1;
    plan.fds[0] = (struct spawn_fd){c->s->null_fd, 0};
    plan.fds[1] = (struct spawn_fd){theirs, 1};
    plan.fds[2] = (struct spawn_fd){theirs, 2};
    plan.fds_n = 3;
    r = os_spawn(&plan, &c->prober.pid);
    close(theirs);
    return r;
}

static void close_prober(struct child *c)
{
    ev_timer_stop(c->s->loop, &c->prober.deadline);
    if (c->prober.fd >= 0)
        close(c->prober.fd);
    c->prober = (struct prober){.fd = -1};
}

static void start_probe(struct child *c, const char **argv, bool as_program)
{
    int r = spawn_probe(c, argv, as_program);

    if (r == 0) {
        start_deadline(c);
        return;
    }
    close_prober(c);
    finish(c, false, "the probe cannot be started");
}

static void run_in_scratch(struct child *c)
{
    const struct names *checks = &c->p->spec->health.checks;
    struct arena *a = c->s->scratch;
    bool as_program = false;
    size_t n = 0;
    TEXT(reason, CHECK_REASON_MAX);
    const char **argv = arena_alloc(a, (checks->n + 5) * sizeof *argv);
    argv[n++] = "cslsup";
    argv[n++] = "probe";
    argv[n++] = "--timeout";
    argv[n++] = arena_printf(a, "%g", (double)c->p->spec->health.timeout_ns / 1e9);
    for (size_t i = 0; i < checks->n; i++) {
        struct check check;
        if (check_parse(str_from(checks->v[i]), &check, NULL) < 0)
            continue; /* load has refused it */
        if (!check_is_inner(check.kind)) {
            argv[n++] = checks->v[i];
            as_program |= check.kind == CHECK_EXEC;
        } else if (!check_inner(c, &check, &reason)) {
            finish(c, false, reason.ptr);
            return;
        }
    }
    if (n == 4)
        finish(c, true, "");
    else
        start_probe(c, argv, as_program);
}

void checks_run(struct child *c)
{
    if (c->prober.pid) {
        finish(c, false, "the last check has not ended yet");
        return;
    }
    arena_reset(c->s->scratch);
    if (setjmp(*arena_recovery(c->s->scratch)))
        finish(c, false, "out of memory");
    else
        run_in_scratch(c);
}

/* The last line of what the probe said. */
static void read_reason(int fd, struct text *reason)
{
    char bytes[2048];
    size_t len = 0;
    ssize_t n;

    while (len < sizeof bytes && (n = read(fd, bytes + len, sizeof bytes - len)) > 0)
        len += (size_t)n;
    struct str said = str_trim((struct str){bytes, len});
    for (size_t i = said.len; i > 0; i--) {
        if (said.ptr[i - 1] == '\n') {
            said = (struct str){said.ptr + i, said.len - i};
            break;
        }
    }
    text_printf(reason, "%.*s", (int)said.len, said.ptr ? said.ptr : "");
}

static void take_result(struct child *c, const struct ending *ending)
{
    TEXT(reason, CHECK_REASON_MAX);

    if (c->prober.timed_out)
        text_printf(&reason, "no answer within %g s", (double)c->p->spec->health.timeout_ns / 1e9);
    else
        read_reason(c->prober.fd, &reason);
    close_prober(c);
    finish(c, ending->code == 0, reason.len ? reason.ptr : "the probe was killed");
}

bool checks_reaped(struct supervisor *s, pid_t pid, const struct ending *ending)
{
    for (struct proc *p = fleet_each(&s->fleet, NULL); p; p = fleet_each(&s->fleet, p)) {
        struct child *c = child_of(p);
        if (c->prober.pid == pid) {
            take_result(c, ending);
            return true;
        }
    }
    return false;
}

void checks_cancel(struct child *c)
{
    if (c->prober.pid)
        os_kill_group(c->prober.pid, 9);
    close_prober(c);
}
