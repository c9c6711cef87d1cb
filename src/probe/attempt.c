#include "probe/attempt.h"
#include <errno.h>

int attempt(const struct check *c, int64_t deadline_mono_ns, struct err *e)
{
    static int (*const ways[CHECK_KIND_COUNT])(const struct check *, int64_t, struct err *) = {
        [CHECK_HTTP] = attempt_http,   [CHECK_HTTP_UNIX] = attempt_http,       [CHECK_HTTPS] = attempt_https,
        [CHECK_TCP] = attempt_connect, [CHECK_UNIX] = attempt_connect,         [CHECK_FASTCGI] = attempt_fastcgi,
        [CHECK_EXEC] = attempt_exec,   [CHECK_FASTCGI_UNIX] = attempt_fastcgi, [CHECK_FILE] = attempt_file,
    };

    return ways[c->kind] ? ways[c->kind](c, deadline_mono_ns, e) : err_set(e, "only PID 1 can tell");
}

int attempt_judge_http(long status, const char *reason, struct err *e)
{
    if (status >= 200 && status <= 399)
        return 0;
    err_set(e, "HTTP %ld%s%s", status, *reason ? " " : "", reason);
    return -EPROTO;
}
