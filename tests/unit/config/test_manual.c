/* `cslsup help KEY`: what the table of options says about itself. */
#include "config/manual.h"
#include "config/options.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char *manual(struct buf *out, const char *word)
{
    buf_init(out, 1 << 20);
    assert_true(manual_write(word, out));
    assert_false(out->failed);
    return out->ptr;
}

static void one_key(void **state)
{
    struct buf out;

    (void)state;
    const char *text = manual(&out, "startsecs");
    assert_non_null(strstr(text, "startsecs, in [program:x] [eventlistener:x] [fcgi-program:x]\n  "));
    assert_non_null(strstr(text, " (1)\n"));
    buf_finish(&out);
    text = manual(&out, "priority"); /* of programs and of groups */
    assert_non_null(strstr(text, "priority, in [program:x]"));
    assert_non_null(strstr(text, "priority, in [group:x]"));
    buf_finish(&out);
    assert_non_null(strstr(manual(&out, "max_age"), "[not in this version]"));
    buf_finish(&out);
}

static void one_section(void **state)
{
    struct buf out;

    (void)state;
    const char *text = manual(&out, "cslsup");
    assert_int_equal(strncmp(text, "[cslsup]\n  roles_dir ", 21), 0);
    assert_null(strstr(text, "startsecs"));
    buf_finish(&out);
    assert_non_null(strstr(manual(&out, "program_defaults"), "\n  startsecs "));
    buf_finish(&out);
}

static void every_key_is_listed(void **state)
{
    struct buf out;
    const char *text = manual(&out, "keys");

    (void)state;
    for (const struct option *o = option_table; o->key; o++) {
        struct buf line, one;
        buf_init(&line, 4096);
        buf_printf(&line, "\n  %-26s  %s", o->key, o->help);
        if (!strstr(text, line.ptr))
            fail_msg("%s is not in the list", o->key);
        manual(&one, o->key);
        buf_finish(&one);
        buf_finish(&line);
    }
    buf_finish(&out);
}

static void no_such_word(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 4096);
    assert_false(manual_write("startsec", &out));
    assert_int_equal(out.len, 0);
    assert_string_equal(manual_nearest("startsec"), "startsecs");
    assert_null(manual_nearest("xyzzyxyzzy"));
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_key),
        cmocka_unit_test(one_section),
        cmocka_unit_test(every_key_is_listed),
        cmocka_unit_test(no_such_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
