#include "config/envfile.h"
#include "base/buf.h"
#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum { VALUE_MAX = 1024 * 1024 };

struct parser {
    struct str rest;
    unsigned line;
    const char *file;
    struct buf name, value;
    struct err *e;
};

static char peek(const struct parser *p)
{
    return p->rest.len ? p->rest.ptr[0] : '\n';
}

static void skip(struct parser *p)
{
    p->line += p->rest.ptr[0] == '\n';
    p->rest = (struct str){p->rest.ptr + 1, p->rest.len - 1};
}

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("_.-", c));
}

static void skip_blanks(struct parser *p)
{
    while (p->rest.len > 0 && strchr(" \t\r", peek(p)))
        skip(p);
}

static void skip_line(struct parser *p)
{
    while (p->rest.len > 0 && peek(p) != '\n')
        skip(p);
    if (p->rest.len > 0)
        skip(p);
}

static int refuse(struct parser *p, unsigned line, const char *why)
{
    err_at(p->e, p->file, line);
    return err_set(p->e, "%s", why);
}

static int take_name(struct parser *p)
{
    if (str_starts(p->rest, "export ") || str_starts(p->rest, "export\t"))
        p->rest = (struct str){p->rest.ptr + 7, p->rest.len - 7};
    skip_blanks(p);
    buf_clear(&p->name);
    while (p->rest.len > 0 && is_name_character(peek(p))) {
        buf_add_char(&p->name, peek(p));
        skip(p);
    }
    skip_blanks(p);
    if (p->name.failed)
        return refuse(p, p->line, "a name longer than 255 bytes");
    if (p->name.len == 0 || p->rest.len == 0 || peek(p) != '=')
        return refuse(p, p->line, "no variable; write KEY=value");
    skip(p);
    return 0;
}

static int take_quoted(struct parser *p, char quote)
{
    static const char letters[] = "nt\"\\$", meant[] = "\n\t\"\\$";
    unsigned line = p->line;

    skip(p);
    while (p->rest.len > 0 && peek(p) != quote) {
        char c = peek(p);
        if (c == '\\' && quote == '"' && p->rest.len > 1 && p->rest.ptr[1] && strchr(letters, p->rest.ptr[1])) {
            skip(p);
            c = meant[strchr(letters, peek(p)) - letters];
        }
        buf_add_char(&p->value, c);
        skip(p);
    }
    if (p->rest.len == 0)
        return refuse(p, line, "No closing quotation");
    skip(p);
    skip_blanks(p);
    if (p->rest.len > 0 && peek(p) != '\n' && peek(p) != '#')
        return refuse(p, p->line, "text behind the closing quote; quote the whole value");
    skip_line(p);
    return 0;
}

static void take_bare(struct parser *p)
{
    bool after_blank = true;

    while (p->rest.len > 0 && peek(p) != '\n' && !(peek(p) == '#' && after_blank)) {
        after_blank = strchr(" \t\r", peek(p)) != NULL;
        buf_add_char(&p->value, peek(p));
        skip(p);
    }
    while (p->value.len > 0 && strchr(" \t\r", p->value.ptr[p->value.len - 1]))
        p->value.ptr[--p->value.len] = '\0';
    skip_line(p);
}

static int take_variable(struct parser *p, env_taker *take, void *context)
{
    unsigned line = p->line;
    int r = take_name(p);

    if (r < 0)
        return r;
    skip_blanks(p);
    buf_clear(&p->value);
    if (peek(p) == '"' || peek(p) == '\'')
        r = take_quoted(p, peek(p));
    else
        take_bare(p);
    if (r < 0)
        return r;
    if (p->value.failed)
        return refuse(p, line, "a value longer than 1 MiB");
    if (p->value.len > 0 && memchr(p->value.ptr, '\0', p->value.len))
        return refuse(p, line, "a NUL byte; this is no text file");
    return take(context, p->name.ptr, p->value.len ? p->value.ptr : "");
}

int envfile_parse(struct str text, const char *file, env_taker *take, void *context, struct err *e)
{
    struct parser p = {.rest = text, .line = 1, .file = file, .e = e};
    int r = 0;

    if (str_starts(p.rest, "\xef\xbb\xbf"))
        p.rest = (struct str){p.rest.ptr + 3, p.rest.len - 3};
    buf_init(&p.name, 255);
    buf_init(&p.value, VALUE_MAX);
    while (r == 0 && p.rest.len > 0) {
        skip_blanks(&p);
        if (p.rest.len == 0)
            break;
        if (peek(&p) == '\n' || peek(&p) == '#')
            skip_line(&p);
        else
            r = take_variable(&p, take, context);
    }
    buf_finish(&p.name);
    buf_finish(&p.value);
    return r;
}
