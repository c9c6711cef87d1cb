/* logs: the last lines of several programs, and on request all that follows, each line with its program's name. */
#include "base/num.h"
#include "base/vec.h"
#include "ctl/action.h"
#include "ctl/cells.h"
#include "ctl/follower.h"
#include "ctl/namespec.h"
#include "ctl/server.h"
#include "ctl/terminal.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Lines shown without -n, and the longest one that is kept together. */
enum { LINES = 10, LINE_MAX_BYTES = 64 * 1024 };

struct stream {
    struct follower f;
    struct buf line; /* what was read of the line that is not yet whole */
    dev_t device;
    ino_t inode;
    const char *colour;
};

struct streams {
    struct stream *v;
    size_t n, cap;
};

struct logs {
    struct ctl *c;
    struct streams streams;
    int64_t lines;
    bool following;
    size_t column;
    bool colour;
};

static void print_line(struct logs *l, struct stream *s, struct str line)
{
    const char *stream = s->f.flags ? "stderr" : "stdout";
    int pad = (int)(l->column - cells_width(str_from(s->f.label)));

    if (l->c->out.as_json) {
        struct json *row = result_open(&l->c->out);
        json_text(json_key(row, "name"), s->f.label);
        json_text(json_key(row, "stream"), stream);
        json_str(json_key(row, "message"), line);
        result_close(&l->c->out);
        return;
    }
    printf("%s%s%*s %s%s ", l->colour ? s->colour : "", s->f.label, pad, "", s->f.flags ? "!" : "|",
           l->colour ? "\033[0m" : "");
    fwrite(line.ptr, 1, line.len, stdout);
    putchar('\n');
}

static void on_output(void *context, struct follower *f, const char *bytes, size_t n)
{
    struct logs *l = context;
    struct stream *s = (struct stream *)(void *)f; /* its first member */
    struct str rest = {bytes, bytes ? n : 0};

    while (rest.len) {
        const char *end = str_find(rest, '\n');
        size_t part = end ? (size_t)(end - rest.ptr) : rest.len;
        size_t room = s->line.max - s->line.len;
        bool whole = end && part <= room;
        if (part > room)
            part = room; /* a longer line is printed in pieces, each with the name */
        if (buf_add(&s->line, rest.ptr, part) < 0)
            return;
        size_t taken = part + whole;
        rest = (struct str){rest.ptr + taken, rest.len - taken};
        if (whole || s->line.len == s->line.max) {
            print_line(l, s, buf_str(&s->line));
            buf_clear(&s->line);
        }
    }
}

/* Where the last `lines` lines of the file begin. */
static int64_t last_lines(int fd, int64_t lines)
{
    char bytes[4096];
    struct stat file;

    if (fstat(fd, &file) < 0)
        return 0;
    if (lines == 0)
        return file.st_size;
    for (int64_t at = file.st_size; at > 0;) {
        size_t want = at < (int64_t)sizeof bytes ? (size_t)at : sizeof bytes;
        ssize_t n = pread(fd, bytes, want, at - (int64_t)want);
        if (n != (ssize_t)want)
            return at;
        while (n-- > 0)
            if (bytes[n] == '\n' && at - (int64_t)want + n + 1 < file.st_size && --lines == 0)
                return at - (int64_t)want + n + 1;
        at -= (int64_t)want;
    }
    return 0;
}

static bool is_shown(const struct logs *l, const struct stat *file)
{
    for (size_t i = 0; i < l->streams.n; i++)
        if (l->streams.v[i].device == file->st_dev && l->streams.v[i].inode == file->st_ino)
            return true;
    return false;
}

/* Adds one stream of a process unless it has no file, or its file is there already: processes of one program often
 * share one. `*has_file` becomes true when there is one. 0, or negative, said already. */
