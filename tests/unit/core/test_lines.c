/* The main log's lines, as supervisord 4.2.5 writes them. */
#include "core/lines.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void every_line(void **state)
{
    static const struct line_facts f = {.name = "web", .text = "TEXT", .pid = 42, .number = 7, .signal = 15};
    static const struct {
        enum line line;
        enum log_level level;
        const char *text;
    } rows[] = {
        {LINE_STARTED, LVL_INFO, "supervisord started with pid 42"},
        {LINE_SPAWNED, LVL_INFO, "spawned: 'web' with pid 42"},
        {LINE_SPAWN_ERROR, LVL_INFO, "spawnerr: TEXT"},
        {LINE_SUCCESS, LVL_INFO,
         "success: web entered RUNNING state, process has stayed up for > than 7 seconds (startsecs)"},
        {LINE_EXITED, LVL_INFO, "exited: web (exit status 0; expected)"},
        {LINE_EXITED_BADLY, LVL_WARN, "exited: web (exit status 0; not expected)"},
        {LINE_GAVE_UP, LVL_INFO, "gave up: web entered FATAL state, too many start retries too quickly"},
        {LINE_STOPPED, LVL_INFO, "stopped: web (exit status 0)"},
        {LINE_STOPPED_BADLY, LVL_WARN, "stopped: web (exit status 0)"},
        {LINE_WAITING_TO_STOP, LVL_INFO, "waiting for web to stop"},
        {LINE_WAITING_TO_DIE, LVL_INFO, "waiting for TEXT to die"},
        {LINE_STOPPING, LVL_DEBG, "killing web (pid 42) with signal SIGTERM"},
        {LINE_SIGNALLING, LVL_DEBG, "sending web (pid 42) sig SIGTERM"},
        {LINE_BACKOFF_STOPPED, LVL_DEBG, "Attempted to kill web, which is in BACKOFF state."},
        {LINE_REAPED, LVL_INFO, "reaped unknown pid 42 (exit status 0)"},
        {LINE_ASKED_EXIT, LVL_WARN, "received SIGTERM indicating exit request"},
        {LINE_ASKED_RESTART, LVL_WARN, "received SIGTERM indicating restart request"},
        {LINE_RESTART_IGNORED, LVL_WARN, "ignored SIGTERM indicating restart request (shutdown in progress)"},
        {LINE_ASKED_REOPEN, LVL_INFO, "received SIGTERM indicating log reopen request"},
        {LINE_REOPENED, LVL_INFO, "supervisord logreopen"},
        {LINE_CHILD_QUIT, LVL_DEBG, "received SIGTERM indicating a child quit"},
        {LINE_SIGNAL_IGNORED, LVL_BLAT, "received SIGTERM indicating nothing"},
        {LINE_WAITING, LVL_INFO, "waiting: web for TEXT"},
        {LINE_GAVE_UP_FOR, LVL_INFO, "gave up: web entered FATAL state, TEXT"},
        {LINE_TIMED_OUT, LVL_WARN, "timeout: web ran longer than run_timeout=7s, stopping it"},
        {LINE_OUTLIVES, LVL_WARN, "TEXT"},
        {LINE_CANNOT_SIGNAL, LVL_ERRO, "cannot signal web (uid 7): add CAP_KILL"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        TEXT(out, 256);
        assert_int_equal(line_text(&out, rows[i].line, &f), rows[i].level);
        assert_string_equal(out.ptr, rows[i].text);
    }
}

static void the_variants(void **state)
{
    struct line_facts f = {.name = "web", .pid = 42, .signal = 9, .exit_signal = 9, .as_group = true};
    TEXT(killing, 256);
    TEXT(stopping, 256);
    TEXT(exited, 256);
    TEXT(dumped, 256);
    TEXT(unnamed, 256);

    (void)state;
    assert_int_equal(line_text(&killing, LINE_KILLING, &f), LVL_WARN);
    assert_string_equal(killing.ptr, "killing 'web' (42) with SIGKILL");
    line_text(&stopping, LINE_STOPPING, &f);
    assert_string_equal(stopping.ptr, "killing web (pid 42) process group with signal SIGKILL");
    line_text(&exited, LINE_EXITED_BADLY, &f);
    assert_string_equal(exited.ptr, "exited: web (terminated by SIGKILL; not expected)");
    f.exit_signal = 11, f.core_dumped = true;
    line_text(&dumped, LINE_EXITED_BADLY, &f);
    assert_string_equal(dumped.ptr, "exited: web (terminated by SIGSEGV (core dumped); not expected)");
    f.exit_signal = 40, f.core_dumped = false;
    line_text(&unnamed, LINE_REAPED, &f);
    assert_string_equal(unnamed.ptr, "reaped unknown pid 42 (terminated by signal 40)");
}

/* No row has a blank that nothing fills, and a name's own braces are left alone. */
static void no_blank_is_left(void **state)
{
    static const struct line_facts f = {.name = "{pid}", .text = "a{b}c"};

    (void)state;
    for (int i = 0; i < LINE_COUNT; i++) {
        static const struct line_facts plain = {.name = "n", .text = "t"};
        TEXT(out, 256);
        line_text(&out, (enum line)i, &plain);
        assert_null(strpbrk(out.ptr, "{}"));
    }
    TEXT(out, 256);
    line_text(&out, LINE_WAITING, &f);
    assert_string_equal(out.ptr, "waiting: {pid} for a{b}c");
    TEXT(small, 16);
    line_text(&small, LINE_GAVE_UP, &f);
    assert_string_equal(small.ptr, "gave up: {pi...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line),
        cmocka_unit_test(the_variants),
        cmocka_unit_test(no_blank_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
