#include "os/spawn.h"
#include "os/limits.h"
#include "os/pages.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* From here to os_spawn everything runs in the child, mostly on the memory of its waiting parent: no allocation, no
 * lock, no lasting change of any variable. */

enum { EXIT_NOT_SPAWNED = 127 };

static struct iovec text(const char *s)
{
    return (struct iovec){(char *)(uintptr_t)s, strlen(s)};
}

/* supervisord's words; there is nobody left to tell if they do not arrive. */
static _Noreturn void give_up(const char *what, const char *object, const char *reason)
{
    struct iovec parts[] = {text("supervisor: "), text(what),   text(object),
                            text(": "),           text(reason), text("\nsupervisor: child process was not spawned\n")};

    if (writev(STDERR_FILENO, parts, sizeof parts / sizeof *parts) < 0)
        _exit(EXIT_NOT_SPAWNED);
    _exit(EXIT_NOT_SPAWNED);
}

static const char *why(int error)
{
    const char *name = os_errno_name(error);
    return name ? name : "unknown error";
}

/* Ignored signals stay ignored over exec, handled ones do not; asking which are which costs as much as setting all. */
static void default_signals(void)
{
    sigset_t none;

    for (int s = 1; s < SIGRTMIN; s++)
        signal(s, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A source in the range of the targets would be overwritten before its turn: it moves above them first. */
static void place_fds(const struct spawn_plan *plan)
{
    int from[SPAWN_FDS_MAX], highest = STDERR_FILENO;

    for (size_t i = 0; i < plan->fds_n; i++)
        if (plan->fds[i].target > highest)
            highest = plan->fds[i].target;
    for (size_t i = 0; i < plan->fds_n; i++) {
        from[i] = plan->fds[i].fd;
        if (from[i] <= highest)
            from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, highest + 1);
        if (from[i] < 0)
            give_up("couldn't pass", " descriptors", why(errno));
    }
    for (size_t i = 0; i < plan->fds_n; i++)
        if (dup2(from[i], plan->fds[i].target) < 0)
            give_up("couldn't pass", " descriptors", why(errno));
}

static void set_limits(const struct spawn_plan *plan)
{
    for (size_t i = 0; i < plan->limits_n; i++) {
        const struct spawn_limit *l = &plan->limits[i];
        struct rlimit value = {l->soft, l->hard};
        if (syscall(SYS_prlimit64, 0, l->resource, &value, NULL) < 0) {
            const char *name = os_limit_name(l->resource);
            give_up("couldn't set limit ", name ? name : "?", why(errno));
        }
    }
    struct rlimit mark = {plan->mark, plan->mark};
    if (plan->mark && syscall(SYS_prlimit64, 0, RLIMIT_RTTIME, &mark, NULL) < 0)
        give_up("couldn't set limit ", "RLIMIT_RTTIME", why(errno));
}

static void set_priorities(const struct spawn_plan *plan)
{
    char number[16];

    if (plan->set_nice && setpriority(PRIO_PROCESS, 0, plan->nice) < 0) {
        snprintf(number, sizeof number, "%d", plan->nice);
        give_up("couldn't set nice to ", number, why(errno));
    }
    if (!plan->set_oom_score_adjust)
        return;
    int n = snprintf(number, sizeof number, "%d", plan->oom_score_adjust);
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, number, (size_t)n) < 0)
        give_up("couldn't set oom_score_adjust to ", number, why(errno));
    close(fd);
}

static const char *change_user(const struct spawn_plan *plan)
{
    if (getuid() == plan->uid)
        return NULL;
    if (getuid() != 0)
        return "Can't drop privilege as nonroot user";
    if (setgroups(plan->groups_n, plan->groups) < 0)
        return "Could not set groups of effective user";
    if (setgid(plan->gid) < 0)
        return "Could not set group id of effective user";
    return setuid(plan->uid) < 0 ? why(errno) : NULL;
}

static void set_user(const struct spawn_plan *plan)
{
    char number[16];

    const char *reason = change_user(plan);
    if (!reason)
        return;
    snprintf(number, sizeof number, "%u", plan->uid);
    give_up("couldn't setuid to ", number, reason);
}

