/* Starting a process. Everything that needs memory, a lookup or a decision stands in the plan before; from there to the
 * exec there are only system calls. */
#pragma once
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { SPAWN_FDS_MAX = 16 };

/* The child gets `fd` as descriptor `target`. One fd may have several targets. */
struct spawn_fd {
    int fd, target;
};

/* For setrlimit(2); `resource` from os_limit_number. UINT64_MAX = unlimited. */
struct spawn_limit {
    int resource;
    uint64_t soft, hard;
};

/* All pointers are borrowed until os_spawn returns. A plan starts as SPAWN_PLAN_NONE. */
struct spawn_plan {
    const char *path;        /* what to execute, from os_find_command */
    const char *const *argv; /* NULL-terminated; argv[0] as typed */
    const char *const *envp; /* NULL-terminated; the whole environment */
    const char *directory;   /* NULL = ours */
    int64_t umask;           /* negative, UNSET too = ours */
    bool set_user;           /* become uid, gid, groups; nothing happens when uid is our own already */
    uid_t uid;               /* resolved before: os/users.h */
    gid_t gid;               /* primary */
    const gid_t *groups;     /* supplementary, the primary among them */
    size_t groups_n;
    struct spawn_fd fds[SPAWN_FDS_MAX];
    size_t fds_n;     /* targets beyond these are closed in the child, as all is close-on-exec */
    bool own_group;   /* setpgid(0, 0), as supervisord does; else it stays in ours */
    bool die_with_us; /* SIGKILL when PID 1 or the supervisor dies */
    const struct spawn_limit *limits;
    size_t limits_n;
    bool set_nice;
    int nice; /* absolute, -20..19 */
    bool set_oom_score_adjust;
    int oom_score_adjust; /* -1000..1000 */
    bool no_new_privileges;
    uint64_t mark; /* RLIMIT_RTTIME soft and hard, inherited by all descendants; 0 = none (os/procfs.h) */
};

#define SPAWN_PLAN_NONE ((struct spawn_plan){.umask = -1})

/* Starts the process with a clean signal mask and default dispositions, SIGPIPE and SIGXFSZ included. What goes wrong
 * in the child before its exec, it says on its descriptor 2 in supervisord's words (supervisord contract §3:
 * `supervisor: couldn't exec ARGV0: ENOENT`, then `supervisor: child process was not spawned`) and exits 127; that is
 * no error here. The child is in its group when this returns. 0, or -EAGAIN (process table full), -ENOMEM; -EINVAL
 * for a bad plan. */
int os_spawn(const struct spawn_plan *plan, pid_t *ret_pid);

/* For who starts children all its life: from now on a start costs the same however many descriptors are open (with
 * Linux 5.9 or later, and for children that do not change their user; else all stays as it is). Takes four descriptors
 * for good; `null_fd`, the null device, is borrowed for good. Called early, while the low numbers are free. */
void os_spawn_open(int null_fd);

enum { FIND_TEXT_MAX = 2 * PATH_MAX };

/* Which file the first word of a command means, and whether it can be executed, by supervisord's rules (supervisord
 * contract §1): with a `/` itself, else the first existing entry in the list `search`; NULL = our own $PATH, else
 * /bin:/usr/bin:/usr/local/bin. `ret_path` holds PATH_MAX bytes. 0, or one of these with supervisord's sentence in
 * `ret_text` (FIND_TEXT_MAX bytes):
 * -ENOENT `can't find command 'x'` (fault NO_FILE); -EISDIR `command at 'x' is a directory`, -ENOEXEC `command at 'x'
 * is not executable`, -EACCES `no permission to run command 'x'` (fault NOT_EXECUTABLE). */
int os_find_command(const char *word, const char *search, char *ret_path, char *ret_text);

/* `ENOENT`, …; NULL for a number that is no error of this kernel. */
const char *os_errno_name(int error);
