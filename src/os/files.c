#include "os/files.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { CHUNK = 4096 };

int os_read_file(const char *path, struct buf *to)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), r = 0;

    if (fd < 0)
        return -errno;
    for (;;) {
        char chunk[CHUNK];
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        r = n < 0 ? -errno : buf_add(to, chunk, (size_t)n);
        if (n <= 0 || r < 0)
            break;
    }
    close(fd);
    return r;
}

static int write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t w = write(fd, bytes, n);
        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return -errno;
        bytes += w;
        n -= (size_t)w;
    }
    return 0;
}

int os_write_file(const char *path, const void *bytes, size_t n, unsigned mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode);

    if (fd < 0)
        return -errno;
    int r = write_all(fd, bytes, n);
    close(fd);
    return r;
}
