/* The only file that knows inih.
 *
 * As distributions build it, inih cuts lines at 199 bytes and section names at 49, takes ` ;` for a comment, gives its
 * handler no line number and says nothing of an empty section. So it is fed one prepared line per logical line: a
 * header as `[N]`, N being the number of that logical line, followed by an option of that number to announce it; an
 * option as it stands where no build could misread it, else as `\1=`, which says: look at the logical line itself. */
#include "config/ini.h"
#include "base/buf.h"
#include "config/lines.h"
#include "config/pytext.h"
#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* What fits into the line of every build of inih. */
enum { SAFE_LINE = 190 };
#define BY_REFERENCE "\1"

struct reading {
    struct arena *a;
    const char *file;
    struct lines lines;
    size_t next;     /* line that inih asks for next */
    bool announce;   /* the header of lines[next - 1] was given, its announcement comes now */
    bool understood; /* inih made an option of the line given last */
    const char *section;
    ini_taker *take;
    void *context;
    int result;
    bool as_supervisord;
    struct err *e;
    struct buf bad_lines;
};

static bool inih_reads_it_right(const char *text)
{
    return strlen(text) <= SAFE_LINE && !strpbrk(text, "\n;\1") && text[0] != '[';
}

/* The line given last was an option, and nothing came of it: it has no delimiter. */
static void note_bad_line(struct reading *r)
{
    if (r->next == 0 || r->understood)
        return;
    const struct line *line = &r->lines.v[r->next - 1];
    if (r->bad_lines.len == 0)
        err_at(r->e, r->file, line->number);
    if (r->as_supervisord) {
        buf_printf(&r->bad_lines, "\n\t[line %2u]: ", line->number);
        py_repr(&r->bad_lines, str_from(line->raw));
    } else if (r->bad_lines.len == 0) {
        py_repr_short(&r->bad_lines, py_trim(str_from(line->raw)));
    }
    r->understood = true;
}

static char *next_line(char *to, int size, void *stream)
{
    struct reading *r = stream;

    note_bad_line(r);
    if (r->result < 0)
        return NULL;
    if (r->announce) {
        r->announce = false;
        snprintf(to, (size_t)size, BY_REFERENCE "=");
        return to;
    }
    if (r->next == r->lines.n)
        return NULL;
    const struct line *line = &r->lines.v[r->next++];
    r->understood = line->header;
    r->announce = line->header;
    if (line->header)
        snprintf(to, (size_t)size, "[%zu]", r->next - 1);
    else
        snprintf(to, (size_t)size, "%s", inih_reads_it_right(line->text) ? line->text : BY_REFERENCE "=");
    return to;
}

static char *lower_copy(struct arena *a, struct str s)
{
    char *copy = arena_str(a, s);
    for (char *c = copy; *c; c++)
        *c = str_lower(*c);
    return copy;
}

/* Splits a line that inih was not shown; false when it has no delimiter or no name. */
static bool split_option(const char *text, struct str *ret_name, struct str *ret_value)
{
    const char *delimiter = strpbrk(text, "=:");

    if (!delimiter)
        return false;
    *ret_name = (struct str){text, (size_t)(delimiter - text)};
    *ret_value = str_from(delimiter + 1);
    return true;
}

/* A value without the blanks behind the delimiter. A first line that is empty stays one: only its own line is trimmed.
 */
static struct str value_of(struct str text)
{
    size_t n;

    while ((n = py_blank(text)) > 0 && text.ptr[0] != '\n')
        text = (struct str){text.ptr + n, text.len - n};
    return py_trim_end(text);
}

static int handle(void *user, const char *section, const char *name, const char *value)
{
    struct reading *r = user;
    const struct line *line = &r->lines.v[r->next - 1];
    struct str key = str_from(name), text = str_from(value);

    (void)section; /* its number is that of a header we hold ourselves */
    if (line->header) {
        r->section = line->text;
        r->result = r->take(r->context, r->section, NULL, NULL, line->number);
        return 1;
    }
    if (!value)
        return 0; /* a build that takes names without values */
    if (str_is(key, BY_REFERENCE) && !split_option(line->text, &key, &text))
        return 0;
    key = py_trim_end(key);
    if (key.len == 0)
        return 0;
    r->understood = true;
    if (r->bad_lines.len == 0)
        r->result =
            r->take(r->context, r->section, lower_copy(r->a, key), arena_str(r->a, value_of(text)), line->number);
    return 1;
}

static int refuse_bad_lines(struct reading *r)
{
    if (r->as_supervisord)
        return err_set(r->e, "Source contains parsing errors: '%s'%s", r->file, r->bad_lines.ptr);
    return err_set(r->e, "%s is neither a section nor an option; write NAME=VALUE", r->bad_lines.ptr);
}

int ini_read(struct arena *a, struct str text, const char *file, bool as_supervisord, ini_taker *take, void *context,
             struct err *e)
{
    struct reading r = {.a = a,
                        .file = file,
                        .take = take,
                        .context = context,
                        .as_supervisord = as_supervisord,
                        .e = e,
                        .understood = true};

    int result = lines_split(a, text, file, as_supervisord, &r.lines, e);
    if (result < 0)
        return result;
    buf_init(&r.bad_lines, sizeof e->text * 4);
    int parsed = ini_parse_stream(next_line, &r, handle, &r);
    note_bad_line(&r); /* a build that stops at the first error does not ask for the next line */
    if (r.result < 0)
        result = r.result;
    else if (r.bad_lines.len > 0)
        result = refuse_bad_lines(&r);
    else if (parsed == -2)
        result = -ENOMEM;
    buf_finish(&r.bad_lines);
    return result;
}
