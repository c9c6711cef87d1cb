/* Which server is meant, and what is said when it is not there (container contract §1, §11). */
#include "base/buf.h"
#include "ctl/server.h"
#include "os/clock.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* supervisorctl's exit codes (supervisord contract §6). */
enum { EXIT_GENERIC = 1, EXIT_REFUSED = 4, EXIT_NOBODY = 7 };

static bool by_url(const struct ctl *c)
{
    return c->options.as_supervisorctl && c->options.serverurl;
}

/* supervisorctl comes here only when no serverurl is configured, or an instance of that same config answers. A config
 * that was merely found where supervisord looks need not be the one that runs; one that was named must be. */
int server_reach(struct ctl *c)
{
    const struct options *o = &c->options;
    int r = -ENOENT;

    c->url = by_url(c) ? o->serverurl : "cslsup";
    if (o->config)
        r = client_connect(&c->client, o->config);
    if (r == -ENOENT && !by_url(c) && (!o->config || o->config_was_found))
        r = client_connect(&c->client, NULL);
    return r;
}

void server_disconnect(struct ctl *c)
{
    if (c->client.fd >= 0)
        client_close(&c->client);
}

/* What became of an attempt to reach a URL (unix:// or http://) by itself. */
static int try_url(struct ctl *c, const char *url, struct err *e)
{
    int64_t deadline = clock_deadline(CLIENT_PATIENCE_NS);
    const char *place = strstr(url, "://") + 3, *port = strrchr(place, ':');
    int fd, r;

    if (strncmp(url, "unix://", 7) == 0) {
        r = os_unix_connect(place, deadline, &fd, e);
    } else {
        size_t host = port ? (size_t)(port - place) : strcspn(place, "/");
        const char *digits = port ? port + 1 : "80";
        r = os_tcp_connect(arena_str(c->arena, (struct str){place, host}),
                           arena_str(c->arena, (struct str){digits, strspn(digits, "0123456789")}), deadline, &fd, e);
    }
    if (r == 0)
        close(fd);
    return r;
}

/* A failure in the action's way. */
static void unreachable(struct ctl *c, const struct action *a, int status, const char *text)
{
    if (a->flags & ACTION_STOPS)
        complain(&c->out, EXIT_GENERIC, "NO_SERVER", "ERROR: %s (already shut down?)", text);
    else
        complain(&c->out, a->unreachable ? a->unreachable : status, "NO_SERVER", "%s", text);
}

static void url_unreachable(struct ctl *c, const struct action *a)
{
    const char *url = by_url(c) ? c->options.serverurl : DEFAULT_SERVERURL;
    struct err e = {0};

    if (strncmp(url, "unix://", 7) != 0 && strncmp(url, "http://", 7) != 0) {
        complain(&c->out, EXIT_GENERIC, "USAGE", "error: Unknown protocol for serverurl %s", url);
        return;
    }
    int r = try_url(c, url, &e);
    if (r == -ENOENT)
        unreachable(c, a, EXIT_NOBODY, arena_printf(c->arena, "%s no such file", url));
    else if (r == -ECONNREFUSED)
        unreachable(c, a, EXIT_REFUSED, arena_printf(c->arena, "%s refused connection", url));
    else if (r < 0)
        complain(&c->out, EXIT_GENERIC, "NO_SERVER", "error: %s: %s", url, e.text);
    else
        complain(&c->out, EXIT_GENERIC, "NO_SERVER",
                 "error: %s: a server of HTTP, which this version does not speak; use `cslsup ctl`", url);
}

/* The configuration of one of several instances, to choose it by. */
static const char *config_of(struct ctl *c, const struct control_server *server)
{
    struct proto_request request = {.verb = VERB_STATE};
    struct client client;
    struct answer answer = {0};
    struct peer peer;
    int fd;

    if (os_packets_connect(server->name, clock_deadline(CLIENT_PATIENCE_NS), &fd, &peer) < 0)
        return "?";
    client_take(&client, fd);
    int r = client_ask(&client, c->arena, &request, &answer);
    client_close(&client);
    return r == 0 && answer.rows.n ? record_text(answer.rows.v[0], FIELD_CONFIG_FILE) : "?";
}

static void list_instances(struct ctl *c, const struct action *a)
{
    struct control_server servers[CONTROL_SERVERS_MAX];
    int n = control_list(servers, CONTROL_SERVERS_MAX, clock_deadline(CLIENT_PATIENCE_NS));
    struct buf text;

    buf_init(&text, CONTROL_SERVERS_MAX * 4096);
    buf_add_text(&text, "several instances run here; choose one with -c FILE:");
    for (int i = 0; i < n; i++)
        buf_printf(&text, "\n  -c %s (pid %d)", config_of(c, &servers[i]), (int)servers[i].peer.pid);
    unreachable(c, a, EXIT_NOBODY, buf_str(&text).ptr);
    buf_finish(&text);
}

int server_connect(struct ctl *c, const struct action *a)
{
    char words[128];
    int r = server_reach(c);

    if (r == 0)
        return 0;
    if (c->options.as_supervisorctl && (r == -ENOENT || by_url(c)))
        url_unreachable(c, a);
    else if (r == -ENOTUNIQ)
        list_instances(c, a);
    else if (r == -ENOENT && c->options.config)
        unreachable(c, a, EXIT_NOBODY, arena_printf(c->arena, "no cslsup runs from %s", c->options.config));
    else if (r == -ENOENT)
        unreachable(c, a, EXIT_NOBODY, "no cslsup runs here");
    else if (r == -EPERM)
        unreachable(c, a, EXIT_REFUSED, "the server found belongs to another user, and not to root: not trusted");
    else if (r == -ETIMEDOUT)
        unreachable(c, a, EXIT_REFUSED, "cslsup does not answer");
    else
        unreachable(c, a, EXIT_REFUSED,
                    arena_printf(c->arena, "cannot reach cslsup: %s", os_error_words(-r, words, sizeof words)));
    return r;
}
