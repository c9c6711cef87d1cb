/* Streams: what is written to without ever blocking, our own stdout first of all. */
#include "../../../src/os/stream.h"
#include "sinks.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>

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
        tcflush(master, TCIOFLUSH);
        /* Ctrl-S on the other side. */
        assert_int_equal(tcflow(terminal, TCOOFF), 0);
        assert_int_equal(stream_write(&s, &(struct iovec){"x", 1}, 1), -EAGAIN);
        assert_int_equal(tcflow(terminal, TCOON), 0);
        assert_int_equal(stream_write(&s, &(struct iovec){"x", 1}, 1), 1);
        stream_close(&s);
        close(terminal);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_never_block),         cmocka_unit_test(a_terminal_never_blocks),
        cmocka_unit_test(our_stdout_is_used_as_it_is), cmocka_unit_test(names_of_descriptors),
        cmocka_unit_test(a_fifo_waits_for_its_reader),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, enter_dir, leave_dir);
}
