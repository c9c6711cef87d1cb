/* The one line that is said about bad input. */
#include "base/err.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// clang-format off
#include <cmocka.h>
// clang-format on
#include <string.h>

static void test_parts_that_are_known(void **state)
{
    struct err e = {0};
    char line[256];

    (void)state;
    assert_int_equal(err_set(&e, "bad %s", "thing"), -EINVAL);
    err_format(&e, line, sizeof line);
    assert_string_equal(line, "bad thing");
    err_at(&e, "/x.ini", 0);
    err_format(&e, line, sizeof line);
    assert_string_equal(line, "/x.ini: bad thing");
    err_at(&e, "/x.ini", 7);
    err_format(&e, line, sizeof line);
    assert_string_equal(line, "/x.ini:7: bad thing");
}

static void test_stays_one_line(void **state)
{
    struct err e = {0};
    char line[256];

    (void)state;
    err_set(&e, "value 'a\nb\033[31m'");
    err_format(&e, line, sizeof line);
    assert_string_equal(line, "value 'a b?[31m'");
}

static void test_too_long_says_so(void **state)
{
    struct err e = {0};
    char text[4096];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    err_set(&e, "%s", text);
    assert_int_equal(strlen(e.text), sizeof e.text - 1);
    assert_string_equal(e.text + sizeof e.text - 4, "...");
    assert_int_equal(err_set(NULL, "nobody listens"), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_that_are_known),
        cmocka_unit_test(test_stays_one_line),
        cmocka_unit_test(test_too_long_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
