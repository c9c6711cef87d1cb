/* Pipes, descriptors, signals, clocks, pages. */
#include "os/clock.h"
#include "os/pages.h"
#include "os/pipes.h"
#include "os/procfs.h"
#include "os/reap.h"
#include "os/signals.h"
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void pipes_have_a_side(void **state)
{
    (void)state;
    int ours, theirs;
    struct stat st;

    assert_int_equal(os_pipe_from_child(&ours, &theirs), 0);
    assert_true(fcntl(ours, F_GETFL) & O_NONBLOCK);
    assert_false(fcntl(theirs, F_GETFL) & O_NONBLOCK);
    assert_int_equal(fcntl(ours, F_GETFD) & fcntl(theirs, F_GETFD), FD_CLOEXEC);
    assert_int_equal(fstat(theirs, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0622);
    assert_int_equal(write(theirs, "x", 1), 1);
    char byte;
    assert_int_equal(read(ours, &byte, 1), 1);
    assert_int_equal(read(ours, &byte, 1), -1);
    close(ours);
    close(theirs);

    assert_int_equal(os_pipe_to_child(&theirs, &ours), 0);
    assert_true(fcntl(ours, F_GETFL) & O_NONBLOCK);
    assert_false(fcntl(theirs, F_GETFL) & O_NONBLOCK);
    assert_int_equal(write(ours, "x", 1), 1);
    assert_int_equal(read(theirs, &byte, 1), 1);
    close(ours);
    close(theirs);
}

static void pipes_grow(void **state)
{
    (void)state;
    int ours, theirs;

    size_t few = os_pipe_size(1), many = os_pipe_size(100000);
    assert_in_range(few, 64 * 1024, 1024 * 1024);
    assert_int_equal(many, 64 * 1024);
    assert_int_equal(os_pipe_from_child(&ours, &theirs), 0);
    if (os_pipe_grow(ours, 256 * 1024) == 0)
        assert_int_equal(fcntl(theirs, F_GETPIPE_SZ), 256 * 1024);
    close(ours);
    close(theirs);
}

static void tidies_descriptors(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        int far = dup2(2, 77);
        dup2(2, 3);
        close(0);
        if (os_descriptors_tidy() < 0)
            _exit(1);
        _exit(fcntl(far, F_GETFD) < 0 && fcntl(3, F_GETFD) == FD_CLOEXEC && fcntl(0, F_GETFD) == 0 ? 0 : 2);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void opens_null(void **state)
{
    (void)state;
    char byte;
    int fd = os_null_open();
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(read(fd, &byte, 1), 0);
    assert_int_equal(write(fd, "x", 1), 1);
    close(fd);
}

static void reads_signals(void **state)
{
    (void)state;
    const int wanted[] = {SIGTERM, SIGCHLD, SIGHUP, 0};
    int fd, got = 0;

    signal(SIGHUP, SIG_IGN);
    assert_int_equal(os_signals_open(wanted, &fd), 0);
    assert_int_equal(os_signals_read(fd, &got), 0);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    kill(getpid(), SIGCHLD);
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGHUP);
    const int order[] = {SIGHUP, SIGTERM, SIGCHLD};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(os_signals_read(fd, &got), 1);
        assert_int_equal(got, order[i]);
    }
    assert_int_equal(os_signals_read(fd, &got), 0);
    struct sigaction pipe_action;
    sigaction(SIGPIPE, NULL, &pipe_action);
    assert_ptr_equal(pipe_action.sa_handler, SIG_IGN);
    close(fd);
    assert_int_equal(os_signals_open(NULL, &fd), 0);
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGWINCH);
    assert_int_equal(os_signals_read(fd, &got), 1);
    assert_int_equal(got, SIGUSR1);
    assert_int_equal(os_signals_read(fd, &got), 1);
    assert_int_equal(got, SIGWINCH);
    close(fd);
    const int bad[] = {9999, 0};
    assert_int_equal(os_signals_open(bad, &fd), -EINVAL);
}

static void adopts_orphans(void **state)
{
    (void)state;
    struct reaped r;
    assert_int_equal(os_subreaper(), 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (fork() == 0)
            _exit(7);
        _exit(0);
    }
    int seen = 0, orphan = 0;
    while (seen < 2) {
        if (os_reap(&r) == 0)
            continue;
        seen++;
        orphan += r.pid != pid && !r.signalled && r.code == 7;
    }
    assert_int_equal(orphan, 1);
    assert_int_equal(os_reap(&r), 0);
}

static void dirty_the_stack(void)
{
    volatile char deep[400 * 1024];

    for (size_t i = 0; i < sizeof deep; i += 512)
        deep[i] = 1;
}

static void an_idle_stack_is_given_back(void **state)
{
    (void)state;
    int64_t before, after;
    volatile int own = 42;

    dirty_the_stack();
    assert_int_equal(procfs_anon_bytes(getpid(), &before), 0);
    os_stack_idle();
    assert_int_equal(procfs_anon_bytes(getpid(), &after), 0);
    assert_true(before - after > 200 * 1024);
    assert_int_equal(own, 42);
}

static void clocks_run(void **state)
{
    (void)state;
    struct moment a = clock_now(), b = clock_now();
    assert_true(b.mono_ns >= a.mono_ns);
    assert_true(a.wall_ns > INT64_C(1700000000) * 1000000000);
    assert_int_equal(clock_poll_ms(NEVER_NS), -1);
    assert_int_equal(clock_poll_ms(a.mono_ns), 0);
    assert_in_range(clock_poll_ms(clock_deadline(5000000000)), 4900, 5000);
    assert_true(clock_deadline(NEVER_NS) == NEVER_NS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pipes_have_a_side),
        cmocka_unit_test(pipes_grow),
        cmocka_unit_test(tidies_descriptors),
        cmocka_unit_test(opens_null),
        cmocka_unit_test(reads_signals),
        cmocka_unit_test(adopts_orphans),
        cmocka_unit_test(an_idle_stack_is_given_back),
        cmocka_unit_test(clocks_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