static _Noreturn void become(const struct spawn_plan *plan, pid_t parent)
{
    default_signals();
    if (plan->own_group)
        setpgid(0, 0);
    place_fds(plan);
    set_limits(plan);
    set_priorities(plan);
    if (plan->set_user)
        set_user(plan);
    /* After setuid, which clears it; and a parent that died meanwhile sends nothing any more. */
    if (plan->die_with_us && (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent))
        _exit(EXIT_NOT_SPAWNED);
    if (plan->directory && chdir(plan->directory) < 0)
        give_up("couldn't chdir to ", plan->directory, why(errno));
    if (plan->umask >= 0)
        umask((mode_t)plan->umask);
    if (plan->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        give_up("couldn't set", " no_new_privileges", why(errno));
    execve(plan->path, (char *const *)(uintptr_t)plan->argv, (char *const *)(uintptr_t)plan->envp);
    give_up("couldn't exec ", plan->argv[0], why(errno));
}

/* vfork copies no page table and makes no page of ours fault again: most of the cost of a start. We wait until the
 * exec. */
static pid_t start_shared(const struct spawn_plan *plan, pid_t self)
{
    pid_t pid = vfork();
    if (pid == 0)
        become(plan, self);
    return pid;
}

/* ---- with few descriptors ----
 *
 * fork and vfork copy the whole table of descriptors, and the exec closes what is not for the child: with a thousand
 * programs that is more work than all the rest of a start. So the child begins on our own table and takes along a copy
 * of its low part only, where nothing but what it is to get has been put before. */

enum { STAGE_FDS = 4, CHILD_STACK_BYTES = 64 * 1024 };

static struct {
    char *stack; /* NULL = not open */
    int first;   /* STAGE_FDS descriptors from here on are ours; between starts they are the null device */
    int null_fd;
} stage;

struct staged {
    struct spawn_plan plan;
    pid_t parent;
};

static int begin_staged(void *context)
{
    const struct staged *s = context;
    unsigned above = (unsigned)(stage.first + STAGE_FDS);

    /* Before this, whatever it did to a descriptor it would have done to ours. */
    if (syscall(SYS_close_range, above, UINT_MAX, CLOSE_RANGE_UNSHARE) < 0)
        _exit(EXIT_NOT_SPAWNED);
    become(&s->plan, s->parent);
}

static pid_t start_staged(const struct spawn_plan *plan, pid_t self)
{
    struct staged s = {*plan, self};
    const int flags = CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD;
    bool placed = true;

    for (size_t i = 0; i < plan->fds_n; i++) {
        s.plan.fds[i].fd = stage.first + (int)i;
        placed &= dup3(plan->fds[i].fd, s.plan.fds[i].fd, O_CLOEXEC) >= 0;
    }
    pid_t pid = placed ? clone(begin_staged, stage.stack + CHILD_STACK_BYTES, flags, &s) : -1;
    int error = errno;
    for (size_t i = 0; i < plan->fds_n; i++) /* a pipe must not be kept open by us */
        dup3(stage.null_fd, s.plan.fds[i].fd, O_CLOEXEC);
    errno = error;
    return pid;
}

static bool reserve_stage(int null_fd)
{
    int fds[STAGE_FDS], n = 0;

    for (int least = 0; n < STAGE_FDS; least = fds[n++] + 1) {
        fds[n] = fcntl(null_fd, F_DUPFD_CLOEXEC, least);
        if (fds[n] < 0 || fds[n] != fds[0] + n)
            break;
    }
    stage.first = fds[0];
    if (n == STAGE_FDS)
        return true;
    for (; n >= 0; n--)
        if (fds[n] >= 0)
            close(fds[n]);
    return false;
}

/* AddressSanitizer knows one stack only. */
static bool can_unshare(void)
{
#ifdef CSLSUP_SANITIZED
    return false;
#else
    return syscall(SYS_close_range, UINT_MAX, UINT_MAX, CLOSE_RANGE_UNSHARE) == 0;
#endif
}

void os_spawn_open(int null_fd)
{
    if (stage.stack || !can_unshare() || !reserve_stage(null_fd))
        return;
    stage.null_fd = null_fd;
    stage.stack = os_pages(CHILD_STACK_BYTES);
}

/* ---- either way ---- */

/* A child that changes its user must not hold us like that: from its setuid on, any process of that user could stop it,
 * and us with it. And the kernel marks memory that went through a setuid as private to root, ours if it is shared. */
static pid_t start_copied(const struct spawn_plan *plan, pid_t self)
{
    pid_t pid = fork();
    if (pid == 0)
        become(plan, self);
    /* Whoever signals the group next must find it, even if the child has not come to run yet. */
    if (pid > 0 && plan->own_group)
        setpgid(pid, pid);
    return pid;
}

int os_spawn(const struct spawn_plan *plan, pid_t *ret_pid)
{
    sigset_t all, before;

    if (!plan->path || !plan->argv || !plan->argv[0] || !plan->envp || plan->fds_n > SPAWN_FDS_MAX)
        return -EINVAL;
    bool changes_user = plan->set_user && plan->uid != getuid();
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    bool few = stage.stack && plan->fds_n <= STAGE_FDS;
    pid_t self = getpid();
    pid_t pid = changes_user ? start_copied(plan, self) : few ? start_staged(plan, self) : start_shared(plan, self);
    int rc = pid < 0 ? -errno : 0;
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (rc == 0)
        *ret_pid = pid;
    return rc;
}
