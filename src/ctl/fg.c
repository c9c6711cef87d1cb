/* fg: a process in the foreground, as far as pipes allow: lines typed go to its stdin, both its logs come here. */
#include "base/num.h"
#include "ctl/action.h"
#include "ctl/follower.h"
#include "ctl/namespec.h"
#include "ctl/server.h"
#include "ctl/terminal.h"
#include "os/clock.h"
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* Backlog shown first, and the most that one request carries to the process. */
enum { BACKLOG_BYTES = 1024, CHUNK_BYTES = 2048 };

struct foreground {
    struct ctl *c;
    const char *name; /* as requests name it */
    struct follower out, err;
    char input[CHUNK_BYTES];
    size_t used, sent; /* input[sent..used) is still to go */
    int64_t looked_ns;
};

/* Whether the process runs: 1, 0; negative, said already. */
static int is_running(struct foreground *fg, bool *ret_known)
{
    struct proto_request request = {.verb = VERB_STATUS, .name = str_from(fg->name)};
    struct answer answer;
    int r = server_ask_briefly(fg->c, &request, &answer);

    if (r < 0)
        return r;
    *ret_known = answer.rows.n == 1;
    return *ret_known && record_int(answer.rows.v[0], FIELD_STATE, 0) == proc_state_code(PROC_RUNNING);
}

static void to_stdout(void *context, struct follower *f, const char *bytes, size_t n)
{
    (void)context;
    (void)f;
    if (bytes)
        fwrite(bytes, 1, n, stdout);
}

static int show_output(struct foreground *fg)
{
    int r = follower_step(fg->c, &fg->out, to_stdout, NULL);

    if (r == 0)
        r = follower_step(fg->c, &fg->err, to_stdout, NULL);
    fflush(stdout);
    return r;
}

/* Hands on what was typed. 0, 1 when the process is gone (said), or negative, said already. */
static int send_input(struct foreground *fg)
{
    struct proto_request request = {
        .verb = VERB_STDIN, .name = str_from(fg->name), .arg = {fg->input + fg->sent, fg->used - fg->sent}};
    struct answer answer;
    int r = server_ask_briefly(fg->c, &request, &answer);

    if (r < 0)
        return r;
    if (answer.fault == FAULT_NOT_RUNNING) {
        say(&fg->c->out, "Process got killed");
        return 1;
    }
    if (answer.fault != FAULT_SUCCESS) {
        server_refused(fg->c, &answer);
        return 1;
    }
    int64_t taken = answer.rows.n ? record_int(answer.rows.v[0], FIELD_SIZE, 0) : 0;
    fg->sent += taken > 0 && (size_t)taken <= fg->used - fg->sent ? (size_t)taken : 0;
    if (fg->sent == fg->used)
        fg->sent = fg->used = 0;
    return 0;
}

/* 1 at the end of the input. */
static int read_input(struct foreground *fg)
{
    ssize_t n = read(STDIN_FILENO, fg->input, sizeof fg->input);

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return 0;
    fg->used = n > 0 ? (size_t)n : 0;
    return n <= 0;
}

/* Once a second: does it still run? */
static int check_alive(struct foreground *fg)
{
    bool known;
    int64_t now_ns = clock_now().mono_ns;

    if (now_ns - fg->looked_ns < NS_PER_S)
        return 0;
    fg->looked_ns = now_ns;
    int running = is_running(fg, &known);
    if (running == 0)
        say(&fg->c->out, "Process got killed");
    return running == 1 ? 0 : running == 0 ? 1 : running;
}

/* One round: 0 to go on, 1 at the end, negative when the server is gone or after Ctrl-C. */
static int step(struct foreground *fg)
{
    struct pollfd input = {.fd = fg->used ? -1 : STDIN_FILENO, .events = POLLIN};
    int r = show_output(fg);

    if (r == 0)
        r = follower_pause(fg->c, &input);
    if (r == 0 && input.revents)
        r = read_input(fg);
    if (r == 0 && fg->used)
        r = send_input(fg);
    return r == 0 ? check_alive(fg) : r;
}

static bool usable(struct foreground *fg)
{
    bool known = false;
    int running = is_running(fg, &known);

    if (running == 0)
        complain(&fg->c->out, 1, fault_name(known ? FAULT_NOT_RUNNING : FAULT_BAD_NAME), "ERROR: %s",
                 known ? "process not running" : "bad process name supplied");
    return running == 1;
}

void run_fg(struct ctl *c, const struct names *words)
{
    struct foreground fg = {.c = c};
    int fault, r;

    if (words->n == 0) {
        complain(&c->out, 1, "USAGE", "ERROR: no process name supplied");
        action_help(c, action_find(&c->options, "fg"));
        return;
    }
    if (words->n > 1 || c->out.as_json) {
        complain(&c->out, 1, "USAGE",
                 words->n > 1 ? "ERROR: too many process names supplied"
                              : "ERROR: fg is for people, --json for programs");
        return;
    }
    struct namespec spec = namespec_parse(c->arena, words->v[0]);
    fg.name = namespec_request(c->arena, &spec);
    fg.out = (struct follower){.name = fg.name, .fd = -1};
    fg.err = (struct follower){.name = fg.name, .fd = -1, .flags = VERB_FLAG_STDERR};
    if (!usable(&fg) || follower_subscribe(c, fg.name) < 0)
        return;
    terminal_catch_interrupts();
    say(&c->out, "==> Press Ctrl-C to exit <==");
    r = follower_open(c, &fg.out, BACKLOG_BYTES, &fault);
    if (r == 0)
        r = follower_open(c, &fg.err, BACKLOG_BYTES, &fault);
    fg.looked_ns = clock_now().mono_ns;
    while (r == 0)
        r = step(&fg);
    if (r == -EINTR)
        terminal_interrupted();
    say(&c->out, "Exiting foreground");
    follower_close(&fg.out);
    follower_close(&fg.err);
}
