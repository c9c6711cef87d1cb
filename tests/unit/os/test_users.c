/* Lines of files, users and groups, against what libc says; and what /proc says about ourselves. */
#include "../../../src/os/lines.h"
#include "os/procfs.h"
#include "os/spawn.h"
#include "os/users.h"
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static void lines_are_whole_or_left_out(void **state)
{
    (void)state;
    char path[] = "/tmp/lines-XXXXXX";
    struct lines l;

    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");
    fprintf(f, "first\n\n%032000d\n%050000d\nafter\n%070000d\nlast", 1, 2, 3);
    fclose(f);
    assert_int_equal(lines_open(&l, path), 0);
    assert_string_equal(lines_next(&l), "first");
    assert_string_equal(lines_next(&l), "");
    assert_int_equal(strlen(lines_next(&l)), 32000);
    assert_false(l.overlong);
    assert_string_equal(lines_next(&l), "after");
    assert_true(l.overlong);
    assert_string_equal(lines_next(&l), "last");
    assert_null(lines_next(&l));
    assert_null(lines_next(&l));
    lines_close(&l);
    unlink(path);
    assert_int_equal(lines_open(&l, path), -ENOENT);
}

static void users_are_as_libc_says(void **state)
{
    (void)state;
    struct passwd *p;
    struct user u;
    int n = 0;

    for (setpwent(); (p = getpwent()); n++) {
        assert_int_equal(users_by_name(p->pw_name, &u), 0);
        assert_int_equal(u.uid, p->pw_uid);
        assert_int_equal(u.gid, p->pw_gid);
        assert_string_equal(u.home, p->pw_dir);
        assert_string_equal(u.shell, p->pw_shell);
        assert_int_equal(users_by_uid(p->pw_uid, &u), 0);
        assert_int_equal(u.uid, p->pw_uid);
    }
    endpwent();
    assert_true(n > 0);
}

static void users_are_found_by_text(void **state)
{
    (void)state;
    struct user u;

    assert_int_equal(users_from_text("0", &u), 0);
    assert_string_equal(u.name, "root");
    assert_int_equal(users_from_text("root", &u), 0);
    assert_int_equal(users_from_text("4242424", &u), -ENOENT);
    assert_int_equal(users_from_text("-1", &u), -ENOENT);
    assert_int_equal(users_from_text("4294967296", &u), -ENOENT);
    assert_int_equal(users_from_text("nobody at all", &u), -ENOENT);
    assert_int_equal(users_from_text("", &u), -ENOENT);
    assert_string_equal(u.name, "root");
}

static void groups_are_as_libc_says(void **state)
{
    (void)state;
    struct group *g;
    gid_t gid, groups[USER_GROUPS_MAX];
    struct user u = {.name = "nobody here", .gid = 77};

    for (setgrent(); (g = getgrent());) {
        assert_int_equal(users_group(g->gr_name, &gid), 0);
        assert_int_equal(gid, g->gr_gid);
        for (char **m = g->gr_mem; *m; m++) {
            if (users_by_name(*m, &u) < 0)
                continue;
            int n = users_groups(&u, groups, USER_GROUPS_MAX), found = 0;
            for (int i = 0; i < n; i++)
                found += groups[i] == g->gr_gid;
            assert_true(found > 0);
            assert_int_equal(groups[0], u.gid);
        }
    }
    endgrent();
    assert_int_equal(users_group("4242", &gid), 0);
    assert_int_equal(gid, 4242);
    assert_int_equal(users_group("no such group", &gid), -ENOENT);
    u = (struct user){.name = "nobody here", .gid = 77};
    assert_int_equal(users_groups(&u, groups, 1), 1);
    assert_int_equal(groups[0], 77);
}

static void reads_ourselves(void **state)
{
    (void)state;
    struct procfs_stat s;
    int64_t value = 0;
    uint64_t inode = 0;
    struct stat st;

    assert_int_equal(procfs_stat(getpid(), &s), 0);
    assert_int_equal(s.ppid, getppid());
    assert_int_equal(s.group, getpgrp());
    assert_int_equal(s.session, getsid(0));
    assert_int_equal(s.state, 'R');
    assert_true(s.start_ns > 0 && s.resident_bytes > 0);
    assert_int_equal(procfs_anon_bytes(getpid(), &value), 0);
    assert_true(value > 0);
    assert_int_equal(procfs_run_ns(getpid(), &value), 0);
    assert_true(value > 0);
    assert_int_equal(procfs_run_ns(4194305, &value), -ESRCH);
    assert_int_equal(procfs_fds(getpid(), &value), 0);
    assert_true(value >= 3);
    assert_int_equal(procfs_namespace("mnt", &inode), 0);
    assert_int_equal(stat("/proc/self/ns/mnt", &st), 0);
    assert_int_equal(inode, st.st_ino);
    assert_int_equal(procfs_stat(4194305, &s), -ESRCH);
    assert_int_equal(procfs_anon_bytes(4194305, &value), -ESRCH);
}

struct count {
    pid_t child, grandchild;
    int n;
    uint64_t mark;
};

static int count(void *context, const struct procfs_stat *process)
{
    struct count *c = context;

    if (process->pid == c->child)
        assert_int_equal(procfs_mark(process->pid, &c->mark), 0);
    else if (process->ppid == c->child)
        c->grandchild = process->pid;
    c->n++;
    return 0;
}

static int stop_at_once(void *context, const struct procfs_stat *process)
{
    (void)context;
    return process->pid;
}

static void finds_descendants_and_marks(void **state)
{
    (void)state;
    const char *const argv[] = {"/bin/sh", "-c", "sleep 50 & wait", NULL};
    const char *const envp[] = {NULL};
    struct spawn_plan plan = SPAWN_PLAN_NONE;
    struct count c = {0};
    uint64_t mark = 0;

    plan.path = argv[0];
    plan.argv = argv;
    plan.envp = envp;
    plan.own_group = true;
    plan.mark = (UINT64_C(1) << 60) + 7;
    assert_int_equal(os_spawn(&plan, &c.child), 0);
    for (int i = 0; i < 500 && !c.grandchild; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
        c.n = 0;
        assert_int_equal(procfs_each_descendant(getpid(), count, &c), 0);
    }
    assert_int_equal(c.n, 2);
    assert_true(c.mark == plan.mark);
    assert_int_equal(procfs_mark(c.grandchild, &mark), 0);
    assert_true(mark == plan.mark);
    assert_int_equal(procfs_mark(getpid(), &mark), 0);
    assert_true(mark == UINT64_MAX);
    assert_true(procfs_each_descendant(getpid(), stop_at_once, NULL) > 0);
    kill(-c.child, SIGKILL);
    waitpid(c.child, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_whole_or_left_out),
        cmocka_unit_test(users_are_as_libc_says),
        cmocka_unit_test(users_are_found_by_text),
        cmocka_unit_test(groups_are_as_libc_says),
        cmocka_unit_test(reads_ourselves),
        cmocka_unit_test(finds_descendants_and_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
