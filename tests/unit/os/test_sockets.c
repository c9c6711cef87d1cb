/* Packets, the control socket's place, and connecting with a deadline. */
#include "os/clock.h"
#include "os/control.h"
#include "os/sockets.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[64];

static int make_dir(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/sock-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    return rmdir(dir);
}

static int64_t soon(void)
{
    return clock_deadline(2000000000);
}

static void packets_travel(const char *name)
{
    int listener, client, server;
    struct peer peer;
    char text[16];

    assert_int_equal(os_packets_listen(name, 0666, &listener), 0);
    assert_int_equal(os_accept(listener, &server, &peer), -EAGAIN);
    assert_int_equal(os_packets_connect(name, soon(), &client, &peer), 0);
    assert_int_equal(peer.pid, getpid());
    assert_int_equal(os_accept(listener, &server, &peer), 0);
    assert_int_equal(peer.uid, getuid());
    assert_int_equal(fcntl(server, F_GETFD), FD_CLOEXEC);

    int passed = -2, file = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    assert_int_equal(os_packet_receive(client, text, sizeof text, &passed), -EAGAIN);
    assert_int_equal(os_packet_send(server, "one", 3, -1), 0);
    assert_int_equal(os_packet_send(server, "two", 3, file), 0);
    assert_int_equal(os_packet_send(server, "three", 5, file), 0);
    assert_int_equal(os_packet_send(server, "much too long a packet", 22, file), 0);
    assert_int_equal(os_wait_readable(client, soon()), 0);
    assert_int_equal(os_packet_receive(client, text, sizeof text, &passed), 3);
    assert_int_equal(passed, -1);
    assert_int_equal(os_packet_receive(client, text, sizeof text, &passed), 3);
    assert_memory_equal(text, "two", 3);
    assert_int_equal(read(passed, text, 1), 1);
    assert_int_equal(fcntl(passed, F_GETFD), FD_CLOEXEC);
    close(passed);
    assert_int_equal(os_packet_receive(client, text, sizeof text, NULL), 5);
    assert_int_equal(os_packet_receive(client, text, sizeof text, &passed), -EMSGSIZE);
    close(server);
    assert_int_equal(os_packet_receive(client, text, sizeof text, &passed), 0);
    assert_int_equal(os_packet_send(client, "x", 1, -1), -EPIPE);
    close(file);
    close(client);
    close(listener);
}

