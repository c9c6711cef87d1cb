/* The lines that the interactive shell remembers. */
#pragma once
#include <stddef.h>

#define HISTORY_MAX 500

struct history {
    char *lines[HISTORY_MAX]; /* oldest first; owned */
    size_t n;
};

/* Forgets all; the struct can be used again. */
void history_finish(struct history *h);

/* Remembers a copy of `line`, unless it is empty or repeats the last one. The oldest line makes room; without memory
 * the line is not remembered. */
void history_add(struct history *h, const char *line);

/* Adds the lines of `path`. 0, or negative errno: -ENOENT for a file that is not there yet. */
int history_load(struct history *h, const char *path);

/* Writes all lines to `path`, mode 0600. 0 or negative errno. */
int history_save(const struct history *h, const char *path);
