/* Lines of a file through a fixed buffer. Inside the os floor only. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct lines {
    int fd;
    size_t at, len;
    bool skipping;
    bool overlong; /* a line did not fit */
    char bytes[32768];
};

/* Opens a file. 0 or -errno. */
int lines_open(struct lines *l, const char *path);

/* The next line, terminated, without its newline, valid until the next call; NULL at the end. A line longer than the
 * buffer is left out whole, never cut, and noted in `overlong`. */
char *lines_next(struct lines *l);

/* Closes it. */
void lines_close(struct lines *l);
