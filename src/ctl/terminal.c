#include "ctl/terminal.h"
#include "core/types.h"
#include "os/clock.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t interrupts;

static void on_interrupt(int signal)
{
    (void)signal;
    interrupts = 1;
}

void terminal_catch_interrupts(void)
{
    /* without SA_RESTART: the signal shall end what waits */
    struct sigaction action = {.sa_handler = on_interrupt};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

bool terminal_interrupted(void)
{
    bool was = interrupts;

    interrupts = 0;
    return was;
}

/* Waits are cut into pieces of this length, because a signal may come between the look at the flag and poll. */
enum { PIECE_MS = 250 };

int terminal_wait(struct pollfd *fds, size_t n, int64_t deadline_mono_ns)
{
    for (;;) {
        if (interrupts)
            return -EINTR;
        int64_t left_ns = deadline_mono_ns - clock_now().mono_ns;
        if (left_ns <= 0)
            return -ETIMEDOUT;
        int piece_ms = left_ns / 1000000 < PIECE_MS ? (int)(left_ns / 1000000) + 1 : PIECE_MS;
        int ready = poll(fds, (nfds_t)n, piece_ms);
        if (ready > 0)
            return 0;
        if (ready < 0 && errno != EINTR)
            return -errno;
    }
}

bool terminal_colour(void)
{
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

    return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0 && (!no_color || !*no_color);
}

unsigned terminal_columns(void)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return 80;
    return size.ws_col;
}

static struct termios before_raw;
static bool raw;

bool terminal_raw(void)
{
    struct termios t;

    if (raw)
        return true;
    if (tcgetattr(STDIN_FILENO, &before_raw) < 0)
        return false;
    t = before_raw;
    t.c_iflag &= ~(tcflag_t)(BRKINT | ICRNL | INPCK | ISTRIP | IXON);
    t.c_lflag &= ~(tcflag_t)(ECHO | ICANON | IEXTEN | ISIG);
    t.c_cc[VMIN] = 1;
    t.c_cc[VTIME] = 0;
    raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &t) == 0;
    return raw;
}

void terminal_restore(void)
{
    if (raw)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &before_raw);
    raw = false;
}

static bool progress_shown;

void terminal_progress(const char *text)
{
    if (!isatty(STDERR_FILENO))
        return;
    fflush(stdout);
    fprintf(stderr, "\r%.*s\033[K", (int)terminal_columns() - 1, text);
    fflush(stderr);
    progress_shown = true;
}

void terminal_progress_end(void)
{
    if (progress_shown)
        fputs("\r\033[K", stderr);
    progress_shown = false;
}
