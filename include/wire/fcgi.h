/* FastCGI 1.0, the web server's side of one request: what a health check asks php-fpm and its like. */
#pragma once
#include "base/buf.h"
#include "wire/http.h"
#include <stdint.h>

struct fcgi_param {
    const char *name;
    struct str value;
};

/* Appends a whole responder request without body: BEGIN_REQUEST (the server closes), PARAMS, STDIN. Errors stick in
 * `out` (-EMSGSIZE: the parameters exceed one record's 65535 bytes). */
void fcgi_request(struct buf *out, const struct fcgi_param *params, size_t n);

/* Appends the management question FCGI_GET_VALUES: answered by the library itself, without running a script and
 * without a line in anybody's access log. */
void fcgi_get_values(struct buf *out);

/* An answer being read. Zero it first. */
struct fcgi_reply {
    int status;          /* CGI `Status:`, 200 without one; 0 until the headers are through */
    bool overloaded;     /* the server refused the request */
    uint32_t app_status; /* the application's exit status */
    char error[160];     /* the first line on its stderr, printable ASCII; cut: for people only */
    /* private */
    unsigned char head[8], body[8];
    size_t head_len, body_len, left, padding, line_len, headers;
    bool in_body, error_done;
    char line[HTTP_LINE_MAX];
};

/* Reads on. 1: complete (END_REQUEST, or a management answer); 0: wants more; -EBADMSG: not FastCGI, or no CGI
 * headers; -EMSGSIZE: over a limit of wire/http.h. */
int fcgi_feed(struct fcgi_reply *r, const char *bytes, size_t n);
