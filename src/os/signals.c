#include "os/signals.h"
#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* What is never passed on: faults are our own, and TTIN and TTOU would stop a background process that reads them. */
static const int kept[] = {SIGKILL, SIGSTOP, SIGSEGV, SIGBUS,  SIGFPE,  SIGILL, SIGTRAP,
                           SIGSYS,  SIGABRT, SIGTTIN, SIGTTOU, SIGPIPE, SIGXFSZ};

static void every_signal(sigset_t *set)
{
    sigfillset(set);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        sigdelset(set, kept[i]);
}

int os_signals_open(const int *wanted, int *ret_fd)
{
    sigset_t set;

    if (wanted) {
        sigemptyset(&set);
        for (; *wanted; wanted++)
            if (sigaddset(&set, *wanted) < 0)
                return -errno;
    } else
        every_signal(&set);
    for (int s = 1; s < NSIG; s++)
        if (sigismember(&set, s) == 1)
            signal(s, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        return -errno;
    sigprocmask(SIG_SETMASK, &set, NULL);
    *ret_fd = fd;
    return 0;
}

int os_signals_read(int fd, int *ret_signal)
{
    struct signalfd_siginfo info;

    ssize_t n = read(fd, &info, sizeof info);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    if (n != (ssize_t)sizeof info)
        return -EIO;
    *ret_signal = (int)info.ssi_signo;
    return 1;
}
