#include "config/pairs.h"
#include "base/vec.h"
#include "config/pytext.h"
#include <errno.h>
#include <string.h>

/* shlex in its non-POSIX manner: quotes stay part of the token, a quoted token ends at its quote, and a `#` inside a
 * word swallows the rest of the line but does not end the word. */
struct lexer {
    struct str rest;
    char *words; /* room for what is left of the text: a word is no slice of it when a comment cuts through */
    struct err *e;
};

static bool is_word_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("_/.+-():", c));
}

static bool is_quote(char c)
{
    return c == '"' || c == '\'';
}

static bool is_separator(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip(struct lexer *l, size_t n)
{
    l->rest = (struct str){l->rest.ptr + n, l->rest.len - n};
}

static void skip_line(struct lexer *l)
{
    const char *end = str_find(l->rest, '\n');
    skip(l, end ? (size_t)(end - l->rest.ptr) + 1 : l->rest.len);
}

static int take_quoted(struct lexer *l, struct str *ret_token)
{
    size_t n = 1;

    while (n < l->rest.len && l->rest.ptr[n] != l->rest.ptr[0])
        n++;
    if (n == l->rest.len)
        return err_set(l->e, "No closing quotation");
    *ret_token = (struct str){l->rest.ptr, n + 1};
    skip(l, n + 1);
    return 1;
}

static bool in_word(char c)
{
    return is_word_character(c) || is_quote(c) || c == '#';
}

static int take_word(struct lexer *l, struct str *ret_token)
{
    char *token = l->words, c;

    while (l->rest.len > 0 && in_word(c = l->rest.ptr[0])) {
        if (c == '#') {
            skip_line(l);
            continue;
        }
        *l->words++ = c;
        skip(l, 1);
    }
    *ret_token = (struct str){token, (size_t)(l->words - token)};
    return 1;
}

/* 1 and a token, 0 at the end, or -EINVAL. */
static int take_token(struct lexer *l, struct str *ret_token)
{
    while (l->rest.len > 0 && (is_separator(l->rest.ptr[0]) || l->rest.ptr[0] == '#')) {
        if (l->rest.ptr[0] == '#')
            skip_line(l);
        else
            skip(l, 1);
    }
    if (l->rest.len == 0)
        return 0;
    if (is_quote(l->rest.ptr[0]))
        return take_quoted(l, ret_token);
    if (is_word_character(l->rest.ptr[0]))
        return take_word(l, ret_token);
    *ret_token = (struct str){l->rest.ptr, py_char(l->rest)};
    skip(l, ret_token->len);
    return 1;
}

struct pairs {
    VEC(struct env_pair) list;
};

static void set_pair(struct arena *a, struct pairs *p, const char *name, const char *value)
{
    for (size_t i = 0; i < p->list.n; i++) {
        if (strcmp(p->list.v[i].name, name) == 0) {
            p->list.v[i].value = value;
            return;
        }
    }
    *vec_push(a, &p->list) = (struct env_pair){name, value};
}

static struct str without_quotes(struct str s)
{
    while (s.len > 0 && is_quote(s.ptr[0]))
        s = (struct str){s.ptr + 1, s.len - 1};
    while (s.len > 0 && is_quote(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

/* More variables than anybody sets; a bound for the search above. */
enum { PAIRS_MAX = 500 };

int pairs_parse(struct arena *a, const char *text, struct env_list *ret_env, struct err *e)
{
    struct lexer l = {str_from(text), *text ? arena_alloc(a, strlen(text) + 1) : NULL, e};
    struct pairs pairs = {0};
    struct str t[4];

    for (;;) {
        int n = 0, r = 1;
        while (n < 4 && (r = take_token(&l, &t[n])) > 0)
            n++;
        if (r < 0)
            return r;
        if (n == 0)
            break;
        if (n < 3 || !str_is(t[1], "="))
            return err_set(e, "Unexpected end of key/value pairs in value '%s'", text);
        if (pairs.list.n == PAIRS_MAX)
            return err_set(e, "more than %d variables", PAIRS_MAX);
        set_pair(a, &pairs, arena_str(a, t[0]), arena_str(a, without_quotes(t[2])));
    }
    *ret_env = (struct env_list){pairs.list.v, pairs.list.n};
    return 0;
}

struct env_list pairs_merge(struct arena *a, const struct env_list *base, const struct env_list *over)
{
    struct pairs pairs = {0};

    for (size_t i = 0; i < base->n; i++)
        set_pair(a, &pairs, base->v[i].name, base->v[i].value);
    for (size_t i = 0; i < over->n; i++)
        set_pair(a, &pairs, over->v[i].name, over->v[i].value);
    return (struct env_list){pairs.list.v, pairs.list.n};
}
