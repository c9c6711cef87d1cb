/* Log sinks: files that rotate, streams that never block, syslog, AUTO names. */
#include "../../../src/os/stream.h"
#include "base/num.h"
#include "os/clock.h"
#include "os/pipes.h"
#include "os/sink.h"
#include "os/zones.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[64];

static int enter_dir(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/sink-XXXXXX");
    return mkdtemp(dir) && chmod(dir, 0755) == 0 && chdir(dir) == 0 ? 0 : -1;
}

static int leave_dir(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", dir);
    return chdir("/") == 0 ? system(command) : -1;
}

static struct moment at(int64_t wall_s)
{
    return (struct moment){.mono_ns = 1, .wall_ns = wall_s * NS_PER_S};
}

static ssize_t put(struct sink *s, const char *text, struct moment now)
{
    struct iovec parts[2] = {{(void *)(uintptr_t)text, strlen(text) / 2}, {0}};

    parts[1].iov_base = (char *)parts[0].iov_base + parts[0].iov_len;
    parts[1].iov_len = strlen(text) - parts[0].iov_len;
    return sink_write(s, parts, 2, now);
}

static void check_file(const char *path, const char *content)
{
    char got[4096] = "";

    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (!content) {
        assert_int_equal(fd, -1);
        return;
    }
    assert_true(fd >= 0);
    assert_true(read(fd, got, sizeof got - 1) >= 0);
    close(fd);
    assert_string_equal(got, content);
}

static struct sink *open_sink(struct sinks *all, struct sink_plan plan, struct moment now)
{
    struct sink *s = NULL;

    assert_int_equal(sink_open(all, &plan, now, &s), 0);
    return s;
}

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

/* Fills the stream to the brim and checks that it says so, keeps what it took, and goes on when there is room. */
static void fill(struct stream *s, int reader)
{
    static char block[20000], got[20000];
    struct iovec part = {block, sizeof block};
    size_t in = 0, out = 0;
    ssize_t n;

    memset(block, 'x', sizeof block);
    for (int i = 0; i < 1000 && (n = stream_write(s, &part, 1)) >= 0; i++)
        in += (size_t)n;
    assert_int_equal(n, -EAGAIN);
    assert_int_equal(stream_write(s, &part, 1), -EAGAIN);
    while (out < in) {
        struct pollfd p = {.fd = reader, .events = POLLIN};
        assert_int_equal(poll(&p, 1, 2000), 1);
        n = read(reader, got, sizeof got);
        assert_true(n > 0);
        out += (size_t)n;
    }
    struct pollfd p = {.fd = s->fd, .events = POLLOUT};
    assert_int_equal(poll(&p, 1, 2000), 1);
    assert_true(stream_write(s, &part, 1) > 0);
}

static void streams_never_block(void **state)
{
    (void)state;
    int ends[2], pair[2];
    struct stream s;

    for (int way = WAY_NOWAIT; way <= WAY_POLL; way++) {
        if (way == WAY_SEND)
            continue;
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        assert_int_equal(stream_adopt(ends[1], &s), 0);
        s.way = (enum stream_way)way;
        fill(&s, ends[0]);
        assert_false(fcntl(ends[1], F_GETFL) & O_NONBLOCK);
        stream_close(&s);
        close(ends[0]);
        close(ends[1]);
    }
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(stream_adopt(pair[1], &s), 0);
    assert_int_equal(s.way, WAY_SEND);
    fill(&s, pair[0]);
    close(pair[0]);
    close(pair[1]);
}

static void a_terminal_never_blocks(void **state)
{
    (void)state;
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    char name[64];
    struct stream s;

    assert_int_equal(grantpt(master) + unlockpt(master) + ptsname_r(master, name, sizeof name), 0);
    for (int way = WAY_NOWAIT; way <= WAY_POLL; way += WAY_POLL - WAY_NOWAIT) {
        int terminal = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
        assert_true(terminal >= 0);
        assert_int_equal(stream_adopt(terminal, &s), 0);
        s.way = (enum stream_way)way;
        fill(&s, master);
        assert_false(fcntl(terminal, F_GETFL) & O_NONBLOCK);
        stream_close(&s);
        close(terminal);
        tcflush(master, TCIOFLUSH);
    }
    close(master);
}

