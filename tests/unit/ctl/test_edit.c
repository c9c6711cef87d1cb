/* The line editor: what keys do to a line, and what is drawn. */
#include "ctl/edit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct history history;
static struct edit edit;

static enum edit_event type(const char *keys)
{
    enum edit_event last = EDIT_MORE;

    for (; *keys; keys++)
        last = edit_feed(&edit, (unsigned char)*keys);
    return last;
}

static int fresh(void **state)
{
    (void)state;
    history_finish(&history);
    edit_init(&edit, &history);
    return 0;
}

/* `|` in the expected text marks the cursor. */
static void expect(const char *line)
{
    char with_cursor[EDIT_MAX + 1];

    snprintf(with_cursor, sizeof with_cursor, "%.*s|%s", (int)edit.cursor, edit.text, edit.text + edit.cursor);
    assert_string_equal(with_cursor, line);
}

static void keys_edit_the_line(void **state)
{
    static const struct {
        const char *keys, *line;
    } rows[] = {
        {"status", "status|"},
        {"stats\x02u", "statu|s"},
        {"abc\x01\033[C\x7f", "|bc"},
        {"abc\033[D\033[D\x04", "a|c"},
        {"abc\033[H\033[3~", "|bc"},
        {"start web\x17", "start |"},
        {"start web\x15", "|"},
        {"start web\x01\x0b\x19\x19", "start webstart web|"},
        {"start web\033b", "start |web"},
        {"start web\x01\033f", "start| web"},
        {"ab\x14", "ba|"},
        {"a\xc3\xbc\x7f", "a|"},
        {"\xc3\xbc"
         "a\033[D\x14",
         "a\xc3\xbc|"},
        {"\xe4\xb8\xad\033[Dx", "x|\xe4\xb8\xad"},
        {"a\033[1;5Db", "b|a"},
        {"a\033[99~b", "ab|"},
        {"a\xc3"
         "b",
         "ab|"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fresh(state);
        type(rows[i].keys);
        expect(rows[i].line);
    }
}

static void events(void **state)
{
    (void)state;
    assert_int_equal(type("x\r"), EDIT_LINE);
    assert_int_equal(type("\t"), EDIT_COMPLETE);
    assert_int_equal(type("\x03"), EDIT_INTERRUPT);
    assert_int_equal(type("\x0c"), EDIT_REDRAW);
    assert_int_equal(type("\x15\x04"), EDIT_EOF);
    assert_int_equal(type("\x7f"), EDIT_BELL);
    assert_int_equal(type("\033[A"), EDIT_BELL);
}

static void history_goes_up_and_back_to_the_draft(void **state)
{
    (void)state;
    history_add(&history, "status");
    history_add(&history, "status");
    history_add(&history, "");
    history_add(&history, "stop a");
    assert_int_equal(history.n, 2);
    edit_init(&edit, &history);
    type("dra\033[A");
    expect("stop a|");
    type("\x10");
    expect("status|");
    assert_int_equal(type("\x10"), EDIT_BELL);
    type("\033[B\033[B");
    expect("dra|");
    assert_int_equal(type("\033[B"), EDIT_BELL);
}

static void a_full_line_beeps_and_loses_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < EDIT_MAX - 1; i++)
        assert_int_equal(type("x"), EDIT_MORE);
    assert_int_equal(type("x"), EDIT_BELL);
    assert_int_equal(type("\xc3\xbc"), EDIT_BELL);
    assert_int_equal(edit.len, EDIT_MAX - 1);
}

static void draws(const char *keys, unsigned columns, const char *bytes)
{
    struct buf out;

    buf_init(&out, 4096);
    type(keys);
    edit_render(&edit, STR("> "), columns, &out);
    assert_string_equal(out.ptr, bytes);
    buf_finish(&out);
}

static void rendering(void **state)
{
    draws("ab\033[D", 80, "\r> ab\033[K\r\033[3C");
    fresh(state);
    draws("0123456789abcdef", 12, "\r> 789abcdef\033[K\r\033[11C");
    draws("\x01", 12, "\r> 012345678\033[K\r\033[2C");
    fresh(state);
    draws("\xe4\xb8\xad\xc3\xbc", 80, "\r> \xe4\xb8\xad\xc3\xbc\033[K\r\033[5C");
}

static void a_file_keeps_it(void **state)
{
    char path[] = "/tmp/cslsup-history-XXXXXX";
    struct history again = {0};

    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    for (int i = 0; i < HISTORY_MAX + 5; i++) {
        char line[32];
        snprintf(line, sizeof line, "status p%d", i);
        history_add(&history, line);
    }
    assert_int_equal(history_save(&history, path), 0);
    assert_int_equal(history_load(&again, path), 0);
    assert_int_equal(again.n, HISTORY_MAX);
    assert_string_equal(again.lines[0], "status p5");
    history_finish(&again);
    unlink(path);
    assert_true(history_load(&again, path) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(keys_edit_the_line, fresh),
        cmocka_unit_test_setup(events, fresh),
        cmocka_unit_test_setup_teardown(history_goes_up_and_back_to_the_draft, fresh, fresh),
        cmocka_unit_test_setup(a_full_line_beeps_and_loses_nothing, fresh),
        cmocka_unit_test_setup(rendering, fresh),
        cmocka_unit_test_setup_teardown(a_file_keeps_it, fresh, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
