#include "config/lines.h"
#include "base/buf.h"
#include "base/vec.h"
#include "config/pytext.h"
#include <errno.h>
#include <stdint.h>
#include <string.h>

/* A value is collected piece by piece before it is joined: pieces are slices of the file's text. */
struct joining {
    VEC(struct str) pieces;
    size_t bytes;
};

struct splitter {
    struct arena *a;
    const char *end; /* of the file's text */
    bool as_supervisord;
    VEC(struct line) lines;
    struct joining value; /* of the option that is still open */
    bool in_section, in_option;
    size_t indent; /* of the line that opened the option, in characters */
};

/* The physical line that `text` starts with, without its end: \n, \r\n or a lone \r, as Python reads them. */
static struct str take_physical(struct str *text)
{
    size_t n = 0;

    while (n < text->len && text->ptr[n] != '\n' && text->ptr[n] != '\r')
        n++;
    struct str line = {text->ptr, n};
    if (n < text->len)
        n += text->ptr[n] == '\r' && n + 1 < text->len && text->ptr[n + 1] == '\n' ? 2 : 1;
    *text = (struct str){text->ptr + n, text->len - n};
    return line;
}

/* Where the next `mark` at or behind `from` stands; `s.len` when there is none. */
static size_t find_from(struct str s, size_t from, char mark)
{
    const char *at = from < s.len ? memchr(s.ptr + from, mark, s.len - from) : NULL;
    return at ? (size_t)(at - s.ptr) : s.len;
}

static bool starts_comment(struct str s, size_t at)
{
    return at < s.len && (at == 0 || py_blank_before((struct str){s.ptr, at}) > 0);
}

/* Where an inline comment begins, `s.len` without one. Both marks advance in step, one occurrence of each a round, and
 * the first round that finds a comment ends the search: so `a#b #c ;d` is cut at ` ;d`, as in supervisord. */
static size_t inline_comment(struct str s)
{
    static const char marks[] = ";#";
    size_t at[2] = {find_from(s, 0, marks[0]), find_from(s, 0, marks[1])};

    while (at[0] < s.len || at[1] < s.len) {
        size_t cut = s.len;
        for (int i = 0; i < 2; i++)
            if (starts_comment(s, at[i]) && at[i] < cut)
                cut = at[i];
        if (cut < s.len)
            return cut;
        for (int i = 0; i < 2; i++)
            at[i] = find_from(s, at[i] + 1, marks[i]);
    }
    return s.len;
}

static size_t indent_of(struct str s)
{
    size_t n, characters = 0;

    while ((n = py_blank(s)) > 0) {
        s = (struct str){s.ptr + n, s.len - n};
        characters++;
    }
    return characters;
}

static void add_piece(struct splitter *p, struct str piece)
{
    *vec_push(p->a, &p->value.pieces) = piece;
    p->value.bytes += piece.len + 1;
}

/* Joins what was collected for the open option. */
static void close_option(struct splitter *p)
{
    struct joining *j = &p->value;

    if (p->lines.n == 0 || j->pieces.n == 0)
        return;
    char *text = arena_alloc(p->a, j->bytes), *end = text;
    for (size_t i = 0; i < j->pieces.n; i++) {
        if (i > 0)
            *end++ = '\n';
        if (j->pieces.v[i].len)
            memcpy(end, j->pieces.v[i].ptr, j->pieces.v[i].len);
        end += j->pieces.v[i].len;
    }
    text[py_trim_end((struct str){text, (size_t)(end - text)}).len] = '\0';
    p->lines.v[p->lines.n - 1].text = text;
    j->pieces.n = 0;
    j->bytes = 0;
}

/* From `[` to the last `]`; what stands behind is ignored. */
static bool is_header(struct str s, struct str *ret_name)
{
    size_t end = s.len;

    if (s.len == 0 || s.ptr[0] != '[')
        return false;
    while (end > 0 && s.ptr[end - 1] != ']')
        end--;
    if (end < 3)
        return false;
    *ret_name = (struct str){s.ptr + 1, end - 2};
    return true;
}

/* The line as it stood; with its end, if it had one. */
static char *raw_copy(struct splitter *p, struct str raw)
{
    char *copy = arena_alloc(p->a, raw.len + 2);

    if (raw.len)
        memcpy(copy, raw.ptr, raw.len);
    if (raw.ptr + raw.len < p->end)
        copy[raw.len] = '\n';
    return copy;
}

static int nothing_open(struct splitter *p, struct str raw, unsigned number, const char *file, struct err *e)
{
    struct buf quoted;

    buf_init(&quoted, sizeof e->text);
    err_at(e, file, number);
    if (p->as_supervisord) {
        py_repr(&quoted, str_from(raw_copy(p, raw)));
        err_set(e, "File contains no section headers.\nfile: '%s', line: %u\n%s", file, number, quoted.ptr);
    } else {
        py_repr_short(&quoted, py_trim(raw));
        err_set(e, "%s stands before the first section; begin with [program:NAME] or [supervisord]", quoted.ptr);
    }
    buf_finish(&quoted);
    return -EINVAL;
}

static struct line *add_line(struct splitter *p, struct str raw, unsigned number)
{
    close_option(p);
    struct line *line = vec_push(p->a, &p->lines);
    *line = (struct line){.text = "", .raw = raw_copy(p, raw), .number = number};
    return line;
}

/* One physical line that holds something; false: it stands before any header. */
static bool take_content(struct splitter *p, struct str raw, struct str content, unsigned number)
{
    size_t indent = indent_of(raw);
    struct str name;

    if (p->in_option && indent > p->indent) {
        add_piece(p, content);
        return true;
    }
    p->indent = indent;
    if (is_header(content, &name)) {
        struct line *line = add_line(p, raw, number);
        line->header = true;
        line->text = arena_str(p->a, name);
        p->in_section = true;
        p->in_option = false;
        return true;
    }
    if (!p->in_section)
        return false;
    add_line(p, raw, number);
    add_piece(p, content);
    /* A line without a delimiter is an error that the next step reports; it opens nothing. */
    p->in_option = p->in_option || str_find(content, '=') || str_find(content, ':');
    return true;
}

int lines_split(struct arena *a, struct str text, const char *file, bool as_supervisord, struct lines *ret_lines,
                struct err *e)
{
    struct splitter p = {.a = a, .end = text.ptr + text.len, .as_supervisord = as_supervisord};

    for (unsigned number = 1; text.len > 0; number++) {
        struct str raw = take_physical(&text);
        size_t cut = inline_comment(raw);
        struct str content = py_trim((struct str){raw.ptr, cut});
        if (raw.len && memchr(raw.ptr, '\0', raw.len)) {
            err_at(e, file, number);
            return err_set(e, "a NUL byte; this is no text file");
        }
        if (content.len > 0 && (content.ptr[0] == ';' || content.ptr[0] == '#'))
            continue;
        if (content.len == 0 && cut == raw.len && p.in_option)
            add_piece(&p, content); /* a blank line belongs to the value if more of it follows */
        else if (content.len > 0 && !take_content(&p, raw, content, number))
            return nothing_open(&p, raw, number, file, e);
    }
    close_option(&p);
    *ret_lines = (struct lines){p.lines.v, p.lines.n};
    return 0;
}
