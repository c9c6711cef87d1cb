/* Check texts (container contract §4). */
#include "base/num.h"
#include "core/check.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
    const char *text;
    enum check_kind kind;
    const char *host;
    int port;
    const char *socket, *path;
    int64_t within_s;
} good[] = {
    {"http://127.0.0.1:8080/up", CHECK_HTTP, "127.0.0.1", 8080, "", "/up", 0},
    {"  http://web  ", CHECK_HTTP, "web", 80, "", "/", 0},
    {"http://web/?a=b:1#frag", CHECK_HTTP, "web", 80, "", "/?a=b:1", 0},
    {"https://[::1]/x", CHECK_HTTPS, "::1", 443, "", "/x", 0},
    {"http://[::1]:81", CHECK_HTTP, "::1", 81, "", "/", 0},
    {"http+unix:///run/a.sock:/up", CHECK_HTTP_UNIX, "", 0, "/run/a.sock", "/up", 0},
    {"http+unix:///run/a.sock", CHECK_HTTP_UNIX, "", 0, "/run/a.sock", "/", 0},
    {"tcp://db:3306", CHECK_TCP, "db", 3306, "", "", 0},
    {"unix:///run/a:b.sock", CHECK_UNIX, "", 0, "/run/a:b.sock", "", 0},
    {"fastcgi://127.0.0.1:9000", CHECK_FASTCGI, "127.0.0.1", 9000, "", "", 0},
    {"fastcgi://127.0.0.1:9000/ping", CHECK_FASTCGI, "127.0.0.1", 9000, "", "/ping", 0},
    {"fastcgi+unix:///run/fpm.sock:/a/b.php?x", CHECK_FASTCGI_UNIX, "", 0, "/run/fpm.sock", "/a/b.php?x", 0},
    {"fastcgi+unix:///run/fpm.sock", CHECK_FASTCGI_UNIX, "", 0, "/run/fpm.sock", "", 0},
    {"exec: php artisan x", CHECK_EXEC, "", 0, "", "", 0},
    {"exec:true", CHECK_EXEC, "", 0, "", "", 0},
    {"file: /run/my beat 5m", CHECK_FILE, "", 0, "/run/my beat", "", 300},
    {"log: 300s", CHECK_LOG, "", 0, "", "", 300},
    {"cpu:300", CHECK_CPU, "", 0, "", "", 300},
    {"watchdog: 1m", CHECK_WATCHDOG, "", 0, "", "", 60},
};

static void good_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct check c;
        struct err e = {0};

        if (check_parse(str_from(good[i].text), &c, &e) < 0)
            fail_msg("%s: %s", good[i].text, e.text);
        assert_int_equal(c.kind, good[i].kind);
        assert_true(str_is(c.host, good[i].host));
        assert_int_equal(c.port, good[i].port);
        assert_true(str_is(c.socket, good[i].socket));
        assert_true(str_is(c.path, good[i].path));
        assert_true(c.within_ns == good[i].within_s * NS_PER_S);
    }
}

static void bad_texts(void **state)
{
    static const char *const bad[] = {
        "",
        "nginx",
        "http://",
        "http:///up",
        "http://:80/",
        "http://a:0/",
        "http://a:70000/",
        "http://a:x/",
        "http://a:+1/",
        "http://u@a/",
        "http://a/b c",
        "http://a/\r\nX: y",
        "http://[::1",
        "http://[]/",
        "http://[::1]x/",
        "http+unix://run/a",
        "http+unix:///",
        "tcp://db",
        "tcp://db:1/x",
        "unix://a",
        "fastcgi://a",
        "exec:",
        "file: /run/x",
        "file: run/x 5s",
        "file: 5s",
        "log:",
        "log: 0",
        "log: -5",
        "watchdog: soon",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct check c;
        struct err e = {0};

        if (check_parse(str_from(bad[i]), &c, &e) == 0)
            fail_msg("%s was taken", bad[i]);
        assert_true(e.text[0]);
    }
}

static void a_near_miss_is_named(void **state)
{
    struct check c;
    struct err e = {0};

    (void)state;
    assert_true(check_parse(STR("fastcgy://127.0.0.1:9000"), &c, &e) < 0);
    assert_string_equal(e.text, "unknown check 'fastcgy://127.0.0.1:9000'; did you mean 'fastcgi://'?");
    assert_true(check_parse(STR("tcp://db"), &c, &e) < 0);
    assert_string_equal(e.text, "bad check 'tcp://db'; it looks like 'tcp://127.0.0.1:3306'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_texts),
        cmocka_unit_test(bad_texts),
        cmocka_unit_test(a_near_miss_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
