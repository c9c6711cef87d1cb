/* HTTP and FastCGI answers, whole, byte by byte, and broken. */
#include "wire/fcgi.h"
#include "wire/http.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *text;
    int fed, ended; /* what http_feed says, and http_end behind it */
    int status;
} answers[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 1, 1, 200},
    {"HTTP/1.0 302 Found\nLocation: /\n\n", 0, 1, 302},
    {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", 1, 1, 200},
    {"HTTP/1.1 204 No Content\r\n\r\n", 1, 1, 204},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", 1, 1, 503},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\na\r\n0123456789\r\n0\r\nA: b\r\n\r\n", 1,
     1, 200},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", 0, -EBADMSG, 200},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n", -EBADMSG, 0, 200},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", -EBADMSG, 0, 200},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", -EBADMSG, 0, 200},
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n", -EBADMSG, 0, 200},
    {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", -EBADMSG, 0, 200},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok", 0, -EBADMSG, 200},
    {"HTTP/1.1 200 OK\r\nrubbish\r\n\r\n", -EBADMSG, 0, 200},
    {"HTTP/1.1 200 OK\r\nA: b", 0, -EBADMSG, 200},
    {"HTTP/1.1 2000 OK\r\n", -EBADMSG, 0, 0},
    {"HTTP/1.1 999 OK\r\n", -EBADMSG, 0, 999},
    {"SSH-2.0-OpenSSH\r\n", -EBADMSG, 0, 0},
    {"", 0, -EBADMSG, 0},
};

static void http_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct http_reply whole = {0}, bytewise = {0};
        size_t n = strlen(answers[i].text);
        int rc = http_feed(&whole, answers[i].text, n), each = 0;

        for (size_t k = 0; k < n && each == 0; k++)
            each = http_feed(&bytewise, answers[i].text + k, 1);
        assert_int_equal(rc, answers[i].fed);
        assert_int_equal(each, rc);
        assert_int_equal(whole.status, answers[i].status);
        if (rc == 0)
            assert_int_equal(http_end(&whole), answers[i].ended);
    }
}

static void http_limits(void **state)
{
    static char large[HTTP_HEAD_MAX + 1];
    struct http_reply r = {0};

    (void)state;
    memset(large, 'x', sizeof large);
    assert_int_equal(http_feed(&r, large, sizeof large), -EMSGSIZE);
    r = (struct http_reply){0};
    assert_int_equal(http_feed(&r, "HTTP/1.1 200 OK\r\n", 17), 0);
    for (size_t i = 0; i + 4 <= sizeof large; i += 4)
        memcpy(large + i, "a:b\n", 4);
    assert_int_equal(http_feed(&r, large, sizeof large), -EMSGSIZE);
    r = (struct http_reply){0};
    assert_int_equal(http_feed(&r, "HTTP/1.1 200 OK\r\n\r\n", 19), 0);
    int rc = 0;
    for (size_t i = 0; i < 17 && rc == 0; i++)
        rc = http_feed(&r, large, 65536);
    assert_int_equal(rc, 1);
}

static void http_asks(void **state)
{
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 16);
    http_get(&out, STR("web:81"), STR("/up?x"));
    assert_non_null(strstr(out.ptr, "GET /up?x HTTP/1.1\r\nHost: web:81\r\n"));
    assert_string_equal(out.ptr + out.len - 4, "\r\n\r\n");
    buf_finish(&out);
}

#define HEAD(type, id, len, pad) 1, type, 0, id, (len) >> 8, (len)&255, pad, 0
#define END(app, proto) HEAD(3, 1, 8, 0), 0, 0, 0, app, proto, 0, 0, 0

static int feed(struct fcgi_reply *r, const char *bytes, size_t n)
{
    struct fcgi_reply bytewise = {0};
    int rc, each = 0;

    *r = (struct fcgi_reply){0};
    rc = fcgi_feed(r, bytes, n);
    for (size_t i = 0; i < n && each == 0; i++)
        each = fcgi_feed(&bytewise, bytes + i, 1);
    assert_int_equal(each, rc);
    assert_int_equal(bytewise.status, r->status);
    return rc;
}

#define FEED(...) feed(&r, (const char[]){__VA_ARGS__}, sizeof((const char[]){__VA_ARGS__}))

static void fcgi_answers(void **state)
{
    struct fcgi_reply r;

    (void)state;
    assert_int_equal(FEED(HEAD(6, 1, 6, 2), 'A', ':', 'b', '\n', '\n', 'x', 0, 0, END(0, 0)), 1);
    assert_int_equal(r.status, 200);
    assert_int_equal(FEED(HEAD(7, 1, 3, 0), 'n', 'o', '\n', HEAD(6, 1, 11, 0), 'S', 't', 'a', 't', 'u', 's', ':', ' ',
                          '4', '0', '4', HEAD(6, 1, 4, 0), '\r', '\n', '\r', '\n', HEAD(6, 1, 0, 0), END(3, 0)),
                     1);
    assert_int_equal(r.status, 404);
    assert_int_equal(r.app_status, 3);
    assert_string_equal(r.error, "no");
    assert_int_equal(FEED(END(0, 2)), 1);
    assert_true(r.overloaded);
    assert_int_equal(FEED(HEAD(10, 0, 3, 1), 1, 0, 'x', 0), 1);
    assert_int_equal(FEED(HEAD(11, 0, 0, 0)), 1);
}

static void fcgi_rubbish(void **state)
{
    struct fcgi_reply r;

    (void)state;
    assert_int_equal(FEED(END(0, 0)), -EBADMSG); /* no headers came */
    assert_int_equal(FEED(2, 6, 0, 1, 0, 0, 0, 0), -EBADMSG);
    assert_int_equal(FEED(HEAD(6, 2, 0, 0)), -EBADMSG);
    assert_int_equal(FEED(HEAD(1, 1, 0, 0)), -EBADMSG);
    assert_int_equal(FEED(HEAD(3, 1, 4, 0)), -EBADMSG);
    assert_int_equal(FEED(HEAD(6, 1, 2, 0), 'x', '\n'), -EBADMSG);
    assert_int_equal(feed(&r, "HTTP/1.1 400 Bad", 16), -EBADMSG);
    assert_int_equal(FEED(HEAD(6, 1, 1, 0)), 0);
}

static void fcgi_asks(void **state)
{
    static char large[70000];
    struct fcgi_param p[] = {{"A", STR("b")}, {"B", {large, 300}}};
    struct buf out;

    (void)state;
    buf_init(&out, 1 << 20);
    fcgi_request(&out, p, 2);
    const unsigned char *b = (const unsigned char *)out.ptr;
    assert_int_equal(b[16 + 1], 4);
    assert_int_equal(b[16 + 4] << 8 | b[16 + 5], 4 + 6 + 300);
    assert_memory_equal(b + 24,
                        "\1\1Ab\1\x80\0\1\x2c"
                        "B",
                        10);
    assert_int_equal(out.len, 16 + 8 + 310 + 8 + 8);
    p[1].value.len = sizeof large;
    buf_clear(&out);
    fcgi_request(&out, p, 2);
    assert_true(out.failed);
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(http_answers), cmocka_unit_test(http_limits),  cmocka_unit_test(http_asks),
        cmocka_unit_test(fcgi_answers), cmocka_unit_test(fcgi_rubbish), cmocka_unit_test(fcgi_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
