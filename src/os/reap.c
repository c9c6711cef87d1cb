#include "os/reap.h"
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

int os_reap(struct reaped *ret)
{
    int status;

    pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid <= 0)
        return 0;
    *ret = (struct reaped){.pid = pid};
    if (WIFSIGNALED(status)) {
        ret->signalled = true;
        ret->code = WTERMSIG(status);
        ret->core_dumped = WCOREDUMP(status);
    } else
        ret->code = WEXITSTATUS(status);
    return 1;
}

int os_kill(pid_t pid, int signal)
{
    if (pid <= 1)
        return -EINVAL;
    return kill(pid, signal) < 0 ? -errno : 0;
}

int os_kill_group(pid_t group, int signal)
{
    if (group <= 1)
        return -EINVAL;
    return kill(-group, signal) < 0 ? -errno : 0;
}

int os_subreaper(void)
{
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 ? -errno : 0;
}
