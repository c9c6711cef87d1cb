#include "wire/fcgi.h"
#include <errno.h>
#include <string.h>

#define REQUEST_ID 1
#define PARAMS_MAX 65535u

enum record_type {
    BEGIN_REQUEST = 1,
    END_REQUEST = 3,
    PARAMS = 4,
    STDIN = 5,
    STDOUT = 6,
    STDERR = 7,
    GET_VALUES = 9,
    GET_VALUES_RESULT = 10,
    UNKNOWN_TYPE = 11,
};

/* Head of a record: version, type, request id, content length, padding length, reserved. */
static void put_record(struct buf *out, enum record_type type, unsigned id, struct str content)
{
    const unsigned char head[8] = {
        1,
        (unsigned char)type,
        (unsigned char)(id >> 8),
        (unsigned char)id,
        (unsigned char)(content.len >> 8),
        (unsigned char)content.len,
    };

    buf_add(out, head, sizeof head);
    buf_add_str(out, content);
}

/* One byte up to 127, else four with the upper bit set. */
static void put_length(struct buf *out, size_t n)
{
    const unsigned char wide[4] = {(unsigned char)(n >> 24 | 0x80), (unsigned char)(n >> 16), (unsigned char)(n >> 8),
                                   (unsigned char)n};

    if (n < 128)
        buf_add_char(out, (char)n);
    else
        buf_add(out, wide, sizeof wide);
}

static void put_params(struct buf *out, enum record_type type, unsigned id, const struct fcgi_param *params, size_t n)
{
    struct buf content;

    buf_init(&content, PARAMS_MAX);
    for (size_t i = 0; i < n; i++) {
        put_length(&content, strlen(params[i].name));
        put_length(&content, params[i].value.len);
        buf_add_text(&content, params[i].name);
        buf_add_str(&content, params[i].value);
    }
    put_record(out, type, id, buf_str(&content));
    out->failed |= content.failed;
    buf_finish(&content);
}

void fcgi_request(struct buf *out, const struct fcgi_param *params, size_t n)
{
    static const char begin[8] = {0, 1 /* responder */, 0 /* close when done */};

    put_record(out, BEGIN_REQUEST, REQUEST_ID, (struct str){begin, sizeof begin});
    put_params(out, PARAMS, REQUEST_ID, params, n);
    put_record(out, PARAMS, REQUEST_ID, STR(""));
    put_record(out, STDIN, REQUEST_ID, STR(""));
}

void fcgi_get_values(struct buf *out)
{
    const struct fcgi_param asked = {"FCGI_MPXS_CONNS", STR("")};

    put_params(out, GET_VALUES, 0, &asked, 1);
}

/* `Status: 404 Not Found`; the empty line ends the headers. */
static int take_header_line(struct fcgi_reply *r, struct str line)
{
    struct str name, value;

    if (!line.len) {
        r->in_body = true;
        if (!r->status)
            r->status = 200;
        return 0;
    }
    if (!http_header(line, &name, &value))
        return -EBADMSG;
    if (!str_is_nocase(name, "status"))
        return 0;
    if (value.len < 3 || value.ptr[0] < '1' || value.ptr[0] > '5')
        return -EBADMSG;
    r->status = 0;
    for (size_t i = 0; i < 3; i++) {
        if (value.ptr[i] < '0' || value.ptr[i] > '9')
            return -EBADMSG;
        r->status = r->status * 10 + (value.ptr[i] - '0');
    }
    return 0;
}

static int take_stdout(struct fcgi_reply *r, char c)
{
    if (r->in_body)
        return 0;
    if (++r->headers > HTTP_HEAD_MAX)
        return -EMSGSIZE;
    struct str line;
    int ended = http_line_byte(r->line, sizeof r->line, &r->line_len, c, &line);
    return ended == 1 ? take_header_line(r, line) : ended;
}

static void take_stderr(struct fcgi_reply *r, char c)
{
    size_t n = strlen(r->error);

    if (c == '\n')
        r->error_done |= n > 0;
    else if (!r->error_done && c >= ' ' && c < 0x7f && n + 1 < sizeof r->error)
        r->error[n] = c;
}

/* One byte of a record's content. */
static int take_content(struct fcgi_reply *r, char c)
{
    switch (r->head[1]) {
    case STDOUT:
        return take_stdout(r, c);
    case STDERR:
        take_stderr(r, c);
        return 0;
    case END_REQUEST:
        if (r->body_len < sizeof r->body)
            r->body[r->body_len++] = (unsigned char)c;
        return 0;
    default:
        return 0;
    }
}

/* A record's head is whole. */
static int start_record(struct fcgi_reply *r)
{
    const unsigned char *h = r->head;
    unsigned id = (unsigned)h[2] << 8 | h[3];
    bool management = h[1] == GET_VALUES_RESULT || h[1] == UNKNOWN_TYPE;
    bool ours = h[1] == STDOUT || h[1] == STDERR || h[1] == END_REQUEST;

    r->left = (size_t)h[4] << 8 | h[5];
    r->padding = h[6];
    if (h[0] != 1 || !(management ? id == 0 : ours && id == REQUEST_ID) || (h[1] == END_REQUEST && r->left != 8))
        return -EBADMSG;
    return 0;
}

/* A record's content is through: 1 when it was the last one. */
static int end_record(struct fcgi_reply *r)
{
    const unsigned char *b = r->body;

    r->head_len = 0;
    if (r->head[1] == GET_VALUES_RESULT || r->head[1] == UNKNOWN_TYPE)
        return 1;
    if (r->head[1] != END_REQUEST)
        return 0;
    r->app_status = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    r->overloaded = b[4] != 0;
    return r->overloaded || r->in_body ? 1 : -EBADMSG;
}

int fcgi_feed(struct fcgi_reply *r, const char *bytes, size_t n)
{
    int rc = 0;

    for (size_t i = 0; i < n && rc == 0; i++) {
        if (r->head_len < sizeof r->head) {
            r->head[r->head_len++] = (unsigned char)bytes[i];
            rc = r->head_len == sizeof r->head ? start_record(r) : 0;
        } else if (r->left) {
            r->left--;
            rc = take_content(r, bytes[i]);
        } else {
            r->padding--;
        }
        if (rc == 0 && r->head_len == sizeof r->head && !r->left && !r->padding)
            rc = end_record(r);
    }
    return rc;
}
