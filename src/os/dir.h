/* Reading a directory without allocating: opendir takes 32 KB from the heap. Inside the os floor only. */
#pragma once
#include <stddef.h>

struct dir {
    int fd;
    size_t at, len;
    _Alignas(8) char bytes[4096];
};

/* Opens `path` below the directory `at_fd` (AT_FDCWD). 0 or -errno. */
int dir_open(struct dir *d, int at_fd, const char *path);

/* The next name but `.` and `..`, valid until the next call; NULL at the end. */
const char *dir_next(struct dir *d);

/* Closes it. */
void dir_close(struct dir *d);
