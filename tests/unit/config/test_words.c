/* Expansion, and the splitting of commands, environments and env files. */
#include "config/command.h"
#include "config/envfile.h"
#include "config/expand.h"
#include "config/pairs.h"
#include <cmocka.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct row {
    const char *text, *result; /* of an error: its text behind a `!` */
};

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

static void compare(const struct row *row, const char *result)
{
    if (strcmp(row->result, result) != 0)
        fail_msg("'%s' gives '%s', not '%s'", row->text, result, row->result);
}

static void test_expand(void **state)
{
    static const struct row rows[] = {
        {"plain", "plain"},
        {"100%%", "100%"},
        {"%(name)s", "web"},
        {"%(name)5s|%(name)-5s|", "  web|web  |"},
        {"%(name).2s", "we"},
        {"%(name)r", "'web'"},
        {"%(n)d", "7"},
        {"%(n)02d", "07"},
        {"%(n)+d,% d", "!Format string '%(n)+d,% d' for 'p.c' is badly formatted: a format needs a name, as in "
                       "%(here)s; write %% for a percent sign"},
        {"%(n)+d", "+7"},
        {"%(n)-4d|", "7   |"},
        {"%(n)4d|", "   7|"},
        {"%(n)s", "7"},
        {"%(n)x", "7"},
        {"%(n).3d", "007"},
        {"%(ENV_A)s", "a"},
        {"%(ENV_B)s", "late"},
        {"%(name)d",
         "!Format string '%(name)d' for 'p.c' is badly formatted: %d format: a real number is required, not "
         "str"},
        {"50%", "!Format string '50%' for 'p.c' is badly formatted: incomplete format"},
        {"%(name", "!Format string '%(name' for 'p.c' is badly formatted: incomplete format key"},
        {"%{x}", "!Format string '%{x}' for 'p.c' is badly formatted: unsupported format character '{' (0x7b) at index "
                 "1"},
        {"%(no)s", "!Format string '%(no)s' for 'p.c' contains names ('no') which cannot be expanded. Available names: "
                   "ENV_A, ENV_B, ENV_E, n, name"},
        /* ours */
        {"%(ENV_X:-d)s", "d"},
        {"%(ENV_E:-d)s", "d"},
        {"%(ENV_A:-d)s", "a"},
        {"%(ENV_X:-)s|", "|"},
        {"%(ENV_X:-f(x) %(name)s", "f(x) %(name"},
        {"%(ENV_A:+w)s", "w"},
        {"%(ENV_E:+w)s", ""},
        {"%(ENV_A:?why)s", "a"},
        {"%(ENV_X:?give it)s", "!X is not set: give it"},
        {"%(ENV_X:-d", "!Format string '%(ENV_X:-d' for 'p.c' is badly formatted: incomplete format key"},
    };
    struct env_list early = {(struct env_pair[]){{"A", "a"}, {"B", "b"}, {"E", ""}}, 3};
    struct env_list late = {(struct env_pair[]){{"B", "late"}}, 1};
    struct scope scope = {0};
    struct buf scratch;

    (void)state;
    scope_add(&scope, "name", "web");
    scope_add_number(&scope, "n", 7);
    scope_add_env(&scope, &early);
    scope_add_env(&scope, &late);
    buf_init(&scratch, EXPANDED_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err e = {0};
        const char *text = NULL;
        int r = expand_text(arena, &scratch, &scope, rows[i].text, "p.c", &text, &e);
        compare(&rows[i], r == 0 ? text : arena_printf(arena, "!%s", e.text));
    }
    buf_finish(&scratch);
}

static void test_expand_is_bounded(void **state)
{
    struct scope scope = {0};
    struct buf scratch;
    struct err e = {0};
    const char *text;

    (void)state;
    scope_add_number(&scope, "n", 7);
    buf_init(&scratch, EXPANDED_MAX);
    assert_int_equal(expand_text(arena, &scratch, &scope, "%(n)0999999999d", "c", &text, &e), -EINVAL);
    assert_string_equal(e.text, "c is longer than 1048576 bytes once expanded");
    buf_finish(&scratch);
}

