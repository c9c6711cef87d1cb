#include "config/sockets.h"
#include "base/num.h"
#include "config/pytext.h"
#include "config/sections.h"
#include "config/types.h"
#include <string.h>

static int check_unix(struct loader *l, struct spec *spec)
{
    const char *path = spec->socket + strlen("unix://");

    if (*path != '/')
        return err_set(l->e, "Unix socket path %s is not an absolute path", path);
    spec->socket = loader_keep(l, arena_printf(l->tmp, "unix://%s", loader_path(l, path)));
    if (spec->socket_mode == UNSET)
        spec->socket_mode = 0700;
    return 0;
}

/* `tcp://host:port` */
static int check_tcp(struct loader *l, struct spec *spec)
{
    const char *host = spec->socket + strlen("tcp://"), *colon = strchr(host, ':');
    int64_t port;

    if (*spec->socket_owner || spec->socket_mode != UNSET)
        return err_set(l->e, "socket_owner and socket_mode params should only be used with a Unix domain socket");
    if (strncmp(spec->socket, "tcp://", strlen("tcp://")) != 0 || !colon || colon == host || colon[1] < '0' ||
        colon[1] > '9' || num_int(str_from(colon + 1), &port) < 0)
        return err_set(l->e, "Bad socket format %s", spec->socket);
    if (port < 1)
        return err_set(l->e, "%lld is below lower bound (1)", (long long)port);
    if (port > 65535)
        return err_set(l->e, "%lld is above upper bound (65535)", (long long)port);
    char *lower = arena_strdup(l->keep, spec->socket);
    for (char *c = lower; *c; c++)
        *c = str_lower(*c);
    spec->socket = lower;
    return 0;
}

static bool owner_exists(struct loader *l, const char *owner)
{
    struct names parts = type_list(l->tmp, owner, ":");
    int64_t id;

    return parts.n >= 1 && parts.n <= 2 && users_find(&l->users, parts.v[0], &id, NULL) &&
           (parts.n == 1 || users_find_group(&l->users, parts.v[1], &id));
}

int socket_check(struct loader *l, const struct section *s, struct spec *spec)
{
    if (spec->socket_backlog != UNSET && (spec->socket_backlog < 1 || spec->socket_backlog > 65535)) {
        err_set(l->e, "Invalid socket_backlog value %lld", (long long)spec->socket_backlog);
        return section_error(l, s, doc_value(&l->doc, s, "socket_backlog"), false);
    }
    if (*spec->socket_owner && !owner_exists(l, spec->socket_owner) && !l->request->no_env) {
        err_set(l->e, "Invalid socket_owner value %s", spec->socket_owner);
        return section_error(l, s, doc_value(&l->doc, s, "socket_owner"), false);
    }
    if (*spec->socket == '\0') {
        err_set(l->e, "[%s] section requires a \"socket\" line", s->name);
        return section_error(l, s, NULL, false);
    }
    bool is_unix = strncmp(spec->socket, "unix://", strlen("unix://")) == 0;
    if ((is_unix ? check_unix(l, spec) : check_tcp(l, spec)) == 0)
        return 0;
    const char *why = arena_strdup(l->tmp, l->e->text);
    err_set(l->e, "%s in [%s] socket", why, s->name);
    return section_error(l, s, doc_value(&l->doc, s, "socket"), false);
}
