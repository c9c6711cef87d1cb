/* The machine as loading sees it. */
#include "config/host.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_into(const char *path, size_t max, struct buf *b)
{
    buf_init(b, max);
    return config_host_system.read_file(NULL, path, b);
}

static void test_regular_file_and_its_limit(void **state)
{
    char path[] = "/tmp/host-XXXXXX";
    int fd = mkstemp(path);
    struct buf b;

    (void)state;
    assert_int_equal(write(fd, "hello", 5), 5);
    close(fd);
    assert_int_equal(read_into(path, 5, &b), 0);
    assert_string_equal(b.ptr, "hello");
    buf_finish(&b);
    assert_int_equal(read_into(path, 4, &b), -EMSGSIZE);
    buf_finish(&b);
    unlink(path);
    assert_int_equal(read_into(path, 5, &b), -ENOENT);
    buf_finish(&b);
    assert_int_equal(read_into("/tmp", 5, &b), -EISDIR);
    buf_finish(&b);
}

static void test_silent_pipe_does_not_hang(void **state)
{
    int ends[2];
    char path[64];
    struct buf b;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
    assert_int_equal(read_into(path, 5, &b), -ETIMEDOUT);
    buf_finish(&b);
    close(ends[0]);
    close(ends[1]);
}

static void test_fifo_without_writer_is_empty(void **state)
{
    char path[] = "/tmp/host-XXXXXX";
    struct buf b;

    (void)state;
    assert_non_null(mkdtemp(path));
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(read_into(path, 5, &b), 0);
    assert_int_equal(b.len, 0);
    buf_finish(&b);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_regular_file_and_its_limit),
        cmocka_unit_test(test_silent_pipe_does_not_hang),
        cmocka_unit_test(test_fifo_without_writer_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
