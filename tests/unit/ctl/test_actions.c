/* Whole calls of ctl: what is printed, and the exit code. */
#include "fake_server.h"

static void status_is_supervisorctls_table(void **state)
{
    (void)state;
    says("status n:* job",
         "n:n_00                           RUNNING   pid 7, uptime 0:00:01\n"
         "n:n_01                           RUNNING   pid 7, uptime 0:00:01\n"
         "job                              EXITED    Not started\n",
         0);
    says("status bad", "bad                              STOPPED   Not started\n", 3);
    says("status x y:* n:n_00",
         "x: ERROR (no such process)\ny: ERROR (no such group)\n"
         "n:n_00                           RUNNING   pid 7, uptime 0:00:01\n",
         4);
}

static void pids(void **state)
{
    (void)state;
    says("pid n:n_00 bad", "7\n0\n", 7);
    says("pid x", "No such process x\n", 1);
}

static void start_waits_for_the_outcome(void **state)
{
    (void)state;
    says("start slow", "slow: started\n", 0);
    says("start slow", "slow: ERROR (already started)\n", 0);
    says("start bad", "bad: ERROR (no such file)\n", 1);
    says("start dies", "dies: ERROR (spawn error)\n", 7);
    says("start odd", "odd: ERROR (abnormal termination)\n", 7);
    says("start x", "x: ERROR (no such process)\n", 1);
    says("start x:*", "x: ERROR (no such group)\n", 2);
    says("start n:*", "", 0);
}

static void a_process_held_back_by_a_dependency_does_not_hang(void **state)
{
    (void)state;
    says("start waits slow", "waits: started\nslow: started\n", 0);
}

static void stop_and_restart(void **state)
{
    (void)state;
    says("stop n:*", "n:n_00: stopped\nn:n_01: stopped\n", 0);
    says("stop bad", "bad: ERROR (not running)\n", 0);
    says("start slow", "slow: started\n", 0);
    says("restart slow", "slow: stopped\nslow: started\n", 0);
}

static void run_returns_the_jobs_code(void **state)
{
    (void)state;
    says("run job", "job: exit status 5\n", 5);
    assert_int_equal(end_call(begin_call(false, "run job n:*")), 2);
}

static void reread_and_remove(void **state)
{
    (void)state;
    says("reread", "n: changed\nnew: available\n", 0);
    says("remove n", "ERROR: process/group still running: n\n", 1);
    says("update nosuch", "ERROR: no such group: nosuch\n", 1);
}

static void refusals_and_wrong_words(void **state)
{
    (void)state;
    says("shutdown", "ERROR (not permitted)\n", 1);
    says("shutdown now",
         "Error: shutdown accepts no arguments\ncslsup ctl shutdown: stop all and end\n"
         "shutdown \tShut the remote supervisord down.\n",
         1);
    says("statsu", "*** Unknown syntax: statsu; did you mean status?\n", 1);
    assert_int_equal(end_call(begin_call(false, "start")), 2);
    assert_int_equal(end_call(begin_call(false, "stop")), 1);
    assert_int_equal(end_call(begin_call(false, "tail")), 1);
}

static void json(void **state)
{
    (void)state;
    says("stop --json n:n_00 bad",
         "{\"ok\":true,\"results\":[{\"name\":\"n_00\",\"group\":\"n\",\"status\":80,\"description\":\"OK\"},"
         "{\"name\":\"bad\",\"group\":\"bad\",\"status\":70,\"description\":\"NOT_RUNNING\"}],\"error\":null}\n",
         0);
    says("start x --json",
         "{\"ok\":false,\"results\":[{\"name\":\"x\",\"group\":\"x\",\"status\":10,\"description\":\"BAD_NAME\"}],"
         "\"error\":{\"code\":\"BAD_NAME\",\"text\":\"x: ERROR (no such process)\"}}\n",
         1);
    says("--json reread",
         "{\"ok\":true,\"results\":[{\"group\":\"n\",\"change\":\"changed\"},"
         "{\"group\":\"new\",\"change\":\"available\"}],\"error\":null}\n",
         0);
    assert_int_equal(end_call(begin_call(false, "status bad --json")), 3);
    assert_true(strncmp(output, "{\"ok\":true,\"results\":[{\"name\":\"bad\"", 34) == 0);
}

static void nobody_there(void **state)
{
    char text[128];

    (void)state;
    stop_server(state);
    snprintf(text, sizeof text, "no cslsup runs from %s\n", config);
    says("start x", text, 7);
    says("status", text, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(status_is_supervisorctls_table, start_server, stop_server),
        cmocka_unit_test_setup_teardown(pids, start_server, stop_server),
        cmocka_unit_test_setup_teardown(start_waits_for_the_outcome, start_server, stop_server),
        cmocka_unit_test_setup_teardown(a_process_held_back_by_a_dependency_does_not_hang, start_server, stop_server),
        cmocka_unit_test_setup_teardown(stop_and_restart, start_server, stop_server),
        cmocka_unit_test_setup_teardown(run_returns_the_jobs_code, start_server, stop_server),
        cmocka_unit_test_setup_teardown(reread_and_remove, start_server, stop_server),
        cmocka_unit_test_setup_teardown(refusals_and_wrong_words, start_server, stop_server),
        cmocka_unit_test_setup_teardown(json, start_server, stop_server),
        cmocka_unit_test_setup(nobody_there, start_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
