#include "core/check.h"
#include "base/num.h"
#include <string.h>

enum needs { URL, SOCKET_URL, HOST_PORT, HOST_PORT_PATH, SOCKET, WORDS, FILE_WITHIN, WITHIN };

static const struct form {
    const char *prefix, *example;
    enum needs needs;
} forms[] = {
#define X(kind, prefix, needs, example) [CHECK_##kind] = {prefix, example, needs},
    CHECKS(X)
#undef X
};

/* Bytes that no URL holds: they would end a line of the request that is made from it. */
static bool is_printable(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == 0x7f)
            return false;
    return true;
}

static struct str from(struct str s, size_t n)
{
    return (struct str){s.ptr + n, s.len - n};
}

static bool take_port(struct str text, uint16_t *ret_port)
{
    unsigned n = 0;

    for (size_t i = 0; i < text.len && n <= UINT16_MAX; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        n = n * 10 + (unsigned)(text.ptr[i] - '0');
    }
    *ret_port = (uint16_t)n;
    return n >= 1 && n <= UINT16_MAX;
}

/* `host`, `host:port`, `[v6]:port`; a port may be missing only where the caller has put a default in. */
static bool take_host(struct str s, struct check *c)
{
    bool bracketed = s.len && s.ptr[0] == '[';
    const char *close = bracketed ? str_find(s, ']') : NULL;
    const char *colon = str_find(s, ':');
    size_t used;

    if (bracketed && !close)
        return false;
    used = close ? (size_t)(close - s.ptr) + 1 : colon ? (size_t)(colon - s.ptr) : s.len;
    c->host = bracketed ? (struct str){s.ptr + 1, used - 2} : (struct str){s.ptr, used};
    if (c->host.len == 0 || str_find(s, '@'))
        return false;
    if (used == s.len)
        return c->port != 0;
    return s.ptr[used] == ':' && take_port(from(s, used + 1), &c->port);
}

/* `host[:port][/path]`; a fragment is the browser's and never sent. */
static bool take_url(struct str s, bool with_path, struct check *c)
{
    size_t host_len = 0;
    const char *fragment = str_find(s, '#');

    if (fragment)
        s.len = (size_t)(fragment - s.ptr);
    while (host_len < s.len && s.ptr[host_len] != '/' && s.ptr[host_len] != '?')
        host_len++;
    c->path = from(s, host_len);
    if (c->path.len && (c->path.ptr[0] != '/' || !with_path))
        return false;
    return take_host((struct str){s.ptr, host_len}, c);
}

/* `/socket[:/path]` */
static bool take_socket(struct str s, bool with_path, struct check *c)
{
    c->socket = s;
    for (size_t i = 1; with_path && i + 1 < s.len; i++) {
        if (s.ptr[i] == ':' && s.ptr[i + 1] == '/') {
            c->socket.len = i;
            c->path = from(s, i + 1);
            break;
        }
    }
    return c->socket.len > 1 && c->socket.ptr[0] == '/';
}

static bool take_within(struct str s, struct check *c)
{
    return num_duration(str_trim(s), &c->within_ns) == 0 && c->within_ns > 0;
}

/* `/path 300s`: the last word is the time, so the path may hold blanks. */
static bool take_file(struct str s, struct check *c)
{
    size_t n = s.len;

    while (n && s.ptr[n - 1] != ' ' && s.ptr[n - 1] != '\t')
        n--;
    c->socket = str_trim((struct str){s.ptr, n});
    return c->socket.len > 1 && c->socket.ptr[0] == '/' && take_within(from(s, n), c);
}

static bool take_rest(enum needs needs, struct str s, struct check *c)
{
    switch (needs) {
    case URL:
        c->port = c->kind == CHECK_HTTPS ? 443 : 80;
        return is_printable(s) && take_url(s, true, c);
    case HOST_PORT_PATH:
        return is_printable(s) && take_url(s, true, c);
    case HOST_PORT:
        return is_printable(s) && take_url(s, false, c);
    case SOCKET_URL:
        return is_printable(s) && take_socket(s, true, c);
    case SOCKET:
        return take_socket(s, false, c);
    case WORDS:
        c->command = s;
        return s.len > 0;
    case FILE_WITHIN:
        return take_file(s, c);
    case WITHIN:
        return take_within(s, c);
    }
    return false;
}

/* The beginnings as a list for a did-you-mean. */
static int unknown_kind(struct str text, struct err *e)
{
    const char *prefixes[CHECK_KIND_COUNT + 1] = {NULL};
    const char *colon = str_find(text, ':'), *nearest;
    size_t n = colon ? (size_t)(colon - text.ptr) + 1 : text.len;

    if (colon && text.len >= n + 2 && !memcmp(colon, "://", 3))
        n += 2;
    for (size_t i = 0; i < CHECK_KIND_COUNT; i++)
        prefixes[i] = forms[i].prefix;
    nearest = str_nearest((struct str){text.ptr, n}, prefixes);
    if (nearest)
        return err_set(e, "unknown check '%.*s'; did you mean '%s'?", (int)text.len, text.ptr, nearest);
    return err_set(e,
                   "unknown check '%.*s'; a check begins with http:// https:// http+unix:// tcp:// unix:// "
                   "fastcgi:// fastcgi+unix:// exec: file: log: cpu: or watchdog:",
                   (int)text.len, text.ptr);
}

int check_parse(struct str text, struct check *ret_check, struct err *e)
{
    struct check c = {.text = str_trim(text)};

    for (size_t i = 0; i < CHECK_KIND_COUNT; i++) {
        const struct form *form = &forms[i];

        if (!str_starts(c.text, form->prefix))
            continue;
        c.kind = (enum check_kind)i;
        if (!take_rest(form->needs, str_trim(from(c.text, strlen(form->prefix))), &c))
            return err_set(e, "bad check '%.*s'; it looks like '%s'", (int)c.text.len, c.text.ptr, form->example);
#ifdef CSLSUP_STATIC
        if (c.kind == CHECK_HTTPS)
            return err_set(e, "https:// checks need libcurl, which the static build does not contain; check "
                              "http:// or tcp://, or use the dynamic build");
#endif
        if (!c.path.len && (c.kind == CHECK_HTTP || c.kind == CHECK_HTTPS || c.kind == CHECK_HTTP_UNIX))
            c.path = STR("/");
        *ret_check = c;
        return 0;
    }
    return unknown_kind(c.text, e);
}

bool check_is_inner(enum check_kind kind)
{
    return kind == CHECK_LOG || kind == CHECK_CPU || kind == CHECK_WATCHDOG;
}
