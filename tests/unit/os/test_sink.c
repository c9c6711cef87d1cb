/* Log sinks: files that rotate, a disk that is full, syslog. */
#include "sinks.h"
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

static void rotates_by_size(void **state)
{
    (void)state;
    struct sinks all = {0};
    struct sink *s = open_sink(&all, (struct sink_plan){.path = "a.log", .maxbytes = 10, .backups = 2}, at(1000));

    assert_int_equal(sink_kind(s), SINK_FILE);
    assert_int_equal(put(s, "123456789", at(1000)), 9);
    check_file("a.log.1", NULL);
    assert_int_equal(put(s, "overshoot", at(1000)), 9);
    check_file("a.log", "");
    check_file("a.log.1", "123456789overshoot");
    put(s, "0123456789", at(1000));
    put(s, "abcdefghij", at(1000));
    put(s, "rest", at(1000));
    check_file("a.log", "rest");
    check_file("a.log.1", "abcdefghij");
    check_file("a.log.2", "0123456789");
    check_file("a.log.3", NULL);
    assert_int_equal(sink_trouble(s), 0);
    sinks_finish(&all);

    /* What a file holds at the start counts. */
    s = open_sink(&all, (struct sink_plan){.path = "a.log", .maxbytes = 10, .backups = 0}, at(1000));
    put(s, "123456", at(1000));
    check_file("a.log", "");
    check_file("a.log.1", "abcdefghij");
    put(s, "x", at(1000));
    check_file("a.log", "x");
    sink_release(&all, s);
    assert_null(all.first);
}

static void an_emptied_file_is_measured_anew(void **state)
{
    (void)state;
    struct sinks all = {0};
    struct sink *s = open_sink(&all, (struct sink_plan){.path = "t.log", .maxbytes = 10, .backups = 1}, at(1000));

    put(s, "12345678", at(1000));
    assert_int_equal(truncate("t.log", 0), 0);
    put(s, "1234", at(1000));
    check_file("t.log", "1234");
    check_file("t.log.1", NULL);
    put(s, "567890", at(1000));
    check_file("t.log.1", "1234567890");
    sinks_finish(&all);
}

static void a_failing_rotation_keeps_the_file(void **state)
{
    (void)state;
    struct sinks all = {0};
    struct sink *s = open_sink(&all, (struct sink_plan){.path = "f.log", .maxbytes = 4, .backups = 1}, at(1000));

    assert_int_equal(mkdir("f.log.1", 0755), 0);
    put(s, "1234", at(1000));
    assert_int_equal(sink_trouble(s), -EISDIR);
    assert_int_equal(sink_trouble(s), 0);
    put(s, "56", at(1000));
    check_file("f.log", "123456");
    rmdir("f.log.1");
    put(s, "78", at(1000));
    check_file("f.log.1", "12345678");
    put(s, "9", at(1000));
    check_file("f.log", "9");
    assert_int_equal(sink_trouble(s), 0);
    sinks_finish(&all);
}

static void shares_one_file(void **state)
{
    (void)state;
    struct sinks all = {0};
    struct sink_plan plan = {.path = "s.log"};
    struct sink *s = open_sink(&all, plan, at(1000));

    assert_ptr_equal(open_sink(&all, plan, at(1000)), s);
    assert_int_equal(symlink("s.log", "link.log"), 0);
    plan.path = "link.log";
    assert_ptr_equal(open_sink(&all, plan, at(1000)), s);
    assert_int_equal(sink_users(s), 3);
    plan.path = "other.log";
    assert_ptr_not_equal(open_sink(&all, plan, at(1000)), s);
    sink_release(&all, s);
    sink_release(&all, s);
    put(s, "still open", at(1000));
    check_file("s.log", "still open");
    plan.path = "no/such/dir.log";
    assert_int_equal(sink_open(&all, &plan, at(1000), &s), -ENOENT);
    plan.path = ".";
    assert_int_equal(sink_open(&all, &plan, at(1000), &s), -EISDIR);
    sink_release(&all, NULL);
    sinks_finish(&all);
}

