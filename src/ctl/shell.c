#include "ctl/shell.h"
#include "ctl/complete.h"
#include "ctl/edit.h"
#include "ctl/server.h"
#include "ctl/terminal.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct shell {
    struct ctl *c;
    struct history history;
    struct edit edit;
    const char *prompt;
};

static void write_out(const struct buf *b)
{
    fwrite(b->ptr, 1, b->len, stdout);
    fflush(stdout);
}

static void render(struct shell *s)
{
    struct buf bytes;

    buf_init(&bytes, 4 * EDIT_MAX);
    edit_render(&s->edit, str_from(s->prompt), terminal_columns(), &bytes);
    write_out(&bytes);
    buf_finish(&bytes);
}

static void list(const struct names *words)
{
    struct buf lines;

    buf_init(&lines, 1 << 20);
    buf_add_text(&lines, "\n");
    columns_format(&lines, words, terminal_columns());
    write_out(&lines);
    buf_finish(&lines);
}

/* The processes' names, for completion alone: without a server there are none, and nothing is said. */
static struct records processes(struct ctl *c)
{
    struct proto_request request = {.verb = VERB_STATUS};
    struct answer answer = {0};

    if (server_reach(c) < 0)
        return (struct records){0};
    if (client_ask(&c->client, c->arena, &request, &answer) < 0)
        answer = (struct answer){0};
    server_disconnect(c);
    return answer.rows;
}

static bool complete(struct shell *s)
{
    struct ctl *c = s->c;
    struct str line = {s->edit.text, s->edit.cursor}, typed;
    struct records rows = {0};

    if (complete_wants_processes(c->arena, &c->options, line))
        rows = processes(c);
    struct names words = complete_line(c->arena, &c->options, line, &rows, &typed);
    size_t common = complete_common(&words), had = typed.len;
    if (words.n == 0)
        return false;
    if (common > had && !edit_insert(&s->edit, (struct str){words.v[0] + had, common - had}))
        return false;
    if (words.n == 1)
        return edit_insert(&s->edit, STR(" "));
    if (common == had)
        list(&words);
    return true;
}

/* Whether more keys wait: of what is pasted only the end needs to be drawn. */
static bool more_keys(void)
{
    struct pollfd keys = {.fd = STDIN_FILENO, .events = POLLIN};

    return poll(&keys, 1, 0) > 0;
}

static void beep(void)
{
    putchar('\a');
    fflush(stdout);
}

/* Does what a key asks of the terminal; true when the line is finished. */
static bool obey(struct shell *s, enum edit_event event)
{
    switch (event) {
    case EDIT_BELL:
        beep();
        return false;
    case EDIT_COMPLETE:
        if (!complete(s))
            beep();
        break;
    case EDIT_REDRAW:
        fputs("\033[H\033[2J", stdout);
        break;
    case EDIT_MORE:
        if (more_keys())
            return false;
        break;
    case EDIT_LINE:
    case EDIT_INTERRUPT:
    case EDIT_EOF:
        break;
    }
    render(s);
    return event == EDIT_LINE || event == EDIT_INTERRUPT || event == EDIT_EOF;
}

/* A line from the terminal; false at its end. */
static bool edit_line(struct shell *s)
{
    enum edit_event event = EDIT_MORE;
    unsigned char byte;

    edit_init(&s->edit, &s->history);
    render(s);
    do {
        ssize_t n = read(STDIN_FILENO, &byte, 1);
        if (n < 0 && errno == EINTR && !terminal_interrupted())
            continue;
        event = n == 1 ? edit_feed(&s->edit, byte) : EDIT_EOF;
    } while (!obey(s, event));
    terminal_restore();
    if (event == EDIT_LINE) {
        putchar('\n');
        history_add(&s->history, s->edit.text);
    }
    return event == EDIT_LINE;
}

static bool plain_line(struct shell *s, char **line, size_t *cap)
{
    fputs(s->prompt, stdout);
    fflush(stdout);
    ssize_t n = getline(line, cap, stdin);
    if (n > 0 && (*line)[n - 1] == '\n')
        (*line)[n - 1] = '\0';
    return n > 0;
}

static void run_line(struct ctl *c, const char *line)
{
    c->arena = arena_new(ACTION_BYTES_MAX);
    if (!c->arena) {
        fputs("out of memory\n", stdout);
        return;
    }
    output_init(&c->out, false);
    action_run(c, line);
    output_finish(&c->out);
    server_disconnect(c);
    arena_free(c->arena);
}

/* Reads one line and runs it; false at the end. */
static bool turn(struct shell *s, char **line, size_t *cap)
{
    struct ctl *c = s->c;
    bool edited = isatty(STDOUT_FILENO) && terminal_raw(), more;

    if (edited) {
        c->arena = arena_new(ACTION_BYTES_MAX); /* what completion needs */
        more = c->arena && edit_line(s);
        arena_free(c->arena);
        c->arena = NULL;
    } else {
        more = plain_line(s, line, cap);
    }
    if (more)
        run_line(c, edited ? s->edit.text : *line);
    else
        putchar('\n');
    return more;
}

void shell_run(struct ctl *c)
{
    struct shell *s = calloc(1, sizeof *s);
    const char *file = c->options.history_file;
    char prompt[256], *line = NULL;
    size_t cap = 0;

    if (!s)
        return;
    snprintf(prompt, sizeof prompt, "%.250s> ", c->options.prompt);
    s->c = c;
    s->prompt = prompt;
    c->options.interactive = true;
    if (file)
        history_load(&s->history, file);
    terminal_catch_interrupts();
    run_line(c, "status");
    while (!c->leave && turn(s, &line, &cap))
        ;
    terminal_restore();
    if (file)
        history_save(&s->history, file);
    history_finish(&s->history);
    free(line);
    free(s);
}
