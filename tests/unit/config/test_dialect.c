/* supervisord's INI dialect (supervisord contract §1): text → sections, names, values. */
#include "config/doc.h"
#include <cmocka.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(64 * 1024 * 1024);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static const struct value *value_in(const char *text, const char *section, const char *key)
{
    static struct doc doc;
    struct err e = {0};

    doc = (struct doc){.a = arena};
    if (doc_add(&doc, str_from(text), "f.conf", true, &e) < 0)
        fail_msg("%s in: %s", e.text, text);
    const struct section *s = doc_section(&doc, section);
    return s ? doc_value(&doc, s, key) : NULL;
}

/* The value of key `k` in section `s`. */
static void test_values(void **state)
{
    static const struct {
        const char *text, *value;
    } rows[] = {
        {"[s]\nk=v\n", "v"},
        {"[s]\r\nk=v\r\n", "v"},
        {"[s]\rk=v\r", "v"},
        {"[s]\nk = v", "v"},
        {"[s]\nk:v=w\n", "v=w"},
        {"[s]\nk=v:w\n", "v:w"},
        {"[s]\nK=v\n", "v"},
        {"[s]\nk=\n", ""},
        {"[s]\nk=a\nk=b\n", "b"},
        {"[s]\nk=a\n[t]\n[s]\nk=b\n", "b"},
        /* comments */
        {"[s]\nk=v ; c\n", "v"},
        {"[s]\nk=v # c\n", "v"},
        {"[s]\nk=v\t;c\n", "v"},
        {"[s]\nk=a;b#c\n", "a;b#c"},
        {"[s]\nk=bash -c 'x ; y'\n", "bash -c 'x"},
        {"; c\n# c\n  ; c\n[s] ; c\n;k=x\nk=v\n", "v"},
        {"[s]\nk=a;b ;c #d\n", "a;b ;c"},
        {"[s]\nk=a#b #c ;d\n", "a#b #c"},
        {"[s]\nk=;v\n", ";v"},
        {"[s]\nk= ;v\n", ""},
        {"[s]\nk=a\xc2\xa0;b\n", "a"}, /* a no-break space is a blank, too */
        /* continuations */
        {"[s]\nk=a\n  b\n\tc\n", "a\nb\nc"},
        {"[s]\nk=a\n  b=c\nl=d\n", "a\nb=c"},
        {"[s]\nk=a\n\n  b\n\n\nl=d\n", "a\n\nb"},
        {"[s]\nk=a\n  ; c\n  b ; d\n", "a\nb"},
        {"[s]\nk=\n  a\n", "\na"},
        {"[s]\n  k=a\n  l=b\n", "a"},
        {"[s]\n  k=a\n    b\n", "a\nb"},
        /* headers */
        {"[s] trailing\nk=v\n", "v"},
        {"  [s]\nk=v\n", "v"},
        {"[DEFAULT]\nk=v\n[s]\n", "v"},
        {"[DEFAULT]\nk=w\n[s]\nk=v\n", "v"},
        {"[S]\nk=w\n[s]\nk=v\n", "v"},
        {"[s]\n[a=b\nk=v\n", "v"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct value *v = value_in(rows[i].text, "s", "k");
        if (!v)
            fail_msg("no value in: %s", rows[i].text);
        if (strcmp(v->text, rows[i].value) != 0)
            fail_msg("'%s', not '%s' in: %s", v->text, rows[i].value, rows[i].text);
    }
}

static void test_header_goes_to_the_last_bracket(void **state)
{
    (void)state;
    assert_string_equal(value_in("[a]b]c\nk=v\n", "a]b", "k")->text, "v");
}

static void test_empty_section_exists(void **state)
{
    struct doc doc = {.a = arena};
    struct err e;

    (void)state;
    assert_int_equal(doc_add(&doc, STR("[a]\n[b]\n"), "f", true, &e), 0);
    assert_int_equal(doc.sections.n, 2);
    assert_int_equal(doc_section(&doc, "b")->origin.line, 2);
}

static void test_line_numbers(void **state)
{
    (void)state;
    const struct value *v = value_in("# c\n[s]\n\na=1\n  2\n\nk=v\n", "s", "k");
    assert_int_equal(v->origin.line, 7);
    assert_string_equal(v->origin.file, "f.conf");
}

static void test_program_defaults(void **state)
{
    (void)state;
    assert_string_equal(value_in("[DEFAULT]\nk=0\n[program:x]\n[program_defaults]\nk=1\n", "program:x", "k")->text,
                        "1");
    assert_string_equal(value_in("[DEFAULT]\nk=0\n[group:x]\n[program_defaults]\nk=1\n", "group:x", "k")->text, "0");
}

static void test_errors(void **state)
{
    static const struct {
        const char *text, *message;
        unsigned line;
    } rows[] = {
        {"k=v\n", "File contains no section headers.\nfile: 'f', line: 1\n'k=v\\n'", 1},
        {"\xef\xbb\xbf[s]\n", "File contains no section headers.\nfile: 'f', line: 1\n'\xef\xbb\xbf[s]\\n'", 1},
        {"[s]\njunk\n", "Source contains parsing errors: 'f'\n\t[line  2]: 'junk\\n'", 2},
        {"[s]\na=1\n=x\n[]\nk=v", "Source contains parsing errors: 'f'\n\t[line  3]: '=x\\n'\n\t[line  4]: '[]\\n'", 3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct doc doc = {.a = arena};
        struct err e = {0};
        assert_int_equal(doc_add(&doc, str_from(rows[i].text), "f", true, &e), -EINVAL);
        assert_string_equal(e.text, rows[i].message);
        assert_int_equal(e.line, rows[i].line);
    }
}

static void test_nothing_is_cut(void **state)
{
    static const size_t sizes[] = {48, 49, 50, 189, 190, 191, 197, 198, 199, 200, 255, 4096, 65536};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *name = arena_alloc(arena, sizes[i] + 1);
        memset(name, 'n', sizes[i]);
        const char *text = arena_printf(arena, "[%s]\n%s=%s\n", name, name, name);
        const struct value *v = value_in(text, name, name);
        assert_non_null(v);
        assert_string_equal(v->text, name);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_values),
        TEST(test_header_goes_to_the_last_bracket),
        TEST(test_empty_section_exists),
        TEST(test_line_numbers),
        TEST(test_program_defaults),
        TEST(test_errors),
        TEST(test_nothing_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
