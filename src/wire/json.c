#include "wire/json.h"
#include "base/utf8.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Longest form of one character: \u001b. */
#define ESCAPE_MAX 6
/* Room that each of json_log_line's texts but the message may take. */
#define LOG_TEXT_MAX 1024

/* Takes one character from `*s` and writes it as it stands between quotes; returns how many bytes that are. */
static size_t escape(struct str *s, char out[ESCAPE_MAX + 1])
{
    static const char from[] = "\"\\\n\r\t\b\f", to[] = "\"\\nrtbf";
    bool valid;
    size_t n = utf8_char(*s, &valid);
    unsigned char c = (unsigned char)s->ptr[0];
    const char *shorthand = c ? strchr(from, c) : NULL;
    const char *text = valid ? s->ptr : UTF8_REPLACEMENT;
    size_t len = valid ? n : sizeof UTF8_REPLACEMENT - 1;

    s->ptr += n;
    s->len -= n;
    if (shorthand) {
        out[0] = '\\';
        out[1] = to[shorthand - from];
        return 2;
    }
    if (c < 0x20 || c == 0x7f)
        return (size_t)snprintf(out, ESCAPE_MAX + 1, "\\u%04x", c);
    memcpy(out, text, len);
    return len;
}

/* Whether a character stands for itself: the plain run in front of the next one that does not is copied at once. */
static size_t plain_run(struct str s)
{
    size_t n = 0;

    while (n < s.len && s.ptr[n] >= 0x20 && s.ptr[n] < 0x7f && s.ptr[n] != '"' && s.ptr[n] != '\\')
        n++;
    return n;
}

struct json json_to(struct buf *out)
{
    return (struct json){.out = out};
}

/* What stands before every value: a comma, unless it is the first or follows its key. */
static void separate(struct json *j)
{
    uint64_t bit = UINT64_C(1) << j->depth;

    if (!j->after_key && (j->filled & bit))
        buf_add_char(j->out, ',');
    j->filled |= bit;
    j->after_key = false;
}

void json_open(struct json *j, char bracket)
{
    separate(j);
    buf_add_char(j->out, bracket);
    if (j->depth == JSON_DEPTH_MAX) {
        j->out->failed = true;
        return;
    }
    j->depth++;
    j->filled &= ~(UINT64_C(1) << j->depth);
}

void json_close(struct json *j, char bracket)
{
    buf_add_char(j->out, bracket);
    if (j->depth)
        j->depth--;
}

static void quoted(struct json *j, struct str s)
{
    char one[ESCAPE_MAX + 1];

    buf_add_char(j->out, '"');
    while (s.len) {
        size_t n = plain_run(s);

        buf_add(j->out, s.ptr, n);
        s.ptr += n;
        s.len -= n;
        if (s.len) {
            n = escape(&s, one);
            buf_add(j->out, one, n);
        }
    }
    buf_add_char(j->out, '"');
}

struct json *json_key(struct json *j, const char *name)
{
    separate(j);
    quoted(j, str_from(name));
    buf_add_char(j->out, ':');
    j->after_key = true;
    return j;
}

void json_str(struct json *j, struct str s)
{
    separate(j);
    quoted(j, s);
}

void json_text(struct json *j, const char *text)
{
    json_str(j, str_from(text));
}

void json_int(struct json *j, int64_t value)
{
    separate(j);
    buf_printf(j->out, "%lld", (long long)value);
}

void json_bool(struct json *j, bool value)
{
    separate(j);
    buf_add_text(j->out, value ? "true" : "false");
}

void json_double(struct json *j, double value)
{
    if (!isfinite(value)) {
        json_null(j);
        return;
    }
    separate(j);
    buf_printf(j->out, "%.15g", value);
}

void json_null(struct json *j)
{
    separate(j);
    buf_add_text(j->out, "null");
}

static void item(struct json *j, const struct proto_item *i)
{
    switch (field_type(i->field)) {
    case TYPE_BOOL:
        json_bool(j, i->i != 0);
        break;
    case TYPE_INT:
    case TYPE_INTS:
        json_int(j, i->i);
        break;
    case TYPE_DOUBLE:
        json_double(j, i->d);
        break;
    case TYPE_STR:
    case TYPE_STRS:
        json_str(j, i->s);
        break;
    }
}

void json_record(struct json *j, const struct record *r)
{
    for (size_t i = 0; i < r->n; i++) {
        enum field f = r->items[i].field;

        json_key(j, field_json(f));
        if (!field_is_list(f)) {
            item(j, &r->items[i]);
            continue;
        }
        json_open(j, '[');
        item(j, &r->items[i]);
        while (i + 1 < r->n && r->items[i + 1].field == f)
            item(j, &r->items[++i]);
        json_close(j, ']');
    }
}

/* A fixed buffer that is filled from the front. */
struct line {
    char *ptr;
    size_t len, size;
};

static void raw(struct line *l, struct str s)
{
    memcpy(l->ptr + l->len, s.ptr, s.len);
    l->len += s.len;
}

/* Takes whole characters from `*s` while their escaped form fits below `end`. */
static void escaped(struct line *l, struct str *s, size_t end)
{
    char one[ESCAPE_MAX + 1];

    while (s->len) {
        struct str rest = *s;
        size_t n = plain_run(rest);

        if (n) {
            n = n < end - l->len ? n : end - l->len;
            if (!n)
                return;
            raw(l, (struct str){rest.ptr, n});
            *s = (struct str){rest.ptr + n, rest.len - n};
            continue;
        }
        n = escape(&rest, one);
        if (n > end - l->len)
            return;
        raw(l, (struct str){one, n});
        *s = rest;
    }
}

static void member(struct line *l, struct str head, struct str text)
{
    raw(l, head);
    escaped(l, &text, l->len + LOG_TEXT_MAX);
}

size_t json_log_line(char *out, size_t size, const struct json_log *log, struct str *message)
{
    static const char tail[] = "\"}\n";
    struct line l = {out, 0, size};
    char pid[64];
    int n = snprintf(pid, sizeof pid, "\",\"pid\":%lld,\"message\":\"", (long long)log->pid);

    if (size < JSON_LOG_MIN)
        return 0;
    member(&l, STR("{\"time\":\""), log->time);
    member(&l, STR("\",\"program\":\""), log->program);
    member(&l, STR("\",\"stream\":\""), log->stream);
    raw(&l, (struct str){pid, (size_t)n});
    escaped(&l, message, size - (sizeof tail - 1));
    raw(&l, (struct str){tail, sizeof tail - 1});
    return l.len;
}
