/* HTTP servers and plug-ins. This version serves none, but supervisord's errors are errors here, too. */
#include "base/num.h"
#include "config/pytext.h"
#include "config/sections.h"
#include "config/types.h"
#include <errno.h>
#include <string.h>

static int refuse(struct loader *l, const struct section *s, const char *key)
{
    return section_error(l, s, key ? doc_value(&l->doc, s, key) : NULL, false);
}

static int read_login(struct loader *l, const struct section *s, struct scope *scope, struct server *server)
{
    const char *username, *password;

    int r = section_text(l, s, "username", scope, &username);
    if (r == 0)
        r = section_text(l, s, "password", scope, &password);
    if (r < 0)
        return r;
    if (!doc_value(&l->doc, s, "username") != !doc_value(&l->doc, s, "password")) {
        err_set(l->e,
                "Section [%s] contains incomplete authentication: If a username or a password is specified, both the "
                "username and password must be specified",
                s->name);
        return refuse(l, s, NULL);
    }
    server->username = loader_keep(l, username ? username : "");
    server->password = loader_keep(l, password ? password : "");
    return 0;
}

static int parse_port(struct loader *l, const char *text, int64_t *ret_port)
{
    int r = type_int(l, text, ret_port);

    if (r < 0)
        return r;
    if (*ret_port < 1)
        return err_set(l->e, "%s is below lower bound (1)", text);
    if (*ret_port > 65535)
        return err_set(l->e, "%s is above upper bound (65535)", text);
    return 0;
}

/* `9001`, `*:9001`, `:9001`, `host:9001`. */
static int parse_address(struct loader *l, const char *text, struct server *server)
{
    const char *colon = strrchr(text, ':');

    server->host = "";
    if (!colon) {
        if (parse_port(l, text, &server->port) < 0)
            return err_set(l->e, "not a valid port number: %s ", loader_quote(l, text));
        return 0;
    }
    if (colon[1] == '\0')
        return err_set(l->e, "no port number specified in ''");
    char *host = arena_str(l->keep, (struct str){text, (size_t)(colon - text)});
    for (char *c = host; *c; c++)
        *c = str_lower(*c);
    server->host = strcmp(host, "*") == 0 ? "" : host;
    return parse_port(l, colon + 1, &server->port);
}

static int read_inet(struct loader *l, const struct section *s, struct server *server)
{
    struct scope scope = scope_base(l);
    const char *port;

    int r = read_login(l, s, &scope, server);
    if (r == 0)
        r = section_text(l, s, "port", &scope, &port);
    if (r < 0)
        return r;
    if (!doc_value(&l->doc, s, "port")) {
        err_set(l->e, "section [%s] has no port value", s->name);
        return refuse(l, s, NULL);
    }
    return port && parse_address(l, port, server) < 0 ? refuse(l, s, "port") : 0;
}

/* `user[:group]` */
static bool parse_owner(struct loader *l, const char *text, struct server *server)
{
    struct names parts = type_list(l->tmp, text, ":");

    return parts.n > 0 && parts.n <= 2 && users_find(&l->users, parts.v[0], &server->uid, NULL) &&
           (parts.n == 1 || users_find_group(&l->users, parts.v[1], &server->gid));
}

static int read_unix(struct loader *l, const struct section *s, struct server *server)
{
    struct scope scope = scope_base(l);
    const char *file, *chown, *chmod;

    int r = section_text(l, s, "file", &scope, &file);
    if (r < 0)
        return r;
    if (!doc_value(&l->doc, s, "file")) {
        err_set(l->e, "section [%s] has no file value", s->name);
        return refuse(l, s, NULL);
    }
    file = arena_str(l->tmp, py_trim(str_from(file ? file : "")));
    server->file = loader_keep(l, loader_path(l, loader_path_expand_user(l, file)));
    r = read_login(l, s, &scope, server);
    if (r == 0)
        r = section_text(l, s, "chown", &scope, &chown);
    if (r == 0)
        r = section_text(l, s, "chmod", &scope, &chmod);
    if (r < 0)
        return r;
    if (chown && !parse_owner(l, chown, server) && !l->request->no_env) {
        err_set(l->e, "Invalid sockchown value %s", chown);
        return refuse(l, s, "chown");
    }
    if (chmod && type_octal(l, chmod, &server->chmod) < 0) {
        err_set(l->e, "Invalid chmod value %s", chmod);
        return refuse(l, s, "chmod");
    }
    return 0;
}

static int read_kind(struct loader *l, const char *prefix,
                     int (*read)(struct loader *, const struct section *, struct server *))
{
    for (size_t i = 0; i < l->doc.sections.n; i++) {
        const struct section *s = &l->doc.sections.v[i];
        if (strncmp(s->name, prefix, strlen(prefix)) != 0)
            continue;
        const char *colon = strchr(s->name, ':');
        struct server server = {.is_unix = read == read_unix,
                                .name = loader_keep(l, colon ? colon + 1 : ""),
                                .file = "",
                                .host = "",
                                .chmod = 0700,
                                .uid = UNSET,
                                .gid = UNSET};
        int r = read(l, s, &server);
        if (r < 0)
            return r;
        *vec_push(l->tmp, &l->servers) = server;
    }
    return 0;
}

/* A server makes the RPC interfaces, and the stock one takes no further keys; [DEFAULT] adds its own to it. */
static int check_interfaces(struct loader *l)
{
    for (size_t i = 0; l->servers.n > 0 && i < l->doc.sections.n; i++) {
        const struct section *s = &l->doc.sections.v[i];
        if (strncmp(s->name, "rpcinterface:", strlen("rpcinterface:")) != 0 ||
            s->values.n + l->doc.defaults.values.n < 2)
            continue;
        err_set(l->e, "Could not make %s rpc interface", s->name + strlen("rpcinterface:"));
        return refuse(l, s, NULL);
    }
    return 0;
}

int servers_read(struct loader *l)
{
    int r = read_kind(l, "inet_http_server", read_inet);
    if (r == 0)
        r = read_kind(l, "unix_http_server", read_unix);
    return r < 0 ? r : check_interfaces(l);
}

int plugins_read(struct loader *l)
{
    static const char key[] = "supervisor.rpcinterface_factory",
                      stock[] = "supervisor.rpcinterface:make_main_rpcinterface";

    for (size_t i = 0; i < l->doc.sections.n; i++) {
        const struct section *s = &l->doc.sections.v[i];
        struct scope scope = scope_base(l);
        const char *factory;
        if (strncmp(s->name, "rpcinterface:", strlen("rpcinterface:")) != 0)
            continue;
        int r = section_text(l, s, key, &scope, &factory);
        if (r < 0)
            return r;
        if (!doc_value(&l->doc, s, key))
            err_set(l->e, "section [%s] does not specify a %s", s->name, key);
        else if (factory && strcmp(factory, stock) != 0)
            err_set(l->e, "%s cannot be resolved within [%s]", factory, s->name);
        else
            continue;
        return refuse(l, s, factory ? key : NULL);
    }
    return 0;
}