/* In a child of its own, whose stdout is what `target` is. */
static int in_child(int target, int (*run)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        dup2(target, 1);
        _exit(run());
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static const char *const stdout_names[] = {"/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "out.log"};

static int writes_to_stdout(void)
{
    struct sinks all = {0};
    struct sink_plan plan = {.maxbytes = 1, .backups = 3};
    struct sink *s, *before = NULL;

    for (size_t i = 0; i < 4; i++) {
        plan.path = stdout_names[i];
        if (sink_open(&all, &plan, at(1000), &s) < 0 || sink_kind(s) != SINK_STREAM || (before && s != before))
            return 10;
        if (put(s, "ab", at(1000)) != 2 || sink_trouble(s) != 0 || sink_clear(s, at(1000)) < 0 ||
            sink_reopen(s, at(1000)) < 0 || sink_open_for_reading(s) != -ESPIPE)
            return 11;
        before = s;
    }
    sinks_finish(&all);
    return fcntl(1, F_GETFD) < 0 ? 12 : 0;
}

static int unprivileged_writes_to_stdout(void)
{
    if (getuid() == 0 && (setgid(33) < 0 || setuid(33) < 0))
        return 20;
    return writes_to_stdout();
}

static void our_stdout_is_used_as_it_is(void **state)
{
    (void)state;
    int ends[2];
    char got[64] = "";

    assert_int_equal(symlink("/dev/stdout", "out.log"), 0);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(in_child(ends[1], writes_to_stdout), 0);
    assert_int_equal(in_child(ends[1], unprivileged_writes_to_stdout), 0);
    assert_int_equal(read(ends[0], got, sizeof got - 1), 16);
    assert_string_equal(got, "abababababababab");
    close(ends[0]);
    close(ends[1]);

    /* A regular file that is our stdout keeps its offset, and is nobody's to rotate. */
    int fd = open("stdout.txt", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, "head ", 5), 5);
    assert_int_equal(in_child(fd, writes_to_stdout), 0);
    assert_int_equal(write(fd, " tail", 5), 5);
    close(fd);
    check_file("stdout.txt", "head abababab tail");
}

static void names_of_descriptors(void **state)
{
    (void)state;
    char path[64];

    assert_int_equal(stream_own_fd("/dev/stderr"), 2);
    snprintf(path, sizeof path, "/proc/%d/fd/1", getpid());
    assert_int_equal(stream_own_fd(path), 1);
    assert_int_equal(stream_own_fd("/dev/fd/77"), -EBADF);
    assert_int_equal(stream_own_fd("/dev/fd/1x"), -1);
    assert_int_equal(stream_own_fd("/dev/null"), -1);
    assert_int_equal(stream_own_fd("/var/log/x"), -1);
    assert_int_equal(symlink("loop", "loop"), 0);
    assert_int_equal(stream_own_fd("loop"), -1);
}

static void a_fifo_waits_for_its_reader(void **state)
{
    (void)state;
    struct sinks all = {0};
    char got[8] = "";

    assert_int_equal(mkfifo("fifo", 0600), 0);
    struct sink *s = open_sink(&all, (struct sink_plan){.path = "fifo", .maxbytes = 2, .backups = 1}, at(1000));
    assert_int_equal(put(s, "early", at(1000)), 5);
    int reader = open("fifo", O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(reader, got, 7), 5);
    assert_string_equal(got, "early");
    close(reader);
    assert_int_equal(put(s, "late", at(1000)), 4);
    assert_int_equal(sink_trouble(s), 0);
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

    if (getuid() != 0 || access("/dev/log", F_OK) == 0)
        skip();
    int server = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server, (struct sockaddr *)&a, sizeof a), 0);
    setenv("TZ", "UTC0", 1);
    struct sink *s = open_sink(&all, (struct sink_plan){.path = SINK_SYSLOG}, at(TUESDAY_NOON));
    struct iovec parts[] = {{"web ", 4}, {"one\n", 4}, {"web ", 4}, {"", 0}, {"two", 3}, {"", 0}};
    ssize_t taken = sink_write(s, parts, 6, at(TUESDAY_NOON));
    unlink("/dev/log");
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

