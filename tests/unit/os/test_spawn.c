/* Starting, finding and reaping processes, on real children. */
#include "os/clock.h"
#include "os/limits.h"
#include "os/pipes.h"
#include "os/reap.h"
#include "os/spawn.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const environment[] = {"A=1", "PATH=/usr/bin:/bin", NULL};

static struct spawn_plan plan_of(const char *const *argv)
{
    struct spawn_plan plan = SPAWN_PLAN_NONE;

    plan.path = argv[0];
    plan.argv = argv;
    plan.envp = environment;
    plan.own_group = true;
    plan.die_with_us = true;
    return plan;
}

static struct reaped wait_one(void)
{
    struct reaped r;

    while (os_reap(&r) == 0)
        poll(NULL, 0, 1);
    return r;
}

/* Runs the plan with 1 and 2 on one pipe, and checks its output and end. */
static void expect(struct spawn_plan plan, const char *output, bool signalled, int code)
{
    static char got[70000];
    int ours, theirs;
    size_t n = 0;
    pid_t pid;

    assert_int_equal(os_pipe_from_child(&ours, &theirs), 0);
    plan.fds[plan.fds_n++] = (struct spawn_fd){theirs, 1};
    plan.fds[plan.fds_n++] = (struct spawn_fd){theirs, 2};
    assert_int_equal(os_spawn(&plan, &pid), 0);
    close(theirs);
    fcntl(ours, F_SETFL, 0);
    for (ssize_t r; (r = read(ours, got + n, sizeof got - 1 - n)) > 0;)
        n += (size_t)r;
    got[n] = '\0';
    close(ours);
    struct reaped end = wait_one();
    assert_string_equal(got, output);
    assert_int_equal(end.pid, pid);
    assert_int_equal(end.signalled, signalled);
    assert_int_equal(end.code, code);
}

static void runs(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/sh", "-c", "echo $A; echo err >&2; exit 3", NULL};
    expect(plan_of(argv), "1\nerr\n", false, 3);
    const char *const killed[] = {"/bin/sh", "-c", "kill -9 $$", NULL};
    expect(plan_of(killed), "", true, SIGKILL);
}

static void speaks_as_supervisord(void **state)
{
    (void)state;
    const char *const missing[] = {"typed", "x", NULL};
    struct spawn_plan plan = plan_of(missing);
    plan.path = "/no/such";
    expect(plan, "supervisor: couldn't exec typed: ENOENT\nsupervisor: child process was not spawned\n", false, 127);

    const char *const sh[] = {"/bin/sh", NULL};
    plan = plan_of(sh);
    plan.directory = "/no/dir";
    expect(plan, "supervisor: couldn't chdir to /no/dir: ENOENT\nsupervisor: child process was not spawned\n", false,
           127);

    plan = plan_of(sh);
    plan.limits = (const struct spawn_limit[]){{RLIMIT_NOFILE, 2, 1}};
    plan.limits_n = 1;
    expect(plan, "supervisor: couldn't set limit RLIMIT_NOFILE: EINVAL\nsupervisor: child process was not spawned\n",
           false, 127);
}

static void gives_clean_signals(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/sh", "-c", "grep -E '^Sig(Blk|Ign)' /proc/self/status", NULL};
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    expect(plan_of(argv), "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n", false, 0);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &term, NULL);
}

static void sets_attributes(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/sh", "-c",
                                "pwd; umask; ulimit -n; nice; cat /proc/self/oom_score_adj; "
                                "grep NoNewPrivs /proc/self/status; ls /proc/$$/fd | tr '\\n' ' '; "
                                "test $(ps -o pgid= $$) = $$ && echo leader",
                                NULL};
    struct spawn_plan plan = plan_of(argv);
    plan.directory = "/usr";
    plan.umask = 027;
    plan.limits = (const struct spawn_limit[]){{RLIMIT_NOFILE, 77, 99}};
    plan.limits_n = 1;
    plan.set_nice = true;
    plan.nice = 5;
    plan.set_oom_score_adjust = true;
    plan.oom_score_adjust = 300;
    plan.no_new_privileges = true;
    int stray = open("/dev/null", O_RDONLY | O_CLOEXEC);
    plan.fds[plan.fds_n++] = (struct spawn_fd){stray, 0};
    expect(plan, "/usr\n0027\n77\n5\n300\nNoNewPrivs:\t1\n0 1 2 leader\n", false, 0);
    close(stray);
}

