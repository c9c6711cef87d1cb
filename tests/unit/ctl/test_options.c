/* Command lines of ctl and supervisorctl, and how a line becomes an action and words. */
#include "ctl/options.h"
#include "ctl/theirs.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { WORDS_MAX = 8 };

static struct arena *memory;
static struct options options;
static struct err err;

static int fresh(void **state)
{
    (void)state;
    memory = arena_new(1 << 20);
    memset(&options, 0, sizeof options);
    return memory ? 0 : -1;
}

static int done(void **state)
{
    (void)state;
    arena_free(memory);
    return 0;
}

static int parse(bool theirs, const char *const *words)
{
    static char copies[WORDS_MAX + 1][64];
    char *argv[WORDS_MAX + 2] = {(char[]){"ctl"}};
    int argc = 1;

    for (; *words; words++, argc++) {
        snprintf(copies[argc], sizeof copies[argc], "%s", *words);
        argv[argc] = copies[argc];
    }
    memset(&err, 0, sizeof err);
    return options_parse(memory, argc, argv, theirs, &options, &err);
}

#define PARSE(theirs, ...) parse(theirs, (const char *const[]){__VA_ARGS__, NULL})

static void words_are_joined_behind_the_options(void **state)
{
    (void)state;
    assert_int_equal(PARSE(true, "-c", "f", "tail -100", "x"), 0);
    assert_string_equal(options.config, "f");
    assert_string_equal(options.action, "tail -100 x");
    assert_int_equal(PARSE(true, "-cf", "-i", "--", "-x"), 0);
    assert_true(options.interactive);
    assert_string_equal(options.action, "-x");
    assert_int_equal(PARSE(true, "--conf=f", "--server=unix:///x", "status", "-c"), 0);
    assert_string_equal(options.config, "f");
    assert_string_equal(options.serverurl, "unix:///x");
    assert_string_equal(options.action, "status -c");
    assert_string_equal(options.prompt, "supervisor");
}

static void json_stands_anywhere_but_not_for_supervisorctl(void **state)
{
    (void)state;
    assert_int_equal(PARSE(false, "start", "--json", "x"), 0);
    assert_true(options.json);
    assert_string_equal(options.action, "start x");
    assert_int_equal(PARSE(true, "--json", "status"), -22);
    assert_string_equal(err.text, "option --json not recognized");
    assert_int_equal(PARSE(true, "start", "--json"), 0);
    assert_false(options.json);
}

static void bad_use_has_supervisorctls_words(void **state)
{
    static const struct {
        const char *words[4];
        const char *text;
    } rows[] = {
        {{"-z"}, "option -z not recognized"},
        {{"-c"}, "option -c requires argument"},
        {{"--foo"}, "option --foo not recognized"},
        {{"--help=3"}, "option --help must not have an argument"},
        {{"--h"}, "option --h not a unique prefix"},
        {{"--configuration"}, "option --configuration requires argument"},
        {{"-s", "foo"}, "invalid value for -s 'foo': value 'foo' is not a URL"},
        {{"--s="}, "invalid value for --serverurl '': value '' is not a URL"},
        {{"-s", "unix:///a", "-shttp://b"}, "conflicting command line option '-s'"},
        {{"-i", "-i"}, "conflicting command line option '-i'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(parse(true, rows[i].words), -22);
        assert_string_equal(err.text, rows[i].text);
    }
    assert_int_equal(PARSE(false, "-s", "http://x"), -22);
}

static void lines_are_taken_apart_as_by_cmd(void **state)
{
    static const struct {
        const char *line, *word, *rest;
    } rows[] = {
        {"  start a  b ", "start", "a  b"},
        {"stop-x", "stop", "-x"},
        {"?tail", "help", "tail"},
        {"!x", "", "!x"},
        {"", "", ""},
        {"tail\t-5 x", "tail", "-5 x"},
    };
    const char *word, *rest;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        action_split(memory, rows[i].line, &word, &rest);
        assert_string_equal(word, rows[i].word);
        assert_string_equal(rest, rows[i].rest);
    }
    struct names words = words_split(memory, " a\tg:*  all ");
    assert_int_equal(words.n, 3);
    assert_string_equal(words.v[1], "g:*");
}

static void paths_become_absolute_by_their_text(void **state)
{
    char here[4096];

    (void)state;
    assert_string_equal(path_from_cwd(memory, "/a/./b//c/../d/"), "/a/b/d");
    assert_string_equal(path_from_cwd(memory, "/../.."), "/");
    assert_non_null(getcwd(here, sizeof here));
    assert_string_equal(path_from_cwd(memory, "x/../y"), arena_printf(memory, "%s/y", here));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(words_are_joined_behind_the_options, fresh, done),
        cmocka_unit_test_setup_teardown(json_stands_anywhere_but_not_for_supervisorctl, fresh, done),
        cmocka_unit_test_setup_teardown(bad_use_has_supervisorctls_words, fresh, done),
        cmocka_unit_test_setup_teardown(lines_are_taken_apart_as_by_cmd, fresh, done),
        cmocka_unit_test_setup_teardown(paths_become_absolute_by_their_text, fresh, done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
