/* A machine made of a few files in memory, for tests of the config floor. */
#pragma once
#include "config/host.h"
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

struct fake_file {
    const char *path, *text; /* text NULL: a directory */
};

struct fake_host {
    struct fake_file files[32];
    size_t n;
};

static const struct fake_file *fake_find(void *context, const char *path)
{
    const struct fake_host *fake = context;

    for (size_t i = 0; i < fake->n; i++)
        if (strcmp(fake->files[i].path, path) == 0)
            return &fake->files[i];
    return NULL;
}

static int fake_read(void *context, const char *path, struct buf *to)
{
    const struct fake_file *file = fake_find(context, path);

    if (!file)
        return -ENOENT;
    return file->text ? buf_add_text(to, file->text) : -EISDIR;
}

static bool fake_exists(void *context, const char *path)
{
    return fake_find(context, path) != NULL;
}

/* A directory is what was said to be one, or what a file lies in. */
static bool fake_is_dir(void *context, const char *path)
{
    const struct fake_host *fake = context;
    const struct fake_file *file = fake_find(context, path);
    size_t n = strlen(path);

    for (size_t i = 0; i < fake->n && !file; i++)
        if (strncmp(fake->files[i].path, path, n) == 0 && fake->files[i].path[n] == '/')
            return true;
    return file && !file->text;
}

static void fake_glob(void *context, const char *pattern, path_taker *take, void *take_context)
{
    const struct fake_host *fake = context;

    for (const char *last = "", *next; last; last = next) {
        next = NULL;
        for (size_t i = 0; i < fake->n; i++) {
            const char *path = fake->files[i].path;
            if (strcmp(path, last) > 0 && (!next || strcmp(path, next) < 0) &&
                fnmatch(pattern, path, FNM_PATHNAME | FNM_PERIOD) == 0)
                next = path;
        }
        if (next)
            take(take_context, next);
    }
}

static const char *fake_hostname(void *context)
{
    (void)context;
    return "box";
}

static const char *fake_directory(void *context)
{
    (void)context;
    return "/srv";
}

static int64_t fake_uid(void *context)
{
    (void)context;
    return 0;
}

static inline struct config_host fake_host(struct fake_host *fake)
{
    return (struct config_host){.context = fake,
                                .read_file = fake_read,
                                .exists = fake_exists,
                                .is_dir = fake_is_dir,
                                .glob = fake_glob,
                                .hostname = fake_hostname,
                                .directory = fake_directory,
                                .uid = fake_uid};
}

static inline void fake_add(struct fake_host *fake, const char *path, const char *text)
{
    fake->files[fake->n++] = (struct fake_file){path, text};
}
