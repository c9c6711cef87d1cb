/* What the tests of sinks share: a folder of their own, moments, writing and looking. */
#pragma once
#include "base/num.h"
#include "os/sink.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[64];

static inline int enter_dir(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/sink-XXXXXX");
    return mkdtemp(dir) && chmod(dir, 0755) == 0 && chdir(dir) == 0 ? 0 : -1;
}

static inline int leave_dir(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return chdir("/") == 0 ? system(command) : -1;
}

static inline struct moment at(int64_t wall_s)
{
    return (struct moment){.mono_ns = 1, .wall_ns = wall_s * NS_PER_S};
}

static inline ssize_t put(struct sink *s, const char *text, struct moment now)
{
    struct iovec parts[2] = {{(void *)(uintptr_t)text, strlen(text) / 2}, {0}};

    parts[1].iov_base = (char *)parts[0].iov_base + parts[0].iov_len;
    parts[1].iov_len = strlen(text) - parts[0].iov_len;
    return sink_write(s, parts, 2, now);
}

static inline void check_file(const char *path, const char *content)
{
    char got[4096] = "";

    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (!content) {
        assert_int_equal(fd, -1);
        return;
    }
    assert_true(fd >= 0);
    assert_true(read(fd, got, sizeof got - 1) >= 0);
    close(fd);
    assert_string_equal(got, content);
}

static inline struct sink *open_sink(struct sinks *all, struct sink_plan plan, struct moment now)
{
    struct sink *s = NULL;

    assert_int_equal(sink_open(all, &plan, now, &s), 0);
    return s;
}
