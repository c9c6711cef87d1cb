/* HTTP/1.1 (RFC 9112) as far as a health check needs it: one GET, one answer, whose body is walked over and dropped.
 * Nothing here allocates but the request's buffer; every limit is fixed. */
#pragma once
#include "base/buf.h"
#include <stdint.h>

#define HTTP_LINE_MAX 8192u         /* a longer status, header or chunk line is refused */
#define HTTP_HEAD_MAX (64u << 10)   /* … and so are more bytes of headers in all */
#define HTTP_BODY_ENOUGH (1u << 20) /* a body is followed so far and no further: the answer counts as complete */

/* Appends a GET that asks the server to close. `host` is the Host header's value. Errors stick in `out`. */
void http_get(struct buf *out, struct str host, struct str path);

/* A header line's halves, trimmed. False when the line is none. */
bool http_header(struct str line, struct str *ret_name, struct str *ret_value);

/* Collects one byte of a line in `memory`, of which `*len` bytes are used. 0: it goes on; 1: it has ended, with or
 * without CR, and `ret_line` borrows it until the next byte; -EMSGSIZE: it is too long. */
int http_line_byte(char *memory, size_t size, size_t *len, char c, struct str *ret_line);

enum http_step {
    HTTP_STATUS_LINE,
    HTTP_HEADERS,
    HTTP_BODY,      /* `left` bytes, by Content-Length */
    HTTP_UNTIL_EOF, /* neither length nor chunks */
    HTTP_CHUNK_SIZE,
    HTTP_CHUNK,     /* `left` bytes */
    HTTP_CHUNK_END, /* the empty line behind a chunk */
    HTTP_TRAILERS,
    HTTP_DONE,
};

/* An answer being read. Zero it first. */
struct http_reply {
    enum http_step step;
    int status;      /* once the status line is read: 100..599 */
    char reason[64]; /* the status line's words, printable ASCII; longer ones are cut: for people only */
    /* private */
    bool chunked, has_length;
    uint64_t left, body;
    size_t head, line_len;
    char line[HTTP_LINE_MAX];
};

/* Reads on. 1: complete; 0: wants more; -EBADMSG: not HTTP; -EMSGSIZE: over a limit. */
int http_feed(struct http_reply *r, const char *bytes, size_t n);

/* The connection has ended. 1: complete (a body without length ends so); -EBADMSG: it broke off. */
int http_end(struct http_reply *r);
