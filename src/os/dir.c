#include "dir.h"
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's record of getdents64(2). */
struct entry {
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

int dir_open(struct dir *d, int at_fd, const char *path)
{
    d->at = d->len = 0;
    d->fd = openat(at_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return d->fd < 0 ? -errno : 0;
}

static const struct entry *next_entry(struct dir *d)
{
    if (d->at >= d->len) {
        long n = syscall(SYS_getdents64, d->fd, d->bytes, sizeof d->bytes);
        if (n <= 0)
            return NULL;
        d->at = 0;
        d->len = (size_t)n;
    }
    const struct entry *e = (const struct entry *)(const void *)(d->bytes + d->at);
    d->at += e->length;
    return e;
}

const char *dir_next(struct dir *d)
{
    const struct entry *e;

    while ((e = next_entry(d)))
        if (strcmp(e->name, ".") != 0 && strcmp(e->name, "..") != 0)
            return e->name;
    return NULL;
}

void dir_close(struct dir *d)
{
    close(d->fd);
}
