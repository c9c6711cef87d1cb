/* The checks that speak over a byte stream. */
#include "os/sockets.h"
#include "probe/attempt.h"
#include "wire/fcgi.h"
#include "wire/http.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define REQUEST_MAX (128u << 10)
#define HOST_MAX 255

/* What the answer's parser says to more bytes, and at the connection's end (n = 0): as http_feed. */
typedef int feeder(void *reply, const char *bytes, size_t n);

static bool to_text(struct str s, char *ret_text, size_t size)
{
    if (s.len >= size)
        return false;
    memcpy(ret_text, s.ptr, s.len);
    ret_text[s.len] = '\0';
    return true;
}

static int open_stream(const struct check *c, int64_t deadline, int *ret_fd, struct err *e)
{
    char name[HOST_MAX + 1], port[8];

    if (!to_text(c->socket.len ? c->socket : c->host, name, sizeof name)) {
        err_set(e, "the name is too long");
        return -ENAMETOOLONG;
    }
    if (c->socket.len)
        return os_unix_connect(name, deadline, ret_fd, e);
    snprintf(port, sizeof port, "%u", c->port);
    return os_tcp_connect(name, port, deadline, ret_fd, e);
}

static int failed(ssize_t error, const char *doing, struct err *e)
{
    char words[128];

    if (error == -ETIMEDOUT)
        err_set(e, "%s: timed out", doing);
    else
        err_set(e, "%s: %s", doing, os_error_words((int)-error, words, sizeof words));
    return (int)error;
}

static int send_all(int fd, struct str bytes, int64_t deadline, struct err *e)
{
    while (bytes.len) {
        ssize_t n = os_stream_send(fd, bytes.ptr, bytes.len, deadline);

        if (n < 0)
            return failed(n, "sending the request", e);
        bytes = (struct str){bytes.ptr + n, bytes.len - (size_t)n};
    }
    return 0;
}

/* Reads until the parser has the whole answer. -ECONNRESET: the server closed before that; `*ret_any` says whether
 * anything had come. */
static int receive(int fd, feeder *feed, void *reply, int64_t deadline, bool *ret_any, struct err *e)
{
    char bytes[16384];

    *ret_any = false;
    for (;;) {
        ssize_t n = os_stream_receive(fd, bytes, sizeof bytes, deadline);
        int rc;

        if (n < 0)
            return failed(n, *ret_any ? "in the middle of the answer" : "no answer", e);
        *ret_any |= n > 0;
        rc = feed(reply, bytes, (size_t)n);
        if (rc == 1)
            return 0;
        if (n == 0) {
            err_set(e, *ret_any ? "the connection broke off in the middle of the answer" : "closed without an answer");
            return -ECONNRESET;
        }
        if (rc < 0) {
            err_set(e, rc == -EMSGSIZE ? "the answer's headers are too long" : "the answer is not of this protocol");
            return rc;
        }
    }
}

/* One connection, one request, one answer. */
static int ask(const struct check *c, const struct buf *request, feeder *feed, void *reply, int64_t deadline,
               bool *ret_any, struct err *e)
{
    int fd, r = request->failed ? -EMSGSIZE : open_stream(c, deadline, &fd, e);

    *ret_any = false;
    if (request->failed)
        err_set(e, "the request is too long");
    if (r < 0)
        return r;
    r = send_all(fd, buf_str(request), deadline, e);
    if (r == 0)
        r = receive(fd, feed, reply, deadline, ret_any, e);
    close(fd);
    return r;
}

int attempt_connect(const struct check *c, int64_t deadline, struct err *e)
{
    int fd, r = open_stream(c, deadline, &fd, e);

    if (r == 0)
        close(fd);
    return r;
}

static int feed_http(void *reply, const char *bytes, size_t n)
{
    return n ? http_feed(reply, bytes, n) : http_end(reply);
}

/* `host`, `host:81`, `[::1]:81`; a unix socket's server is this machine. */
static const char *host_header(const struct check *c, char *ret_text, size_t size)
{
    bool v6 = str_find(c->host, ':') != NULL;
    int n = snprintf(ret_text, size, "%s%.*s%s", v6 ? "[" : "", (int)c->host.len, c->host.ptr, v6 ? "]" : "");

    if (c->socket.len)
        return "localhost";
    if (c->port != 80 && n > 0 && (size_t)n < size)
        snprintf(ret_text + n, size - (size_t)n, ":%u", c->port);
    return ret_text;
}

int attempt_http(const struct check *c, int64_t deadline, struct err *e)
{
    struct http_reply reply = {0};
    struct buf request;
    char host[HOST_MAX + 16];
    bool any;
    int r;

    buf_init(&request, REQUEST_MAX);
    http_get(&request, str_from(host_header(c, host, sizeof host)), c->path);
    r = ask(c, &request, feed_http, &reply, deadline, &any, e);
    buf_finish(&request);
    return r < 0 ? r : attempt_judge_http(reply.status, reply.reason, e);
}

static int feed_fcgi(void *reply, const char *bytes, size_t n)
{
    return fcgi_feed(reply, bytes, n);
}

static void put_request(struct buf *request, struct str path)
{
    struct str script = path, query = STR("");

    str_take_until(&(struct str){path.ptr, path.len}, "?", &script);
    if (script.len < path.len)
        query = (struct str){path.ptr + script.len + 1, path.len - script.len - 1};
    const struct fcgi_param params[] = {
        {"GATEWAY_INTERFACE", STR("CGI/1.1")},
        {"SERVER_PROTOCOL", STR("HTTP/1.1")},
        {"SERVER_SOFTWARE", STR("cslsup/" CSLSUP_VERSION)},
        {"REQUEST_METHOD", STR("GET")},
        {"SCRIPT_FILENAME", script},
        {"SCRIPT_NAME", script},
        {"REQUEST_URI", path},
        {"QUERY_STRING", query},
        {"SERVER_NAME", STR("localhost")},
        {"SERVER_PORT", STR("80")},
        {"REMOTE_ADDR", STR("127.0.0.1")},
    };
    fcgi_request(request, params, sizeof params / sizeof *params);
}

static int judge_fastcgi(const struct check *c, const struct fcgi_reply *reply, struct err *e)
{
    if (reply->overloaded)
        err_set(e, "the FastCGI server refuses requests: overloaded");
    else if (c->path.len && (reply->status < 200 || reply->status > 299))
        err_set(e, "status %d%s%s", reply->status, *reply->error ? ": " : "", reply->error);
    else
        return 0;
    return -EPROTO;
}

/* Without a path the management question is tried first: it leaves no trace in logs. A server that hangs up on it
 * (it may) is asked for nothing in particular. */
int attempt_fastcgi(const struct check *c, int64_t deadline, struct err *e)
{
    struct fcgi_reply reply = {0};
    struct buf request;
    bool any;
    int r;

    buf_init(&request, REQUEST_MAX);
    if (c->path.len)
        put_request(&request, c->path);
    else
        fcgi_get_values(&request);
    r = ask(c, &request, feed_fcgi, &reply, deadline, &any, e);
    if (r == -ECONNRESET && !any && !c->path.len) {
        buf_clear(&request);
        put_request(&request, STR(""));
        r = ask(c, &request, feed_fcgi, &reply, deadline, &any, e);
    }
    buf_finish(&request);
    return r < 0 ? r : judge_fastcgi(c, &reply, e);
}
