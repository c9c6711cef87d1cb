#include "ctl/history.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void history_finish(struct history *h)
{
    while (h->n)
        free(h->lines[--h->n]);
}

void history_add(struct history *h, const char *line)
{
    if (!*line || (h->n && strcmp(h->lines[h->n - 1], line) == 0))
        return;
    char *copy = strdup(line);
    if (!copy)
        return;
    if (h->n == HISTORY_MAX) {
        free(h->lines[0]);
        memmove(h->lines, h->lines + 1, sizeof *h->lines * (HISTORY_MAX - 1));
        h->n--;
    }
    h->lines[h->n++] = copy;
}

int history_load(struct history *h, const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;

    if (!file)
        return -errno;
    while ((n = getline(&line, &cap, file)) >= 0) {
        if (n && line[n - 1] == '\n')
            line[n - 1] = '\0';
        history_add(h, line);
    }
    int r = ferror(file) ? -EIO : 0;
    free(line);
    fclose(file);
    return r;
}

int history_save(const struct history *h, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0)
        return -errno;
    FILE *file = fdopen(fd, "w");
    if (!file) {
        int r = -errno;
        close(fd);
        return r;
    }
    for (size_t i = 0; i < h->n; i++)
        fprintf(file, "%s\n", h->lines[i]);
    return fclose(file) == 0 ? 0 : -errno;
}
