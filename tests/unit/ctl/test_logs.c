/* tail, maintail and logs; and supervisorctl's ways to a server. */
#include "fake_server.h"

static void write_log(const char *mode, const char *text)
{
    FILE *file = fopen(log_path, mode);

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void tail_shows_the_end(void **state)
{
    (void)state;
    write_log("w", "one\ntwo\nthree\n");
    says("tail n:n_00", "one\ntwo\nthree\n\n", 0);
    says("tail -6 n:n_00", "three\n\n", 0);
    says("tail -0 n:n_00 stdout", "one\ntwo\nthree\n\n", 0);
    says("tail --4 n:n_00", "two\nthree\n\n", 0);
    says("maintail -4", "ree\n\n", 0);
    says("tail n:n_00 stderr", "n:n_00: ERROR (no log file)\n", 1);
    says("tail nosuch", "nosuch: ERROR (no such process name)\n", 1);
    says("tail -x n:n_00", "Error: bad argument -x\n", 1);
    says("tail n:n_00 stdin", "Error: bad channel 'stdin'\n", 1);
    says("tail --json -4 n:n_00",
         "{\"ok\":true,\"results\":[{\"name\":\"n:n_00\",\"text\":\"ree\\n\"}],\"error\":null}\n", 0);
    says("tail -f --json n:n_00",
         "{\"ok\":false,\"results\":[],\"error\":{\"code\":\"USAGE\",\"text\":\"Error: -f has no end, and --json "
         "waits for it\"}}\n",
         2);
}

static void logs_shows_lines_with_names(void **state)
{
    (void)state;
    write_log("w", "one\ntwo\nthree");
    says("logs -n 2", "n:n_00 | two\nn:n_00 | three\n", 0);
    says("logs -n1 n:*", "n:n_00 | three\n", 0);
    says("logs -n 0", "", 0);
    says("logs -n 99", "n:n_00 | one\nn:n_00 | two\nn:n_00 | three\n", 0);
    says("logs nosuch", "nosuch: ERROR (no such process)\n", 1);
    says("logs job", "job: ERROR (no log file: what it writes goes to the container's own output)\n", 1);
    says("logs -n x", "Error: -n takes a number of lines\n", 2);
}

/* Until the call has printed this; the call's own alarm ends the wait. */
static void wait_for(const char *text)
{
    output[output_n] = '\0';
    while (!strstr(output, text) && read_output())
        ;
}

/* What is written before, between and after a rotation and a truncation all arrives, in order, once. */
static void follow_survives_rotation_and_truncation(void **state)
{
    char old[80];

    (void)state;
    snprintf(old, sizeof old, "%s.1", log_path);
    write_log("w", "start\n");
    pid_t child = begin_call(false, "tail -f n:n_00");
    wait_for("start\n");
    write_log("a", "before\n");
    wait_for("before\n");
    write_log("a", "last words\n");
    assert_int_equal(rename(log_path, old), 0);
    write_log("w", "after\n");
    wait_for("after\n");
    write_log("w", "x\n");
    wait_for("\nx\n");
    kill(child, SIGINT);
    assert_int_equal(end_call(child), 0);
    unlink(old);
    assert_string_equal(output, "==> Press Ctrl-C to exit <==\nstart\nbefore\nlast words\nafter\n"
                                "==> File truncated <==\nx\n\n");
}

static void logs_follows_whole_lines(void **state)
{
    (void)state;
    write_log("w", "one\n");
    pid_t child = begin_call(false, "logs -f n:*");
    wait_for("one\n");
    write_log("a", "tw");
    usleep(500000); /* it must not be shown by halves */
    write_log("a", "o\nthree\n");
    wait_for("three\n");
    kill(child, SIGINT);
    assert_int_equal(end_call(child), 0);
    assert_string_equal(output, "n:n_00 | one\nn:n_00 | two\nn:n_00 | three\n");
}

static void write_config(const char *text)
{
    FILE *file = fopen(config, "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* supervisorctl finds its own instance whatever the URL, and speaks of the URL when there is none. */
static void supervisorctl_reaches_its_instance_or_names_the_url(void **state)
{
    char line[256], url[64];

    snprintf(config, sizeof config, "/tmp/ctl-test-%d.conf", (int)getpid());
    start_server_at(state);
    snprintf(line, sizeof line, "-c %s pid n:n_00", config);
    write_config("[supervisord]\n[supervisorctl]\nserverurl=unix:///nonexistent/s.sock\n");
    says_as(true, line, "7\n", 0);
    write_config("[supervisord]\n");
    says_as(true, line, "7\n", 0);
    stop_server(state);
    says_as(true, line, "", 2);
    write_config("[supervisorctl]\nserverurl=unix://%(here)s/nosuch/../s-%(ENV_CTL_TEST)s.sock\n");
    setenv("CTL_TEST", "7", 1);
    snprintf(url, sizeof url, "unix:///tmp/s-7.sock no such file\n");
    says_as(true, line, url, 7);
    snprintf(line, sizeof line, "-c %s status", config);
    says_as(true, line, url, 4);
    snprintf(line, sizeof line, "-c %s -s unix:///nonexistent/t.sock shutdown", config);
    says_as(true, line, "ERROR: unix:///nonexistent/t.sock no such file (already shut down?)\n", 1);
    unlink(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tail_shows_the_end, start_server, stop_server),
        cmocka_unit_test_setup_teardown(logs_shows_lines_with_names, start_server, stop_server),
        cmocka_unit_test_setup_teardown(follow_survives_rotation_and_truncation, start_server, stop_server),
        cmocka_unit_test_setup_teardown(logs_follows_whole_lines, start_server, stop_server),
        cmocka_unit_test(supervisorctl_reaches_its_instance_or_names_the_url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