static void reopens_and_clears(void **state)
{
    (void)state;
    struct sinks all = {0};
    struct sink *s = open_sink(&all, (struct sink_plan){.path = "r.log"}, at(1000));
    char byte;

    put(s, "old", at(1000));
    assert_int_equal(rename("r.log", "moved.log"), 0);
    put(s, "er", at(1000));
    sinks_reopen(&all, at(1000));
    put(s, "new", at(1000));
    check_file("moved.log", "older");
    check_file("r.log", "new");
    int fd = sink_open_for_reading(s);
    assert_int_equal(read(fd, &byte, 1), 1);
    close(fd);
    assert_int_equal(sink_clear(s, at(1000)), 0);
    check_file("r.log", "");
    put(s, "x", at(1000));
    check_file("r.log", "x");
    unlink("r.log");
    assert_int_equal(sink_clear(s, at(1000)), 0);
    check_file("r.log", "");
    sinks_finish(&all);
}

/* 2026-11-24 is a Tuesday. */
enum { TUESDAY_NOON = 1795521600 };

static void rotates_by_day(void **state)
{
    (void)state;
    struct sinks all = {0};
    struct sink_plan plan = {.path = "d.log", .rotate = ROTATE_DAILY, .max_age_ns = 7 * 86400 * NS_PER_S};

    setenv("TZ", "XYZ-2", 1);
    struct sink *s = open_sink(&all, plan, at(TUESDAY_NOON));
    put(s, "tuesday", at(TUESDAY_NOON));
    put(s, "!", at(TUESDAY_NOON + 10 * 3600 - 1)); /* 23:59:59 there */
    check_file("d.log", "tuesday!");
    put(s, "wednesday", at(TUESDAY_NOON + 10 * 3600));
    check_file("d.log.2026-11-24", "tuesday!");
    check_file("d.log", "wednesday");

    /* Two quiet days leave no empty files behind; what is too old goes, what is not the log's stays. */
    struct timespec old[2] = {{.tv_sec = TUESDAY_NOON - 6 * 86400}, {.tv_sec = TUESDAY_NOON - 6 * 86400}};
    close(open("d.log.2026-11-18", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    close(open("d.log.bak", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    utimensat(AT_FDCWD, "d.log.2026-11-18", old, 0);
    utimensat(AT_FDCWD, "d.log.bak", old, 0);
    put(s, "saturday", at(TUESDAY_NOON + 4 * 86400));
    check_file("d.log.2026-11-25", "wednesday");
    check_file("d.log.2026-11-26", NULL);
    check_file("d.log.2026-11-18", NULL);
    check_file("d.log.bak", "");
    assert_int_equal(sink_trouble(s), 0);
    sinks_finish(&all);

    /* At a start the file's own time decides; a name that is taken gets a number. */
    struct timespec monday[2] = {{.tv_sec = TUESDAY_NOON - 86400}, {.tv_sec = TUESDAY_NOON - 86400}};
    close(open("d.log.2026-11-23", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    utimensat(AT_FDCWD, "d.log", monday, 0);
    s = open_sink(&all, plan, at(TUESDAY_NOON));
    check_file("d.log.2026-11-23.1", "saturday");
    check_file("d.log", "");
    sinks_finish(&all);
    unsetenv("TZ");
}

static void rotates_by_hour_and_week(void **state)
{
    (void)state;
    struct sinks all = {0};

    setenv("TZ", "UTC0", 1);
    struct sink *s = open_sink(&all, (struct sink_plan){.path = "h.log", .rotate = ROTATE_HOURLY}, at(TUESDAY_NOON));
    put(s, "noon", at(TUESDAY_NOON + 3599));
    put(s, "one", at(TUESDAY_NOON + 3600));
    check_file("h.log.2026-11-24-12", "noon");
    s = open_sink(&all, (struct sink_plan){.path = "w.log", .rotate = ROTATE_WEEKLY}, at(TUESDAY_NOON));
    put(s, "this week", at(TUESDAY_NOON + 5 * 86400)); /* Sunday */
    put(s, "next week", at(TUESDAY_NOON + 6 * 86400));
    check_file("w.log.2026-11-23", "this week");
    /* A clock put back changes nothing. */
    put(s, "!", at(TUESDAY_NOON));
    check_file("w.log", "next week!");
    sinks_finish(&all);
    unsetenv("TZ");
}

static void a_full_disk_loses_bytes_and_says_it_once(void **state)
{
    (void)state;
    struct sinks all = {0};
    struct sink *s = open_sink(&all, (struct sink_plan){.path = "full.log"}, at(1000));
    struct rlimit old, low;

    getrlimit(RLIMIT_FSIZE, &old);
    low = (struct rlimit){10, old.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &low);
    ssize_t first = put(s, "0123456789ABCDEF", at(1000)), second = put(s, "more", at(1000));
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(first, 16);
    assert_int_equal(second, 4);
    assert_int_equal(sink_dropped(s), 10);
    assert_true(sink_is_losing(s));
    assert_int_equal(sink_trouble(s), -EFBIG);
    assert_int_equal(sink_trouble(s), 0);
    put(s, "again", at(1000));
    assert_false(sink_is_losing(s));
    check_file("full.log", "0123456789again");
    sink_release(&all, s);
    s = open_sink(&all, (struct sink_plan){.path = "/dev/full", .maxbytes = 1, .backups = 3}, at(1000));
    assert_int_equal(sink_kind(s), SINK_STREAM);
    assert_int_equal(put(s, "lost", at(1000)), 4);
    assert_int_equal(sink_trouble(s), -ENOSPC);
    put(s, "lost", at(1000));
    assert_int_equal(sink_trouble(s), 0);
    assert_int_equal(sink_dropped(s), 8);
    sinks_finish(&all);
}

static void syslog_is_optional(void **state)
{
    (void)state;
    struct sinks all = {0};
    struct sink *s = open_sink(&all, (struct sink_plan){.path = SINK_SYSLOG}, at(1000));

    assert_int_equal(sink_kind(s), SINK_LINES);
    assert_int_equal(put(s, "web a\nweb b\n", at(1000)), 12);
    if (sink_dropped(s) > 0) {
        assert_true(sink_trouble(s) < 0);
        put(s, "web c\n", at(1000));
        assert_int_equal(sink_trouble(s), 0);
        assert_int_equal(sink_dropped(s), 18);
    }
    sinks_finish(&all);
}

static void syslog_gets_lines(void **state)
{
    (void)state;
    struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
    struct sinks all = {0};
    char got[256];

    /* A /dev of our own: the machine's /dev/log is not ours to make. */
    int machine = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
    if (unshare(CLONE_NEWNS) < 0)
        skip();
    assert_int_equal(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    assert_int_equal(mount("none", "/dev", "tmpfs", 0, NULL), 0);
    int server = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int bound = bind(server, (struct sockaddr *)&a, sizeof a);
    setenv("TZ", "UTC0", 1);
    struct sink *s = open_sink(&all, (struct sink_plan){.path = SINK_SYSLOG}, at(TUESDAY_NOON));
    struct iovec parts[] = {{"web ", 4}, {"one\n", 4}, {"web ", 4}, {"", 0}, {"two", 3}, {"", 0}};
    ssize_t taken = sink_write(s, parts, 6, at(TUESDAY_NOON));
    assert_int_equal(setns(machine, CLONE_NEWNS), 0);
    assert_int_equal(chdir(dir), 0);
    close(machine);
    assert_int_equal(bound, 0);
    ssize_t n = recv(server, got, sizeof got - 1, MSG_DONTWAIT);
    got[n > 0 ? n : 0] = '\0';
    assert_int_equal(taken, 15);
    assert_string_equal(got, "<14>Nov 24 12:00:00 supervisord: web one");
    n = recv(server, got, sizeof got - 1, MSG_DONTWAIT);
    got[n > 0 ? n : 0] = '\0';
    assert_string_equal(got, "<14>Nov 24 12:00:00 supervisord: web two");
    close(server);
    sinks_finish(&all);
    unsetenv("TZ");
}

static void an_auto_log_stays_private(void **state)
{
    (void)state;
    struct sinks all = {0};
    char path[PATH_MAX];
    struct stat st;

    assert_int_equal(autolog_create(".", "p", "stderr", "id", path), 0);
    struct sink *s = open_sink(&all, (struct sink_plan){.path = path, .maxbytes = 1, .backups = 1}, at(1000));
    put(s, "xx", at(1000));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    sinks_finish(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rotates_by_size),
        cmocka_unit_test(an_emptied_file_is_measured_anew),
        cmocka_unit_test(a_failing_rotation_keeps_the_file),
        cmocka_unit_test(shares_one_file),
        cmocka_unit_test(reopens_and_clears),
        cmocka_unit_test(rotates_by_day),
        cmocka_unit_test(rotates_by_hour_and_week),
        cmocka_unit_test(a_full_disk_loses_bytes_and_says_it_once),
        cmocka_unit_test(syslog_is_optional),
        cmocka_unit_test(syslog_gets_lines),
        cmocka_unit_test(an_auto_log_stays_private),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, enter_dir, leave_dir);
}
