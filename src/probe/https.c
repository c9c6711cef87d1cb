/* https:// checks, by libcurl, which is loaded when the first of them runs: PID 1 never maps it, and an image without
 * https checks needs no libcurl. */
#include "base/num.h"
#include "os/clock.h"
#include "probe/attempt.h"
#include <errno.h>

#ifdef CSLSUP_STATIC

int attempt_https(const struct check *c, int64_t deadline, struct err *e)
{
    (void)c;
    (void)deadline;
    err_set(e, "https:// checks need libcurl, which the static build does not contain");
    return -ENOSYS;
}

#else

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* The macros of the same names would hide the function pointers below. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

#define FUNCTIONS(X)                                                                                                   \
    X(curl_easy_init)                                                                                                  \
    X(curl_easy_setopt)                                                                                                \
    X(curl_easy_perform)                                                                                               \
    X(curl_easy_getinfo)                                                                                               \
    X(curl_easy_cleanup)                                                                                               \
    X(curl_easy_strerror)

static struct {
#define X(name) __typeof__(name) *name;
    FUNCTIONS(X)
#undef X
} lib;

#define URL_MAX 8192
#define BODY_ENOUGH (1u << 20)

static int load(struct err *e)
{
    static void *handle;

    if (handle)
        return 0;
    handle = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        err_set(e, "https:// checks need libcurl.so.4: %s", dlerror());
        return -ENOENT;
    }
#define X(name)                                                                                                        \
    *(void **)&lib.name = dlsym(handle, #name);                                                                        \
    if (!lib.name) {                                                                                                   \
        err_set(e, "libcurl.so.4 lacks " #name);                                                                       \
        handle = NULL;                                                                                                 \
        return -ENOENT;                                                                                                \
    }
    FUNCTIONS(X)
#undef X
    return 0;
}

/* Drops the body; refusing more than enough ends the transfer, and the status is known by then. */
static size_t drop(char *bytes, size_t one, size_t n, void *context)
{
    size_t *seen = context;

    (void)bytes;
    *seen += n;
    return *seen > BODY_ENOUGH ? 0 : one * n;
}

static bool is_this_machine(struct str host)
{
    return str_starts(host, "127.") || str_is(host, "::1") || str_is_nocase(host, "localhost");
}

static int64_t left_ms(int64_t deadline)
{
    int64_t ns = deadline == NEVER_NS ? 0 : deadline - clock_now().mono_ns; /* 0: curl has no deadline */

    return deadline != NEVER_NS && ns < NS_PER_MS ? 1 : ns / NS_PER_MS;
}

static void set_options(CURL *curl, const struct check *c, const char *url, int64_t deadline, size_t *seen, char *error)
{
    long verify = is_this_machine(c->host) ? 0 : 1;

    lib.curl_easy_setopt(curl, CURLOPT_URL, url);
    lib.curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* a check asks the server itself */
    lib.curl_easy_setopt(curl, CURLOPT_USERAGENT, "cslsup/" CSLSUP_VERSION);
    lib.curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    lib.curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)left_ms(deadline));
    lib.curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, verify);
    lib.curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, verify * 2);
    lib.curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
    lib.curl_easy_setopt(curl, CURLOPT_WRITEDATA, seen);
    lib.curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
}

static int perform(CURL *curl, const char *error, size_t *seen, struct err *e)
{
    CURLcode code = lib.curl_easy_perform(curl);
    long status = 0;

    if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && *seen > BODY_ENOUGH)) {
        err_set(e, "%s", *error ? error : lib.curl_easy_strerror(code));
        return code == CURLE_OPERATION_TIMEDOUT ? -ETIMEDOUT : -EPROTO;
    }
    lib.curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return attempt_judge_http(status, "", e);
}

int attempt_https(const struct check *c, int64_t deadline, struct err *e)
{
    char url[URL_MAX], error[CURL_ERROR_SIZE] = "";
    size_t seen = 0;
    int r = load(e);
    CURL *curl;

    if (r < 0)
        return r;
    if (snprintf(url, sizeof url, "%.*s", (int)c->text.len, c->text.ptr) >= (int)sizeof url) {
        err_set(e, "the address is too long");
        return -ENAMETOOLONG;
    }
    curl = lib.curl_easy_init();
    if (!curl) {
        err_set(e, "out of memory");
        return -ENOMEM;
    }
    set_options(curl, c, url, deadline, &seen, error);
    r = perform(curl, error, &seen, e);
    lib.curl_easy_cleanup(curl);
    return r;
}

#endif
