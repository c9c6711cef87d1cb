#include "wire/http.h"
#include <errno.h>
#include <string.h>

void http_get(struct buf *out, struct str host, struct str path)
{
    buf_add_text(out, "GET ");
    buf_add_str(out, path);
    buf_add_text(out, " HTTP/1.1\r\nHost: ");
    buf_add_str(out, host);
    buf_add_text(out, "\r\nUser-Agent: cslsup/" CSLSUP_VERSION "\r\nAccept: */*\r\nConnection: close\r\n\r\n");
}

bool http_header(struct str line, struct str *ret_name, struct str *ret_value)
{
    const char *colon = str_find(line, ':');

    if (!colon || colon == line.ptr)
        return false;
    *ret_name = (struct str){line.ptr, (size_t)(colon - line.ptr)};
    *ret_value = str_trim((struct str){colon + 1, line.len - ret_name->len - 1});
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* `HTTP/1.1 200 OK`; the words may be missing. */
static int take_status(struct http_reply *r, struct str line)
{
    const char *p = line.ptr;
    size_t n = 0;

    if (line.len < 12 || memcmp(p, "HTTP/1.", 7) != 0 || !is_digit(p[7]) || p[8] != ' ' || !is_digit(p[9]) ||
        !is_digit(p[10]) || !is_digit(p[11]) || (line.len > 12 && p[12] != ' '))
        return -EBADMSG;
    r->status = (p[9] - '0') * 100 + (p[10] - '0') * 10 + (p[11] - '0');
    if (r->status < 100 || r->status > 599)
        return -EBADMSG;
    for (size_t i = 13; i < line.len && n + 1 < sizeof r->reason; i++)
        if (p[i] >= ' ' && p[i] < 0x7f)
            r->reason[n++] = p[i];
    r->reason[n] = '\0';
    r->step = HTTP_HEADERS;
    return 0;
}

/* Digits of the base, at least one, no sign; behind them the end or one of `stops`. */
static bool take_number(struct str s, unsigned base, const char *stops, uint64_t *ret_value)
{
    uint64_t value = 0;
    size_t i = 0;

    for (; i < s.len; i++) {
        char c = str_lower(s.ptr[i]);
        unsigned digit = is_digit(c) ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;

        if (digit >= base)
            break;
        if (value > (UINT64_MAX - digit) / base)
            return false;
        value = value * base + digit;
    }
    *ret_value = value;
    return i > 0 && (i == s.len || (s.ptr[i] && strchr(stops, s.ptr[i])));
}

/* A `Content-Length` beside `Transfer-Encoding` is overruled (RFC 9112 §6.3); two different ones are an attack. */
static int take_header(struct http_reply *r, struct str line)
{
    struct str name, value;
    uint64_t length;

    if (!http_header(line, &name, &value))
        return -EBADMSG;
    if (str_is_nocase(name, "transfer-encoding")) {
        r->chunked = str_is_nocase(value, "chunked");
        return r->chunked ? 0 : -EBADMSG;
    }
    if (!str_is_nocase(name, "content-length"))
        return 0;
    if (!take_number(value, 10, "", &length) || (r->has_length && length != r->left))
        return -EBADMSG;
    r->has_length = true;
    r->left = length;
    return 0;
}

/* The empty line behind the headers: what kind of body follows. */
static void start_body(struct http_reply *r)
{
    if (r->status < 200)
        *r = (struct http_reply){.head = r->head}; /* `100 Continue`: the real answer follows */
    else if (r->status == 204 || r->status == 304)
        r->step = HTTP_DONE;
    else if (r->chunked)
        r->step = HTTP_CHUNK_SIZE;
    else if (r->has_length)
        r->step = r->left ? HTTP_BODY : HTTP_DONE;
    else
        r->step = HTTP_UNTIL_EOF;
}

static int take_line(struct http_reply *r, struct str line)
{
    switch (r->step) {
    case HTTP_STATUS_LINE:
        return take_status(r, line);
    case HTTP_HEADERS:
        if (line.len)
            return take_header(r, line);
        start_body(r);
        return 0;
    case HTTP_CHUNK_SIZE:
        if (!take_number(line, 16, "; \t", &r->left))
            return -EBADMSG;
        r->step = r->left ? HTTP_CHUNK : HTTP_TRAILERS;
        return 0;
    case HTTP_CHUNK_END:
        r->step = HTTP_CHUNK_SIZE;
        return line.len ? -EBADMSG : 0;
    case HTTP_TRAILERS:
        if (!line.len)
            r->step = HTTP_DONE;
        return 0;
    default:
        return -EBADMSG;
    }
}

int http_line_byte(char *memory, size_t size, size_t *len, char c, struct str *ret_line)
{
    if (c != '\n') {
        if (*len == size)
            return -EMSGSIZE;
        memory[(*len)++] = c;
        return 0;
    }
    *ret_line = (struct str){memory, *len};
    if (ret_line->len && memory[ret_line->len - 1] == '\r')
        ret_line->len--;
    *len = 0;
    return 1;
}

/* Collects one byte of a line; at its end the line is taken. */
static int take_line_byte(struct http_reply *r, char c)
{
    bool is_head = r->step == HTTP_STATUS_LINE || r->step == HTTP_HEADERS || r->step == HTTP_TRAILERS;

    if (is_head && ++r->head > HTTP_HEAD_MAX)
        return -EMSGSIZE;
    struct str line;
    int ended = http_line_byte(r->line, sizeof r->line, &r->line_len, c, &line);
    return ended == 1 ? take_line(r, line) : ended;
}

/* Walks over up to `n` bytes of body; returns how many. */
static size_t skip_body(struct http_reply *r, size_t n)
{
    if (r->step != HTTP_UNTIL_EOF) {
        n = n < r->left ? n : (size_t)r->left;
        r->left -= n;
        if (!r->left)
            r->step = r->step == HTTP_CHUNK ? HTTP_CHUNK_END : HTTP_DONE;
    }
    r->body += n;
    if (r->body >= HTTP_BODY_ENOUGH)
        r->step = HTTP_DONE;
    return n;
}

int http_feed(struct http_reply *r, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n && r->step != HTTP_DONE;) {
        if (r->step == HTTP_BODY || r->step == HTTP_CHUNK || r->step == HTTP_UNTIL_EOF) {
            i += skip_body(r, n - i);
            continue;
        }
        int rc = take_line_byte(r, bytes[i++]);
        if (rc < 0)
            return rc;
    }
    return r->step == HTTP_DONE;
}

int http_end(struct http_reply *r)
{
    if (r->step == HTTP_UNTIL_EOF)
        r->step = HTTP_DONE;
    return r->step == HTTP_DONE ? 1 : -EBADMSG;
}
