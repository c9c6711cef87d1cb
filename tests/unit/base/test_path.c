/* Paths as text. */
#include "base/path.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void absolute(void **state)
{
    static const struct {
        const char *path, *want;
    } rows[] = {
        {"a.ini", "/cwd/sub/a.ini"},
        {"/etc//x/./y", "/etc/x/y"},
        {"../a", "/cwd/a"},
        {"../../../a", "/a"},
        {"/..", "/"},
        {"", "/cwd/sub"},
        {"/a/..", "/"},
        {"./a/", "/cwd/sub/a"},
    };
    struct arena *a = arena_new(1 << 16);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(path_absolute(a, "/cwd/sub", rows[i].path), rows[i].want);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(absolute)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