static void packets(void **state)
{
    (void)state;
    char name[128];
    struct stat st;

    snprintf(name, sizeof name, "%s/s", dir);
    mode_t mask = umask(077);
    packets_travel(name);
    umask(mask);
    assert_int_equal(stat(name, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0666);
    unlink(name);
    snprintf(name, sizeof name, "@cslsup-test-%d", getpid());
    packets_travel(name);
}

static void bad_names(void **state)
{
    (void)state;
    char name[SOCKET_NAME_MAX + 2] = {0};
    int fd;
    struct peer peer;

    memset(name, '/', sizeof name - 1);
    assert_int_equal(os_packets_listen(name, 0600, &fd), -ENAMETOOLONG);
    assert_int_equal(os_packets_listen("", 0600, &fd), -EINVAL);
    assert_int_equal(os_packets_connect("/no/socket", soon(), &fd, &peer), -ENOENT);
}

static void a_full_peer_is_no_wait(void **state)
{
    (void)state;
    int pair[2], rc;
    char packet[4096] = {0};

    assert_int_equal(os_packets_pair(pair), 0);
    for (int i = 0; (rc = os_packet_send(pair[0], packet, sizeof packet, -1)) == 0; i++)
        assert_true(i < 10000);
    assert_int_equal(rc, -EAGAIN);
    assert_int_equal(os_wait_writable(pair[0], clock_deadline(10000000)), -ETIMEDOUT);
    assert_int_equal(os_wait_readable(pair[0], clock_deadline(10000000)), -ETIMEDOUT);
    close(pair[0]);
    close(pair[1]);
}

static void a_full_backlog_ends_at_the_deadline(void **state)
{
    (void)state;
    char name[128];
    int listener, rc, fd, fds[256];
    unsigned n = 0;
    struct peer peer;

    snprintf(name, sizeof name, "%s/b", dir);
    assert_int_equal(os_packets_listen(name, 0600, &listener), 0);
    while (n < 256 && (rc = os_packets_connect(name, clock_deadline(50000000), &fd, &peer)) == 0)
        fds[n++] = fd;
    assert_int_equal(rc, -ETIMEDOUT);
    while (n > 0)
        close(fds[--n]);
    close(listener);
    unlink(name);
}

static void control_is_found(void **state)
{
    (void)state;
    char config[128], name[SOCKET_NAME_MAX + 1], again[SOCKET_NAME_MAX + 1];
    int listener, other, fd;
    struct control_server server, list[CONTROL_SERVERS_MAX];

    snprintf(config, sizeof config, "%s/a.ini", dir);
    assert_int_equal(control_connect(config, soon(), &server, &fd), -ENOENT);
    assert_int_equal(control_listen(config, name, &listener), 0);
    assert_int_equal(control_listen(config, again, &other), -EADDRINUSE);
    assert_int_equal(control_connect(config, soon(), &server, &fd), 0);
    assert_string_equal(server.name, name);
    assert_int_equal(server.peer.pid, getpid());
    close(fd);
    int seen = 0, n = control_list(list, CONTROL_SERVERS_MAX, soon());
    for (int i = 0; i < n; i++)
        seen += strcmp(list[i].name, name) == 0;
    assert_int_equal(seen, 1);

    /* A dead one leaves its file; the next start takes its place. */
    close(listener);
    assert_int_equal(control_connect(config, soon(), &server, &fd), -ENOENT);
    assert_int_equal(control_listen(config, name, &listener), 0);
    close(listener);
    control_remove(name);
    if (name[0] != '@')
        assert_int_equal(access(name, F_OK), -1);
}

static void control_at_a_path(void **state)
{
    (void)state;
    char path[128];
    int listener, other;

    snprintf(path, sizeof path, "%s/c", dir);
    assert_int_equal(control_listen_at(path, &listener), 0);
    assert_int_equal(control_listen_at(path, &other), -EADDRINUSE);
    close(listener);
    assert_int_equal(control_listen_at(path, &listener), 0);
    close(listener);
    control_remove(path);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    assert_int_equal(control_listen_at(path, &listener), -EEXIST);
    unlink(path);
    assert_false(control_peer_allowed(&(struct peer){.pid = 0}));
    assert_true(control_peer_allowed(&(struct peer){.pid = 5}));
}

/* Somebody who holds such names and never accepts costs no time, and cannot be taken for a second server. */
static void squatters_are_passed_by(void **state)
{
    (void)state;
    char config[128], name[SOCKET_NAME_MAX + 1], squat[SOCKET_NAME_MAX + 1];
    int listener, squatter, fd, queue[256];
    unsigned n = 0;
    struct control_server server;

    snprintf(config, sizeof config, "%s/s.ini", dir);
    assert_int_equal(control_listen(config, name, &listener), 0);
    snprintf(squat, sizeof squat, "@cslsup-%s-more", strrchr(name, name[0] == '@' ? '@' : '/') + 1);
    assert_int_equal(os_packets_listen(squat, 0666, &squatter), 0);
    while (n < 256 && os_packets_connect(squat, 0, &queue[n], &server.peer) == 0)
        n++;
    assert_in_range(n, 1, 255);
    int64_t began = clock_now().mono_ns;
    assert_int_equal(control_connect(config, soon(), &server, &fd), 0);
    assert_true(clock_now().mono_ns - began < 1000000000);
    assert_string_equal(server.name, name);
    while (n > 0)
        close(queue[--n]);
    close(fd);
    close(squatter);

    /* One that is busy itself is waited for until the deadline. */
    while (n < 256 && os_packets_connect(name, 0, &queue[n], &server.peer) == 0)
        n++;
    assert_int_equal(control_connect(config, clock_deadline(20000000), &server, &fd), -ETIMEDOUT);
    assert_int_equal(control_listen(config, squat, &squatter), -EADDRINUSE);
    while (n > 0)
        close(queue[--n]);
    close(listener);
    control_remove(name);
}

/* A server of a third uid is refused; root's serves everybody. */
static void strangers_are_not_trusted(void **state)
{
    (void)state;
    if (getuid() != 0)
        skip();
    char config[128], name[SOCKET_NAME_MAX + 1];
    int listener, fd, ready[2], status;
    struct control_server server;

    snprintf(config, sizeof config, "%s/u.ini", dir);
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ready[0]);
        if (setgid(1234) < 0 || setuid(1234) < 0 || control_listen(config, name, &listener) < 0)
            _exit(1);
        if (write(ready[1], name, sizeof name) < 0)
            _exit(2);
        pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], name, sizeof name), sizeof name);
    close(ready[0]);
    assert_true(strstr(name, "1234") || name[0] == '@');
    assert_int_equal(control_connect(config, soon(), &server, &fd), -EPERM);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    control_remove(name);
    rmdir("/dev/shm/cslsup-1234");

    assert_int_equal(control_listen(config, name, &listener), 0);
    child = fork();
    if (child == 0) {
        if (setgid(1234) < 0 || setuid(1234) < 0)
            _exit(1);
        _exit(control_connect(config, soon(), &server, &fd) == 0 ? 0 : 2);
    }
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    close(listener);
    control_remove(name);
}