static void test_command(void **state)
{
    static const struct row rows[] = {
        {"", ""},
        {"  \n\t", ""},
        {"a b  c", "[a][b][c]"},
        {"a\nb", "[a][b]"},
        {"'a b' \"c d\"", "[a b][c d]"},
        {"a''b \"\" ''", "[ab][][]"},
        {"a\\ b", "[a b]"},
        {"\"a\\\"b\\\\c\\d\"", "[a\"b\\c\\d]"},
        {"'a\\b'", "[a\\b]"},
        {"a;b # c $X *.c ~", "[a;b][#][c][$X][*.c][~]"},
        {"a 'b", "!No closing quotation"},
        {"a \"b", "!No closing quotation"},
        {"a\\", "!No escaped character"},
        {"\"a\\", "!No escaped character"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n = strlen(rows[i].text);
        char *words = arena_alloc(arena, n + 1), **argv = arena_alloc(arena, (n / 2 + 2) * sizeof *argv);
        const char *joined = "";
        struct err e = {0};
        int count = command_split(rows[i].text, words, n + 1, argv, n / 2 + 2, &e);
        for (int j = 0; j < count; j++)
            joined = arena_printf(arena, "%s[%s]", joined, argv[j]);
        compare(&rows[i], count < 0 ? arena_printf(arena, "!%s", e.text) : joined);
    }
}

static void test_command_in_small_buffers(void **state)
{
    char words[4], *argv[3];

    (void)state;
    assert_int_equal(command_split("ab c", words, sizeof words, argv, 3, NULL), -E2BIG);
    assert_int_equal(command_split("a b c", words, sizeof words, argv, 3, NULL), -E2BIG);
    assert_int_equal(command_split("a b", words, sizeof words, argv, 3, NULL), 2);
    assert_null(argv[2]);
}

/* What supervisord makes of each was looked up there. */
static void test_pairs(void **state)
{
    static const struct row rows[] = {
        {"", ""},
        {"A=1", "A=1|"},
        {"A=\"x,y\",B='z z',", "A=x,y|B=z z|"},
        {"A = 1 , B = 2", "A=1|B=2|"},
        {"A=1,A=2", "A=2|"},
        {"A=1;B=2", "A=1|B=2|"},
        {"A=abc#def,B=2", "A=abc|"},
        {"A=abc#d\nB,C=2", "A=abcB|C=2|"},
        {"A=$HOME", "A=$|"},
        {"A=a b", "A=a|"},
        {"A=\"\"", "A=|"},
        {"A=/x.y+z-(1):2", "A=/x.y+z-(1):2|"},
        {"A=\xc3\xa9,B=2", "A=\xc3\xa9|B=2|"},
        {"A='it\"s'", "A=it\"s|"},
        {"A=", "!Unexpected end of key/value pairs in value 'A='"},
        {"A=x=y", "!Unexpected end of key/value pairs in value 'A=x=y'"},
        {"A=a@b", "!Unexpected end of key/value pairs in value 'A=a@b'"},
        {"A=1 B=2", "!Unexpected end of key/value pairs in value 'A=1 B=2'"},
        {"A=1\nB=2", "!Unexpected end of key/value pairs in value 'A=1\nB=2'"},
        {"ENVIRONMENT", "!Unexpected end of key/value pairs in value 'ENVIRONMENT'"},
        {"A=\"x", "!No closing quotation"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct env_list env = {0};
        struct err e = {0};
        const char *joined = "";
        int r = pairs_parse(arena, rows[i].text, &env, &e);
        for (size_t j = 0; j < env.n; j++)
            joined = arena_printf(arena, "%s%s=%s|", joined, env.v[j].name, env.v[j].value);
        compare(&rows[i], r < 0 ? arena_printf(arena, "!%s", e.text) : joined);
    }
}

static int join(void *context, const char *name, const char *value)
{
    const char **joined = context;

    *joined = arena_printf(arena, "%s%s=%s|", *joined, name, value);
    return 0;
}

static void test_envfile(void **state)
{
    static const struct row rows[] = {
        {"", ""},
        {"# c\n\n  A=1\nexport B=2\r\n", "A=1|B=2|"},
        {"A = x y # c\nB=x#y\n", "A=x y|B=x#y|"},
        {"A='x $Y \\n'\nB=\"x\\n\\$Y\\\"\"\n", "A=x $Y \\n|B=x\n$Y\"|"},
        {"A=\"x\ny\" # c\nB=", "A=x\ny|B=|"},
        {"\xef\xbb\xbf"
         "A=1",
         "A=1|"},
        {"A=$B", "A=$B|"},
        {"A=a=b", "A=a=b|"},
        {"A", "!f:1: no variable; write KEY=value"},
        {"A=1\n=2", "!f:2: no variable; write KEY=value"},
        {"A=1\nB='x\n", "!f:2: No closing quotation"},
        {"A='x'y\n", "!f:1: text behind the closing quote; quote the whole value"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *joined = "";
        struct err e = {0};
        char line[4096] = "!";
        int r = envfile_parse(str_from(rows[i].text), "f", join, &joined, &e);
        err_format(&e, line + 1, sizeof line - 1);
        compare(&rows[i], r < 0 ? line : joined);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_expand), TEST(test_expand_is_bounded), TEST(test_command), TEST(test_command_in_small_buffers),
        TEST(test_pairs),  TEST(test_envfile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