/* Sources that stand where targets go must survive each other. */
static void swaps_descriptors(void **state)
{
    (void)state;
    char script[64];
    const char *const argv[] = {"/bin/sh", "-c", script, NULL};
    int a[2], b[2];

    assert_int_equal(pipe2(a, O_CLOEXEC), 0);
    assert_int_equal(pipe2(b, O_CLOEXEC), 0);
    assert_int_equal(write(a[1], "a", 1) + write(b[1], "b", 1), 2);
    close(a[1]);
    close(b[1]);
    snprintf(script, sizeof script, "cat /proc/self/fd/%d /proc/self/fd/%d", a[0], b[0]);
    struct spawn_plan plan = plan_of(argv);
    plan.fds[plan.fds_n++] = (struct spawn_fd){b[0], a[0]};
    plan.fds[plan.fds_n++] = (struct spawn_fd){a[0], b[0]};
    expect(plan, "ba", false, 0);
    close(a[0]);
    close(b[0]);
}

static void becomes_user(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/sh", "-c", "id -u; id -g; id -G; echo x >/dev/stdout", NULL};
    struct spawn_plan plan = plan_of(argv);
    gid_t groups[] = {33, 4};
    plan.set_user = true;
    plan.uid = 33;
    plan.gid = 33;
    plan.groups = groups;
    plan.groups_n = 2;
    if (getuid() != 0) {
        expect(plan,
               "supervisor: couldn't setuid to 33: Can't drop privilege as nonroot user\n"
               "supervisor: child process was not spawned\n",
               false, 127);
        return;
    }
    expect(plan, "33\n33\n33 4\nx\n", false, 0);

    /* Neither is our memory marked, nor does a stopped child stop us, nor is its group late. */
    assert_int_equal(prctl(PR_GET_DUMPABLE), 1);
    const char *const sleeper[] = {"/bin/sleep", "100", NULL};
    plan.path = sleeper[0];
    plan.argv = sleeper;
    plan.fds_n = 0;
    pid_t pid;
    assert_int_equal(os_spawn(&plan, &pid), 0);
    assert_int_equal(os_kill_group(pid, SIGSTOP), 0);
    assert_int_equal(os_kill_group(pid, SIGKILL), 0);
    assert_int_equal(wait_one().pid, pid);
}

static void own_user_is_no_change(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/true", NULL};
    struct spawn_plan plan = plan_of(argv);
    plan.set_user = true;
    plan.uid = getuid();
    plan.gid = 12345;
    expect(plan, "", false, 0);
}

static void dies_with_us(void **state)
{
    (void)state;
    int ours, theirs;
    char byte;
    const char *const argv[] = {"/bin/sleep", "100", NULL};

    assert_int_equal(os_pipe_from_child(&ours, &theirs), 0);
    pid_t middle = fork();
    if (middle == 0) {
        struct spawn_plan plan = plan_of(argv);
        plan.fds[plan.fds_n++] = (struct spawn_fd){theirs, 1};
        pid_t pid;
        _exit(os_spawn(&plan, &pid) == 0 ? 0 : 1);
    }
    close(theirs);
    fcntl(ours, F_SETFL, 0);
    assert_int_equal(read(ours, &byte, 1), 0);
    close(ours);
    assert_int_equal(wait_one().pid, middle);
}

static void refuses_bad_plans(void **state)
{
    (void)state;
    pid_t pid = 7;
    const char *const argv[] = {"/bin/true", NULL};
    struct spawn_plan plan = plan_of(argv);
    plan.path = NULL;
    assert_int_equal(os_spawn(&plan, &pid), -EINVAL);
    plan = plan_of(argv);
    plan.fds_n = SPAWN_FDS_MAX + 1;
    assert_int_equal(os_spawn(&plan, &pid), -EINVAL);
    assert_int_equal(pid, 7);
}

static void finds_commands(void **state)
{
    (void)state;
    char path[PATH_MAX], text[FIND_TEXT_MAX];
    char dir[] = "/tmp/find-XXXXXX";

    assert_non_null(mkdtemp(dir));
    assert_int_equal(chdir(dir), 0);
    assert_int_equal(mkdir("a", 0755) + mkdir("a/sh", 0755), 0);
    close(open("plain", O_CREAT | O_WRONLY, 0644));
    assert_int_equal(os_find_command("sh", "/nope:/bin/:/usr/bin", path, text), 0);
    assert_string_equal(path, "/bin/sh");
    assert_int_equal(os_find_command("/bin/sh", NULL, path, text), 0);
    assert_int_equal(os_find_command("/no/x", NULL, path, text), -ENOENT);
    assert_string_equal(text, "can't find command '/no/x'");
    assert_int_equal(os_find_command("it's\n", "/bin", path, text), -ENOENT);
    assert_string_equal(text, "can't find command \"it's\\n\"");
    assert_int_equal(os_find_command("sh", "a:/bin", path, text), -EISDIR);
    assert_string_equal(text, "command at 'a/sh' is a directory");
    assert_int_equal(os_find_command("./plain", NULL, path, text), -ENOEXEC);
    assert_string_equal(text, "command at './plain' is not executable");
    assert_int_equal(os_find_command("plain", "", path, text), -ENOEXEC);
    if (getuid() != 0) {
        chmod("plain", 0001);
        assert_int_equal(os_find_command("./plain", NULL, path, text), -EACCES);
        assert_string_equal(text, "no permission to run command './plain'");
    }
    static char longest[PATH_MAX + 8];
    memset(longest, 'x', PATH_MAX);
    assert_int_equal(os_find_command(longest, "/bin", path, text), -ENOENT);
    unlink("plain");
    rmdir("a/sh");
    rmdir("a");
    assert_int_equal(chdir("/"), 0);
    rmdir(dir);
}