static int listen_tcp(int family, char *ret_port, size_t size)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    snprintf(ret_port, size, "%u", ntohs(a.sin_port));
    return fd;
}

static void tcp_connects_and_says_why_not(void **state)
{
    (void)state;
    char port[8], text[8];
    struct err e = {0};
    int fd, server = listen_tcp(AF_INET, port, sizeof port);

    assert_int_equal(os_tcp_connect("127.0.0.1", port, soon(), &fd, &e), 0);
    int peer = accept(server, NULL, NULL);
    assert_int_equal(os_stream_send(fd, "hello", 5, soon()), 5);
    assert_int_equal(os_stream_receive(peer, text, sizeof text, soon()), 5);
    assert_int_equal(os_stream_receive(fd, text, sizeof text, clock_deadline(20000000)), -ETIMEDOUT);
    close(peer);
    assert_int_equal(os_stream_receive(fd, text, sizeof text, soon()), 0);
    close(fd);
    close(server);
    assert_int_equal(os_tcp_connect("127.0.0.1", port, soon(), &fd, &e), -ECONNREFUSED);
    assert_string_equal(e.text, "connection refused");
    assert_int_equal(os_tcp_connect("no.such.invalid", port, soon(), &fd, &e), -EHOSTUNREACH);
    assert_non_null(strstr(e.text, "cannot resolve no.such.invalid: "));
    assert_int_equal(os_unix_connect("/no/such", soon(), &fd, &e), -ENOENT);
    assert_string_equal(e.text, "no such file or directory");
}

static void unix_connects_by_the_deadline(void **state)
{
    (void)state;
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    struct err e = {0};
    int fds[8], n = 0, rc = 0, server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(a.sun_path, sizeof a.sun_path, "%s/u", dir);
    assert_int_equal(bind(server, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(server, 1), 0);
    while (n < 8 && (rc = os_unix_connect(a.sun_path, clock_deadline(30000000), &fds[n], &e)) == 0)
        n++;
    assert_int_equal(rc, -ETIMEDOUT);
    assert_string_equal(e.text, "connection timed out");
    while (n > 0)
        close(fds[--n]);
    close(server);
    unlink(a.sun_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets),
        cmocka_unit_test(bad_names),
        cmocka_unit_test(a_full_peer_is_no_wait),
        cmocka_unit_test(a_full_backlog_ends_at_the_deadline),
        cmocka_unit_test(control_is_found),
        cmocka_unit_test(control_at_a_path),
        cmocka_unit_test(squatters_are_passed_by),
        cmocka_unit_test(strangers_are_not_trusted),
        cmocka_unit_test(tcp_connects_and_says_why_not),
        cmocka_unit_test(unix_connects_by_the_deadline),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
