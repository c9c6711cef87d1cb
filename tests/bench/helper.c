/* The programs that the bench supervises and measures with: one word chooses. Times are CLOCK_MONOTONIC nanoseconds,
 * appended to a file as one line each. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long long now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void sleep_ns(long ns)
{
    nanosleep(&(struct timespec){ns / 1000000000L, ns % 1000000000L}, NULL);
}

static void stamp(const char *file, const char *what)
{
    char line[64];
    int n = snprintf(line, sizeof line, "%s %lld\n", what, now_ns());
    int fd = open(file, O_WRONLY | O_CREAT | O_APPEND, 0666);

    if (fd < 0 || write(fd, line, (size_t)n) != n)
        _exit(111);
    close(fd);
}

/* stamp FILE: says when it runs, and stays. */
static int do_stamp(char **argv)
{
    stamp(argv[0], "start");
    while (pause() < 0)
        ;
    return 0;
}

/* launch FILE COMMAND…: says when COMMAND is about to run. */
static int do_launch(char **argv)
{
    stamp(argv[0], "launch");
    execv(argv[1], argv + 1);
    return 111;
}

/* cycle FILE MILLISECONDS: lives so long, says when it began and when it ended. */
static int do_cycle(char **argv)
{
    stamp(argv[0], "start");
    sleep_ns(atol(argv[1]) * 1000000L);
    stamp(argv[0], "end");
    return 0;
}

/* tick FILE: adds one byte, and ends. */
static int do_tick(char **argv)
{
    int fd = open(argv[0], O_WRONLY | O_CREAT | O_APPEND, 0666);

    return write(fd, ".", 1) != 1;
}

/* write MEGABYTES: so much text in lines of 80 bytes, as fast as it goes. */
static int do_write(char **argv)
{
    static char block[80 * 800];

    memset(block, 'x', sizeof block);
    for (size_t i = 79; i < sizeof block; i += 80)
        block[i] = '\n';
    for (long left = atol(argv[0]) * 1000000L; left > 0;) {
        ssize_t n = write(STDOUT_FILENO, block, sizeof block);
        if (n <= 0)
            return 111;
        left -= n;
    }
    return 0;
}

/* trickle PER_SECOND: short lines, for ever. */
static int do_trickle(char **argv)
{
    for (long number = 0;; number++) {
        char line[64];
        int n = snprintf(line, sizeof line, "line number %ld\n", number);
        if (write(STDOUT_FILENO, line, (size_t)n) != n)
            return 111;
        sleep_ns(1000000000L / atol(argv[0]));
    }
}

static void on_term(int number)
{
    (void)number;
}

/* slow MILLISECONDS: needs so long to end after TERM. */
static int do_slow(char **argv)
{
    signal(SIGTERM, on_term);
    pause();
    sleep_ns(atol(argv[0]) * 1000000L);
    return 0;
}

/* orphans FILE N: leaves N children to PID 1, lets them die at once, says how long until the last was reaped. */
static int do_orphans(char **argv)
{
    int n = atoi(argv[1]), gate[2], names[2];
    pid_t *pids = calloc((size_t)n, sizeof *pids);
    char byte;

    if (!pids || pipe(gate) || pipe(names))
        return 111;
    if (fork() == 0) {
        for (int i = 0; i < n; i++) {
            pid_t pid = fork();
            if (pid == 0) {
                close(gate[1]);
                close(names[1]);
                _exit(read(gate[0], &byte, 1) < 0);
            }
            if (write(names[1], &pid, sizeof pid) != sizeof pid)
                _exit(111);
        }
        _exit(0);
    }
    wait(NULL);
    for (int i = 0; i < n; i++)
        if (read(names[0], &pids[i], sizeof pids[i]) != sizeof pids[i])
            return 111;
    long long start = now_ns();
    close(gate[1]);
    for (int i = 0; i < n; i++)
        while (kill(pids[i], 0) == 0)
            sleep_ns(100000);
    char text[32];
    snprintf(text, sizeof text, "%lld", now_ns() - start);
    stamp(argv[0], text);
    for (;;)
        pause();
}

/* reaper COMMAND…: a bare wait loop as PID 1. */
static int do_reaper(char **argv)
{
    pid_t pid;

    if (posix_spawn(&pid, argv[0], NULL, NULL, argv, environ))
        return 111;
    while (wait(NULL) > 0)
        ;
    return 0;
}

/* time N COMMAND…: runs it N times, prints each run's nanoseconds. */
static int do_time(char **argv)
{
    int null = open("/dev/null", O_WRONLY), out = dup(STDOUT_FILENO);

    dup2(null, STDOUT_FILENO);
    for (long left = atol(argv[0]); left > 0; left--) {
        long long start = now_ns();
        pid_t pid;
        if (posix_spawn(&pid, argv[1], NULL, NULL, argv + 1, environ) || waitpid(pid, NULL, 0) != pid)
            return 111;
        dprintf(out, "%lld\n", now_ns() - start);
    }
    return 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *word;
        int arguments;
        int (*run)(char **argv);
    } words[] = {{"stamp", 1, do_stamp},     {"launch", 2, do_launch}, {"cycle", 2, do_cycle},     {"tick", 1, do_tick},
                 {"write", 1, do_write},     {"slow", 1, do_slow},     {"trickle", 1, do_trickle}, {"time", 2, do_time},
                 {"orphans", 2, do_orphans}, {"reaper", 1, do_reaper}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (argc >= 2 + words[i].arguments && strcmp(argv[1], words[i].word) == 0)
            return words[i].run(argv + 2);
    return 111;
}
