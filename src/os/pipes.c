#include "os/pipes.h"
#include "dir.h"
#include "fds.h"
#include "small.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PIPE_BORN_BYTES = 64 * 1024, PIPE_BEST_BYTES = 1024 * 1024, KEPT_FDS = 5 };

/* `ours` is 0 for the reading end, 1 for the writing one. */
static int open_pipe(int ours, mode_t mode, int ret_ends[2])
{
    if (pipe2(ret_ends, O_CLOEXEC) < 0)
        return -errno;
    fcntl(ret_ends[ours], F_SETFL, O_NONBLOCK);
    fchmod(ret_ends[0], mode);
    return 0;
}

int os_pipe_from_child(int *ret_ours, int *ret_theirs)
{
    int ends[2];

    int rc = open_pipe(0, 0622, ends);
    if (rc < 0)
        return rc;
    *ret_ours = ends[0];
    *ret_theirs = ends[1];
    return 0;
}

int os_pipe_reopen(int ours)
{
    char path[32];

    snprintf(path, sizeof path, "/proc/self/fd/%d", ours);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

size_t os_pipe_filled(int fd)
{
    int n;

    return ioctl(fd, FIONREAD, &n) == 0 && n > 0 ? (size_t)n : 0;
}

int os_pipe_to_child(int *ret_theirs, int *ret_ours)
{
    int ends[2];

    int rc = open_pipe(1, 0644, ends);
    if (rc < 0)
        return rc;
    *ret_theirs = ends[0];
    *ret_ours = ends[1];
    return 0;
}

size_t os_pipe_size(size_t pipes)
{
    uint64_t soft_pages = 0, most = PIPE_BEST_BYTES;

    if (small_number("/proc/sys/fs/pipe-max-size", &most) < 0 || most > PIPE_BEST_BYTES)
        most = PIPE_BEST_BYTES;
    /* Half of what the user has is for everybody else; 0 pages = no bound. */
    if (small_number("/proc/sys/fs/pipe-user-pages-soft", &soft_pages) == 0 && soft_pages > 0 && pipes > 0) {
        uint64_t share = soft_pages * (uint64_t)sysconf(_SC_PAGESIZE) / 2 / pipes;
        most = share < most ? share : most;
    }
    size_t size = PIPE_BORN_BYTES;
    while (size * 2 <= most)
        size *= 2;
    return size;
}

int os_pipe_grow(int fd, size_t bytes)
{
    return fcntl(fd, F_SETPIPE_SZ, (int)bytes) < 0 ? -errno : 0;
}

/* Where close_range(2) is missing or a sandbox forbids it. */
static int close_one_by_one(int first)
{
    struct dir d;
    const char *name;

    int rc = dir_open(&d, AT_FDCWD, "/proc/self/fd");
    if (rc < 0)
        return rc;
    while ((name = dir_next(&d))) {
        long fd = strtol(name, NULL, 10);
        if (fd >= first && fd != d.fd)
            close((int)fd);
    }
    dir_close(&d);
    return 0;
}

static bool inherited[KEPT_FDS] = {true, true, true};

bool fd_is_inherited(int fd)
{
    return fd >= 0 && fd < KEPT_FDS && inherited[fd];
}

int os_descriptors_tidy(void)
{
    int rc = 0;

    if (syscall(SYS_close_range, KEPT_FDS, UINT_MAX, 0) < 0)
        rc = close_one_by_one(KEPT_FDS);
    for (int fd = STDERR_FILENO + 1; fd < KEPT_FDS; fd++)
        inherited[fd] = fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        int null = os_null_open(); /* the lowest free number: this one */
        if (null < 0)
            return null;
        fcntl(null, F_SETFD, 0);
    }
    return rc;
}

int os_null_open(void)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0)
        return fd;
    fd = memfd_create("null", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -errno;
    fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SEAL);
    return fd;
}
