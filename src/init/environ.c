#include "init/environ.h"
#include "config/environment.h"
#include "init/notify.h"
#include "init/supervisor.h"

extern char **environ;

/* The first unix server, else the first other one; NULL when the configuration has none. */
static const struct server *find_server(const struct program_set *set)
{
    for (size_t i = 0; i < set->servers_n; i++)
        if (set->servers[i].is_unix)
            return &set->servers[i];
    return set->servers_n ? &set->servers[0] : NULL;
}

static const char *server_url(struct arena *a, const struct child *c)
{
    const struct server *server = find_server(c->s->stored->set);
    const char *url = c->p->spec->serverurl;

    if (url[0] || !server)
        return url;
    if (server->is_unix)
        return arena_printf(a, "unix://%s", server->file);
    return arena_printf(a, "http://%s:%lld", server->host[0] ? server->host : "localhost", (long long)server->port);
}

int environ_build(struct arena *a, const struct child *c, const char *const **ret_envp, struct err *e)
{
    const struct account *account = c->account;
    const struct environment_user user = {account->name, account->home, account->shell};
    const struct environment_request request = {
        .spec = c->p->spec,
        .inherited = environ,
        .server_url = server_url(a, c),
        .notify_socket = c->p->spec->notify == NOTIFY_SYSTEMD ? notify_address(c->s) : "",
        .user = account->name ? &user : NULL,
    };

    return environment_build(a, &request, ret_envp, e);
}
