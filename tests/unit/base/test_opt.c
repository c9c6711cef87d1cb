/* Options out of argv, words left behind. */
#include "base/num.h"
#include "base/opt.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static bool live;
static const char *as;
static int64_t wait_ns;
static const struct opt opts[] = {
    {.name = "--live", .flag = &live},
    {.name = "--as", .text = &as},
    {.name = "--wait", .duration_ns = &wait_ns},
};
static struct err e;

static int take(bool first_word_ends, char **argv)
{
    int argc = 0;

    live = false;
    as = NULL;
    wait_ns = -1;
    while (argv[argc])
        argc++;
    return opt_take(opts, 3, argc, argv, first_word_ends, &e);
}

static void options_and_words(void **state)
{
    char *mixed[] = {"x", "a", "--live", "b", "--wait=2m", "--as", "me", "--", "--live", NULL};
    char *ends[] = {"x", "--as=me", "sh", "--live", "--", NULL};

    (void)state;
    assert_int_equal(take(false, mixed), 4);
    assert_true(live && wait_ns == 120 * NS_PER_S);
    assert_string_equal(as, "me");
    assert_string_equal(mixed[1], "a");
    assert_string_equal(mixed[2], "b");
    assert_string_equal(mixed[3], "--live");
    assert_null(mixed[4]);
    assert_int_equal(take(true, ends), 4);
    assert_false(live);
    assert_string_equal(ends[3], "--");
}

static void wrong_calls_get_words(void **state)
{
    static const struct {
        const char *option, *text;
    } wrong[] = {
        {"--liev", "unknown option '--liev'; did you mean '--live'?"},
        {"--nothing-like-it", "unknown option '--nothing-like-it'; --help lists them"},
        {"--live=yes", "--live takes no value"},
        {"--as", "--as needs a value"},
        {"--wait=soon", "--wait takes seconds, as in '5' or '1m'; this is 'soon'"},
        {"--wait=-1", "--wait takes seconds, as in '5' or '1m'; this is '-1'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char option[64];
        char *argv[] = {"x", option, NULL};

        memcpy(option, wrong[i].option, strlen(wrong[i].option) + 1);
        assert_true(take(false, argv) < 0);
        assert_string_equal(e.text, wrong[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_and_words),
        cmocka_unit_test(wrong_calls_get_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
