#include "probe/probe.h"
#include "base/num.h"
#include "base/opt.h"
#include "os/clock.h"
#include "probe/attempt.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define CHECKS_MAX 64
/* How long after the deadline the guard waits: a check that minds its deadline is always done by then. */
#define GUARD_NS (NS_PER_S / 4)
/* When the last round of a wait begins before its end. */
#define LAST_NS (NS_PER_S / 20)

static const char help[] =
    "cslsup probe [--timeout S] [--wait S] [--interval S] CHECK...\n"
    "\n"
    "Runs health checks. Exit code 0: all passed; 1: some did not, and one line says which and why.\n"
    "\n"
    "  --timeout S   time for one round of all checks (5)\n"
    "  --wait S      try again until all pass, for at most S seconds (0: one round)\n"
    "  --interval S  pause between two rounds (1)\n"
    "\n"
    "CHECK is one of\n"
    "  http://HOST[:PORT]/PATH  http+unix:///SOCKET:/PATH  https://HOST[:PORT]/PATH   status 200 to 399\n"
    "  tcp://HOST:PORT  unix:///SOCKET                                                it connects\n"
    "  fastcgi://HOST:PORT[/PATH]  fastcgi+unix:///SOCKET[:/PATH]                     a whole answer; with PATH, 2xx\n"
    "  'exec: COMMAND'                                                                exit status 0\n"
    "  'file: /PATH SECONDS'                                                          touched within that time\n"
    "\n"
    "Times take a unit: 90s 5m 2h 250ms. A task that waits for the database:\n"
    "  cslsup probe --wait 60 tcp://db:3306\n";

/* One call of the applet. */
struct probe {
    struct check checks[CHECKS_MAX];
    struct err errors[CHECKS_MAX]; /* of the last round; empty text: passed */
    size_t n;
    int64_t timeout_ns, wait_ns, interval_ns;
    int64_t began_ns;
};

static struct probe probe;

/* A resolver may sleep on beyond every deadline. The guard ends that with the same line. */
static char guard_line[1024];

static void on_alarm(int signal)
{
    ssize_t written = write(STDERR_FILENO, guard_line, strlen(guard_line));

    (void)signal;
    (void)written;
    _exit(1);
}

