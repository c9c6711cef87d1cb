/* What was written: tail, maintail, logs. */
#include "base/num.h"
#include "base/vec.h"
#include "ctl/action.h"
#include "ctl/follower.h"
#include "ctl/namespec.h"
#include "ctl/server.h"
#include "ctl/terminal.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TAIL_BYTES = 1600, FOLLOW_BYTES = 1024 };

#define BANNER "==> Press Ctrl-C to exit <=="

static const char *log_complaint(int fault, bool main_log)
{
    if (fault == FAULT_NO_FILE)
        return "no log file";
    if (fault == FAULT_BAD_NAME && !main_log)
        return "no such process name";
    return "unknown error reading log";
}

static void to_stdout(void *context, struct follower *f, const char *bytes, size_t n)
{
    (void)context;
    (void)f;
    if (bytes)
        fwrite(bytes, 1, n, stdout);
    else
        fputs("==> File truncated <==\n", stdout);
}

static void complain_log(struct ctl *c, const struct follower *f, int fault)
{
    complain(&c->out, 1, fault_name(fault), "%s: ERROR (%s)", f->label, log_complaint(fault, !*f->name));
}

/* supervisorctl follows over HTTP: it says on stderr what that said, and exits with 0. */
static void follow_refused(struct ctl *c, const struct follower *f, int fault)
{
    const char *stream = f->flags & VERB_FLAG_STDERR ? "stderr" : "stdout";
    int http = fault == FAULT_BAD_NAME ? 404 : 410;

    if (!c->options.as_supervisorctl)
        complain_log(c, f, fault);
    else if (*f->name)
        fprintf(stderr, "%s/logtail/%s/%s Cannot read, status code %d\n", c->url, f->label, stream, http);
    else
        fprintf(stderr, "%s/mainlogtail Cannot read, status code %d\n", c->url, http);
}

static void follow_one(struct ctl *c, struct follower *f)
{
    int fault, r;

    terminal_catch_interrupts();
    say(&c->out, BANNER);
    fflush(stdout);
    if (follower_subscribe(c, f->name) < 0 || follower_open(c, f, FOLLOW_BYTES, &fault) < 0)
        return;
    if (fault != FAULT_SUCCESS) {
        follow_refused(c, f, fault);
        return;
    }
    do {
        r = follower_step(c, f, to_stdout, NULL);
        fflush(stdout);
    } while (r == 0 && (r = follower_pause(c, NULL)) == 0);
    if (r == -EINTR && terminal_interrupted())
        say(&c->out, "%s", "");
    follower_close(f);
}

static void gather(void *context, struct follower *f, const char *bytes, size_t n)
{
    (void)f;
    buf_add(context, bytes, bytes ? n : 0);
}

/* The log from `last` bytes before its end, in one piece and with a newline behind it. */
static void print_tail(struct ctl *c, struct follower *f, int64_t last)
{
    struct buf text;
    int fault;

    if (follower_open(c, f, last > 0 ? last : -1, &fault) < 0)
        return;
    if (fault != FAULT_SUCCESS) {
        complain_log(c, f, fault);
        return;
    }
    if (last < 0)
        f->at = -last; /* `tail --5 x`: Python's int takes it, and it counts from the start */
    buf_init(&text, 64 << 20);
    f->looked_ns = NEVER_NS; /* one look, no rotation */
    if (!c->out.as_json) {
        follower_step(c, f, to_stdout, NULL);
        putchar('\n');
    } else {
        follower_step(c, f, gather, &text);
        struct json *row = result_open(&c->out);
        json_text(json_key(row, "name"), f->label);
        json_str(json_key(row, "text"), buf_str(&text));
        result_close(&c->out);
        if (text.failed)
            complain(&c->out, 1, "TOO_LARGE", "the log is too large");
    }
    buf_finish(&text);
    follower_close(f);
}

/* `-f` or `-N`; false when it is neither. */
static bool read_modifier(const char *word, bool *ret_follow, int64_t *ret_bytes)
{
    *ret_follow = strcmp(word, "-f") == 0;
    return *ret_follow || num_int(str_from(word + 1), ret_bytes) == 0;
}

static void show(struct ctl *c, struct follower *f, bool following, int64_t bytes)
{
    if (following && c->out.as_json)
        complain(&c->out, 2, "USAGE", "Error: -f has no end, and --json waits for it");
    else if (following)
        follow_one(c, f);
    else
        print_tail(c, f, bytes);
}

void run_tail(struct ctl *c, const struct names *words)
{
    bool following = false;
    int64_t bytes = TAIL_BYTES;
    size_t at = words->n && words->v[0][0] == '-';
    const struct action *self = action_find(&c->options, "tail");

    if (words->n < 1 || words->n > 3) {
        complain(&c->out, 1, "USAGE", "Error: too %s arguments", words->n ? "many" : "few");
        action_help(c, self);
        return;
    }
    if (at == words->n) {
        complain(&c->out, 1, "USAGE", "Error: tail requires process name");
        return;
    }
    const char *name = words->v[at], *channel = words->n - at > 1 ? words->v[words->n - 1] : "stdout";
    if (!str_is_nocase(str_from(channel), "stdout") && !str_is_nocase(str_from(channel), "stderr")) {
        complain(&c->out, 1, "USAGE", "Error: bad channel '%s'", channel);
        return;
    }
    if (at && !read_modifier(words->v[0], &following, &bytes)) {
        complain(&c->out, 1, "USAGE", "Error: bad argument %s", words->v[0]);
        return;
    }
    struct namespec spec = namespec_parse(c->arena, name);
    struct follower f = {.name = namespec_request(c->arena, &spec),
                         .flags = str_is_nocase(str_from(channel), "stderr") ? VERB_FLAG_STDERR : 0,
                         .label = name};
    show(c, &f, following, bytes);
}

void run_maintail(struct ctl *c, const struct names *words)
{
    bool following = false;
    int64_t bytes = TAIL_BYTES;
    struct follower f = {.name = "", .label = "supervisord"};

    if (words->n > 1) {
        complain(&c->out, 1, "USAGE", "Error: too many arguments");
        action_help(c, action_find(&c->options, "maintail"));
        return;
    }
    if (words->n && (words->v[0][0] != '-' || !read_modifier(words->v[0], &following, &bytes))) {
        complain(&c->out, 1, "USAGE", "Error: bad argument %s", words->v[0]);
        return;
    }
    show(c, &f, following, bytes);
}
