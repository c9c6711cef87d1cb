/* The end of processes: waiting for them, and bringing it about. */
#pragma once
#include <stdbool.h>
#include <sys/types.h>

struct reaped {
    pid_t pid;
    bool signalled; /* code is the signal that ended it; else its exit code, 0..255 */
    int code;
    bool core_dumped;
};

/* Takes one dead child, adopted orphans included, without waiting. 1, or 0 when none is dead (or none is left). Call it
 * until 0: several deaths are one SIGCHLD. */
int os_reap(struct reaped *ret);

/* Signals one process, or a whole process group. 0 or -errno (-ESRCH gone, -EPERM needs CAP_KILL). Pids up to 1 are
 * refused with -EINVAL, so that no slip of ours ever reaches "everybody". */
int os_kill(pid_t pid, int signal);
int os_kill_group(pid_t group, int signal);

/* Orphans below us become our children even when we are not PID 1. 0 or -errno. */
int os_subreaper(void);