static int add_stream(struct logs *l, const struct record *process, unsigned flags, bool *has_file)
{
    static const char *const colours[] = {"\033[36m", "\033[33m", "\033[32m", "\033[35m", "\033[34m", "\033[31m"};
    struct ctl *c = l->c;
    struct stream s = {.f = {.name = arena_printf(c->arena, "%s:%s", record_text(process, FIELD_GROUP),
                                                  record_text(process, FIELD_NAME)),
                             .flags = flags,
                             .label = namespec_of(c->arena, process)}};
    struct stat file;
    int fault, r = follower_open(c, &s.f, -1, &fault);

    if (r == 0 && fault != FAULT_SUCCESS && fault != FAULT_NO_FILE)
        complain(&c->out, 1, fault_name(fault), "%s: ERROR (unknown error reading log)", s.f.label);
    if (r < 0 || fault != FAULT_SUCCESS)
        return r;
    *has_file = true;
    if (fstat(s.f.fd, &file) < 0 || is_shown(l, &file)) {
        follower_close(&s.f);
        return 0;
    }
    s.device = file.st_dev;
    s.inode = file.st_ino;
    s.f.at = last_lines(s.f.fd, l->lines);
    s.colour = colours[l->streams.n % (sizeof colours / sizeof *colours)];
    buf_init(&s.line, LINE_MAX_BYTES);
    size_t width = cells_width(str_from(s.f.label));
    l->column = width > l->column ? width : l->column;
    *(struct stream *)vec_push(c->arena, &l->streams) = s;
    return 0;
}

static int add_processes(struct logs *l, const struct records *all, const char *word)
{
    struct ctl *c = l->c;
    struct namespec spec = namespec_parse(c->arena, word);
    bool every = strcmp(word, "all") == 0, found = every, has_file = false;
    int r = 0;

    for (size_t i = 0; i < all->n && r == 0; i++) {
        if (!every && !namespec_matches(&spec, all->v[i]))
            continue;
        found = true;
        r = add_stream(l, all->v[i], 0, &has_file);
        if (r == 0)
            r = add_stream(l, all->v[i], VERB_FLAG_STDERR, &has_file);
    }
    if (found && !has_file && r == 0)
        complain(&c->out, 1, fault_name(FAULT_NO_FILE),
                 "%s: ERROR (no log file: what it writes goes to the container's own output)", word);
    if (!found)
        server_no_such(c, 1, word);
    return r;
}

/* Options and names. False once it is said what is wrong. */
static bool read_words(struct logs *l, const struct names *words, struct names *names)
{
    const char **rest = arena_alloc(l->c->arena, sizeof *rest * (words->n + 1));

    *names = (struct names){rest, 0};
    for (size_t w = 0; w < words->n; w++) {
        const char *word = words->v[w];
        if (strcmp(word, "-f") == 0) {
            l->following = true;
        } else if (strncmp(word, "-n", 2) == 0) {
            const char *number = word[2] ? word + 2 : ++w < words->n ? words->v[w] : "";
            if (num_int(str_from(number), &l->lines) < 0 || l->lines < 0) {
                complain(&l->c->out, 2, "USAGE", "Error: -n takes a number of lines");
                return false;
            }
        } else {
            rest[names->n++] = word;
        }
    }
    if (names->n == 0)
        rest[names->n++] = "all";
    if (l->following && l->c->out.as_json)
        complain(&l->c->out, 2, "USAGE", "Error: -f has no end, and --json waits for it");
    return !(l->following && l->c->out.as_json);
}

static int print_new(struct logs *l)
{
    int r = 0;

    for (size_t i = 0; i < l->streams.n && r == 0; i++)
        r = follower_step(l->c, &l->streams.v[i].f, on_output, l);
    return r;
}

static void follow_all(struct logs *l)
{
    int r = follower_subscribe(l->c, "");

    terminal_catch_interrupts();
    if (r < 0)
        return;
    do {
        r = print_new(l);
        fflush(stdout);
    } while (r == 0 && (r = follower_pause(l->c, NULL)) == 0);
    if (r == -EINTR)
        terminal_interrupted();
}

static void finish(struct logs *l)
{
    for (size_t i = 0; i < l->streams.n; i++) {
        struct stream *s = &l->streams.v[i];
        if (s->line.len)
            print_line(l, s, buf_str(&s->line));
        buf_finish(&s->line);
        follower_close(&s->f);
    }
}

/* Two logs for each of 1,000 programs are more descriptors than one gets by default. */
static void allow_many_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

void run_logs(struct ctl *c, const struct names *words)
{
    struct logs l = {.c = c, .lines = LINES, .colour = terminal_colour()};
    struct names names;
    struct records all;
    int r = 0;

    if (!read_words(&l, words, &names) || server_processes(c, &all) < 0)
        return;
    allow_many_files();
    for (size_t w = 0; w < names.n && r == 0; w++)
        r = add_processes(&l, &all, names.v[w]);
    if (r == 0 && l.streams.n && l.following)
        follow_all(&l);
    else if (r == 0)
        print_new(&l);
    finish(&l);
}