static void kills_nobody_by_accident(void **state)
{
    (void)state;
    for (pid_t pid = -2; pid <= 1; pid++) {
        assert_int_equal(os_kill(pid, 0), -EINVAL);
        assert_int_equal(os_kill_group(pid, 0), -EINVAL);
    }
    assert_int_equal(os_kill(getpid(), 0), 0);
}

static void names_errors(void **state)
{
    (void)state;
    assert_string_equal(os_errno_name(ENOENT), "ENOENT");
    assert_string_equal(os_errno_name(EAGAIN), "EAGAIN");
    assert_null(os_errno_name(0));
    assert_null(os_errno_name(-3));
    assert_null(os_errno_name(9999));
}

static void knows_limits(void **state)
{
    (void)state;
    uint64_t hard = 0;
    assert_int_equal(os_limit_number("nofile"), RLIMIT_NOFILE);
    assert_int_equal(os_limit_number("RLIMIT_STACK"), RLIMIT_STACK);
    assert_int_equal(os_limit_number("nofiles"), -ENOENT);
    assert_string_equal(os_limit_name(RLIMIT_NPROC), "RLIMIT_NPROC");
    assert_int_equal(os_limit_raise(RLIMIT_NOFILE, 10, &hard), 0);
    struct rlimit old, low = {64, 128};
    getrlimit(RLIMIT_NOFILE, &old);
    low.rlim_max = old.rlim_max;
    setrlimit(RLIMIT_NOFILE, &low);
    assert_int_equal(os_limit_raise(RLIMIT_NOFILE, 100, &hard), 1);
    getrlimit(RLIMIT_NOFILE, &low);
    assert_int_equal(low.rlim_cur, 100);
    setrlimit(RLIMIT_NOFILE, &old);
    assert_true(os_limit_raise(RLIMIT_NOFILE, UINT64_MAX - 1, &hard) < 0);
    assert_int_equal(hard, old.rlim_max);
}

/* What the child has is what it was given, however many we have. */
static void passes_no_others(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/ls", "/proc/self/fd", NULL};
    int many[300];
    for (int i = 0; i < 300; i++)
        many[i] = fcntl(0, F_DUPFD_CLOEXEC, 0);
    expect(plan_of(argv), "0\n1\n2\n3\n", false, 0);
    for (int i = 0; i < 300; i++)
        assert_int_equal(close(many[i]), 0);
}

static void nothing_leaks(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/true", NULL};
    int before = dup(0);
    close(before);
    for (int i = 0; i < 50; i++)
        expect(plan_of(argv), "", false, 0);
    int after = dup(0);
    close(after);
    assert_int_equal(before, after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs),
        cmocka_unit_test(speaks_as_supervisord),
        cmocka_unit_test(gives_clean_signals),
        cmocka_unit_test(sets_attributes),
        cmocka_unit_test(swaps_descriptors),
        cmocka_unit_test(becomes_user),
        cmocka_unit_test(own_user_is_no_change),
        cmocka_unit_test(dies_with_us),
        cmocka_unit_test(refuses_bad_plans),
        cmocka_unit_test(finds_commands),
        cmocka_unit_test(kills_nobody_by_accident),
        cmocka_unit_test(names_errors),
        cmocka_unit_test(knows_limits),
        cmocka_unit_test(passes_no_others),
        cmocka_unit_test(nothing_leaks),
    };
    if (os_descriptors_tidy() < 0)
        return 1;
    int failed = cmocka_run_group_tests_name("with a copy of all descriptors", tests, NULL, NULL);
    os_spawn_open(os_null_open());
    return failed + cmocka_run_group_tests_name("with few descriptors", tests, NULL, NULL);
}