/* 0 disarms it: from then on the outcome is known. */
static void arm_guard(int64_t after_ns)
{
    struct itimerval timer = {0};

    timer.it_value.tv_sec = (time_t)(after_ns / NS_PER_S);
    timer.it_value.tv_usec = (suseconds_t)(after_ns % NS_PER_S / 1000);
    signal(SIGALRM, on_alarm);
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* `5 s`, `1.5 s` */
static const char *seconds(int64_t ns, char *ret_text, size_t size)
{
    snprintf(ret_text, size, "%.3g s", (double)ns / (double)NS_PER_S);
    return ret_text;
}

/* What the guard would have to say while this check is tried. */
static void set_guard_line(const struct probe *p, const struct check *c)
{
    char text[32], prefix[64] = "";
    size_t n = c->text.len < 900 ? c->text.len : 900;

    if (p->wait_ns)
        snprintf(prefix, sizeof prefix, "not reached within %s: ", seconds(p->wait_ns, text, sizeof text));
    snprintf(guard_line, sizeof guard_line, "%s%.*s: timed out\n", prefix, (int)n, c->text.ptr);
}

/* Prints `CHECK: reason` for each failed check, joined to one line. */
static void print_failed(const struct probe *p)
{
    const char *join = "";

    for (size_t i = 0; i < p->n; i++) {
        if (!p->errors[i].text[0])
            continue;
        fprintf(stderr, "%s%.*s: %s", join, (int)p->checks[i].text.len, p->checks[i].text.ptr, p->errors[i].text);
        join = "; ";
    }
    fputc('\n', stderr);
}

/* Tries all checks once; true when all passed. */
static bool one_round(struct probe *p, int64_t deadline)
{
    bool passed = true;

    for (size_t i = 0; i < p->n; i++) {
        const struct check *c = &p->checks[i];

        p->errors[i].text[0] = '\0';
        set_guard_line(p, c);
        if (clock_now().mono_ns >= deadline)
            err_set(&p->errors[i], "no time was left to try it");
        else if (attempt(c, deadline, &p->errors[i]) == 0)
            continue;
        passed = false;
    }
    return passed;
}

static void pause_until(int64_t mono_ns)
{
    int64_t ns = mono_ns - clock_now().mono_ns;
    struct timespec t = {.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};

    if (ns > 0)
        nanosleep(&t, NULL);
}

static int once(struct probe *p)
{
    bool passed = one_round(p, p->began_ns + p->timeout_ns);

    arm_guard(0);
    if (!passed)
        print_failed(p);
    return !passed;
}

static int until_passed(struct probe *p)
{
    int64_t end = num_add_sat(p->began_ns, p->wait_ns), now = p->began_ns;
    char text[32];

    for (bool first = true;; first = false) {
        int64_t deadline = num_add_sat(now, p->timeout_ns);

        if (one_round(p, deadline < end ? deadline : end))
            break;
        now = clock_now().mono_ns;
        if (now >= end - LAST_NS) {
            arm_guard(0);
            fprintf(stderr, "not reached within %s: ", seconds(p->wait_ns, text, sizeof text));
            print_failed(p);
            return 1;
        }
        if (first) {
            fprintf(stderr, "waiting up to %s: ", seconds(p->wait_ns, text, sizeof text));
            print_failed(p);
        }
        now = num_add_sat(now, p->interval_ns);
        now = now < end - LAST_NS ? now : end - LAST_NS;
        pause_until(now);
    }
    arm_guard(0);
    printf("reached after %s:", seconds(clock_now().mono_ns - p->began_ns, text, sizeof text));
    for (size_t i = 0; i < p->n; i++)
        printf(" %.*s", (int)p->checks[i].text.len, p->checks[i].text.ptr);
    putchar('\n');
    return 0;
}

static int take_checks(struct probe *p, int argc, char **argv, struct err *e)
{
    if (argc < 2)
        return err_set(e, "which check? for example: cslsup probe tcp://127.0.0.1:3306");
    if (argc - 1 > CHECKS_MAX)
        return err_set(e, "at most %d checks at a time", CHECKS_MAX);
    for (int i = 1; i < argc; i++) {
        struct check *c = &p->checks[p->n];

        if (check_parse(str_from(argv[i]), c, e) < 0)
            return -1;
        if (check_is_inner(c->kind))
            return err_set(e, "only PID 1 can tell '%s'; it goes into healthcheck=", argv[i]);
        p->n++;
    }
    return 0;
}

int probe_main(int argc, char **argv)
{
    struct probe *p = &probe;
    struct err e = {0};
    bool wants_help = false;
    const struct opt opts[] = {
        {.name = "--timeout", .duration_ns = &p->timeout_ns},
        {.name = "--wait", .duration_ns = &p->wait_ns},
        {.name = "--interval", .duration_ns = &p->interval_ns},
        {.name = "--help", .flag = &wants_help},
        {.name = "-h", .flag = &wants_help},
    };

    p->timeout_ns = 5 * NS_PER_S;
    p->interval_ns = NS_PER_S;
    argc = opt_take(opts, sizeof opts / sizeof *opts, argc, argv, false, &e);
    if (argc > 0 && wants_help) {
        fputs(help, stdout);
        return 0;
    }
    if (argc < 0 || take_checks(p, argc, argv, &e) < 0) {
        fprintf(stderr, "cslsup probe: %s\n", e.text);
        return 2;
    }
    p->began_ns = clock_now().mono_ns;
    arm_guard(num_add_sat(p->wait_ns ? p->wait_ns : p->timeout_ns, GUARD_NS));
    return p->wait_ns ? until_passed(p) : once(p);
}