static void auto_logs_come_and_go(void **state)
{
    (void)state;
    char path[PATH_MAX], again[PATH_MAX], where[PATH_MAX];
    struct stat st;
    unsigned failed = 9;

    assert_int_equal(mkdir("auto", 0755), 0);
    assert_int_equal(autolog_create("auto", "web", "stdout", "my.id", path), 0);
    assert_int_equal(autolog_create("auto", "web", "stdout", "my.id", again), 0);
    assert_string_not_equal(path, again);
    assert_int_equal(strncmp(path, "auto/web-stdout---my.id-", 24), 0);
    assert_int_equal(strlen(path), 24 + 8 + 4);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    static const char *const names[] = {"web-stdout---my.id-abcdefgh.log.3",
                                        "web---myxid-a.log",
                                        /* these stay: */ "web-stdout---other-a.log",
                                        "---my.id-a.log",
                                        "web---my.id-.log",
                                        "web---my.id-a b.log",
                                        "web---my.id-a.txt"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(again, sizeof again, "auto/%s", names[i]);
        close(open(again, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    }
    assert_int_equal(autolog_clean("auto", "my.id", &failed), 0);
    assert_int_equal(failed, 0);
    assert_int_equal(access(path, F_OK), -1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(again, sizeof again, "auto/%s", names[i]);
        assert_int_equal(access(again, F_OK), i < 2 ? -1 : 0);
    }
    assert_int_equal(autolog_clean("no/dir", "x", NULL), -ENOENT);
    setenv("TMPDIR", dir, 1);
    assert_int_equal(autolog_directory(where), 0);
    assert_string_equal(where, dir);
    unsetenv("TMPDIR");
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

static void zones_are_found(void **state)
{
    (void)state;
    struct zone *z = NULL;

    assert_int_equal(zone_new("../etc/passwd", &z), -EINVAL);
    assert_int_equal(zone_new("/etc/localtime", &z), -EINVAL);
    assert_int_equal(zone_new("Europe/Nowhere", &z), -ENOENT);
    assert_int_equal(zone_new("", &z), -EINVAL);
    assert_int_equal(zone_new("UTC", &z), 0);
    assert_int_equal(zone_offset_at(z, TUESDAY_NOON), 0);
    zone_free(z);
    if (zone_new("Europe/Berlin", &z) == 0) {
        assert_int_equal(zone_offset_at(z, TUESDAY_NOON), 3600);
        assert_int_equal(zone_offset_at(z, TUESDAY_NOON + INT64_C(86400) * 365 * 100 - INT64_C(86400) * 120), 7200);
        zone_free(z);
    }
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    assert_int_equal(zone_new(NULL, &z), 0);
    assert_int_equal(zone_offset_at(z, TUESDAY_NOON), 3600);
    zone_free(z);
    setenv("TZ", "rubbish!", 1);
    assert_int_equal(zone_new(NULL, &z), 0);
    assert_int_equal(zone_offset_at(z, TUESDAY_NOON), 0);
    zone_free(z);
    unsetenv("TZ");
    assert_int_equal(zone_new(NULL, &z), 0);
    time_t noon = TUESDAY_NOON;
    struct tm local;
    assert_int_equal(zone_offset_at(z, noon), localtime_r(&noon, &local)->tm_gmtoff);
    zone_free(z);
    zone_free(NULL);
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
        cmocka_unit_test(streams_never_block),
        cmocka_unit_test(a_terminal_never_blocks),
        cmocka_unit_test(our_stdout_is_used_as_it_is),
        cmocka_unit_test(names_of_descriptors),
        cmocka_unit_test(a_fifo_waits_for_its_reader),
        cmocka_unit_test(syslog_is_optional),
        cmocka_unit_test(syslog_gets_lines),
        cmocka_unit_test(auto_logs_come_and_go),
        cmocka_unit_test(an_auto_log_stays_private),
        cmocka_unit_test(zones_are_found),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, enter_dir, leave_dir);
}
