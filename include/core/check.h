/* Health checks as text (container contract §4): `http://host[:port]/path`, `exec: COMMAND`, `log: 300s`, …
 * Parsed when a configuration is loaded, and again by the probe that runs them. */
#pragma once
#include "base/err.h"
#include "base/str.h"
#include <stdbool.h>
#include <stdint.h>

/* X(KIND, "how it begins", needs, "an example"); needs: what stands behind the beginning. */
#define CHECKS(X)                                                                                                      \
    X(HTTP, "http://", URL, "http://127.0.0.1:8080/up")                                                                \
    X(HTTP_UNIX, "http+unix://", SOCKET_URL, "http+unix:///run/app.sock:/up")                                          \
    X(HTTPS, "https://", URL, "https://127.0.0.1/up")                                                                  \
    X(TCP, "tcp://", HOST_PORT, "tcp://127.0.0.1:3306")                                                                \
    X(UNIX, "unix://", SOCKET, "unix:///run/app.sock")                                                                 \
    X(FASTCGI, "fastcgi://", HOST_PORT_PATH, "fastcgi://127.0.0.1:9000/ping")                                          \
    X(FASTCGI_UNIX, "fastcgi+unix://", SOCKET_URL, "fastcgi+unix:///run/php-fpm.sock:/ping")                           \
    X(EXEC, "exec:", WORDS, "exec: php artisan horizon:status")                                                        \
    X(FILE, "file:", FILE_WITHIN, "file: /run/beat 300s")                                                              \
    X(LOG, "log:", WITHIN, "log: 300s")                                                                                \
    X(CPU, "cpu:", WITHIN, "cpu: 300s")                                                                                \
    X(WATCHDOG, "watchdog:", WITHIN, "watchdog: 60s")

enum check_kind {
#define X(kind, prefix, needs, example) CHECK_##kind,
    CHECKS(X)
#undef X
        CHECK_KIND_COUNT
};

/* One check. The slices borrow from the text it was parsed from; what a kind does not have is empty or 0. */
struct check {
    enum check_kind kind;
    struct str text;    /* the whole check, trimmed */
    struct str host;    /* without the brackets of an IPv6 address */
    uint16_t port;      /* the scheme's default put in */
    struct str socket;  /* absolute path of a unix socket, or FILE's path */
    struct str path;    /* `/up?x=1`; HTTP: "/" when none was given; FASTCGI: empty when none was given */
    struct str command; /* EXEC, unsplit */
    int64_t within_ns;  /* FILE, LOG, CPU, WATCHDOG: how old the last sign of life may be */
};

/* 0, or -EINVAL with one line in `e` that says what would be right. The static build refuses HTTPS. */
int check_parse(struct str text, struct check *ret_check, struct err *e);

/* LOG, CPU, WATCHDOG: PID 1 alone can tell; every other check runs in a probe. */
bool check_is_inner(enum check_kind kind);
