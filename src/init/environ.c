#include "init/environ.h"
#include "base/buf.h"
#include "base/vec.h"
#include "config/envfile.h"
#include "init/supervisor.h"
#include "os/files.h"
#include "os/sockets.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

extern char **environ;

enum { FILE_MAX = 1 << 20, SECRET_MAX = 64 * 1024 };

struct environment {
    struct arena *a;
    VEC(const char *) vars;
};

static bool is_named(const char *var, const char *name)
{
    size_t n = strlen(name);

    return strncmp(var, name, n) == 0 && var[n] == '=';
}

static void put(struct environment *env, const char *name, const char *value)
{
    const char *var = arena_printf(env->a, "%s=%s", name, value);

    for (size_t i = 0; i < env->vars.n; i++) {
        if (is_named(env->vars.v[i], name)) {
            env->vars.v[i] = var;
            return;
        }
    }
    *vec_push(env->a, &env->vars) = var;
}

const char *environ_get(const char *const *envp, const char *name)
{
    for (; *envp; envp++)
        if (is_named(*envp, name))
            return *envp + strlen(name) + 1;
    return NULL;
}

static const char *get(const struct environment *env, const char *name)
{
    for (size_t i = 0; i < env->vars.n; i++)
        if (is_named(env->vars.v[i], name))
            return env->vars.v[i] + strlen(name) + 1;
    return NULL;
}

/* The first unix server, else the first other one; NULL when the configuration has none. */
static const struct server *find_server(const struct program_set *set)
{
    for (size_t i = 0; i < set->servers_n; i++)
        if (set->servers[i].is_unix)
            return &set->servers[i];
    return set->servers_n ? &set->servers[0] : NULL;
}

static void put_server_url(struct environment *env, const struct child *c)
{
    const struct server *server = find_server(c->s->stored->set);
    const char *url = c->p->spec->serverurl;

    if (!url[0] && server && server->is_unix)
        url = arena_printf(env->a, "unix://%s", server->file);
    else if (!url[0] && server)
        url = arena_printf(env->a, "http://%s:%lld", server->host[0] ? server->host : "localhost",
                           (long long)server->port);
    if (url[0])
        put(env, "SUPERVISOR_SERVER_URL", url);
}

static void put_own(struct environment *env, const struct child *c)
{
    put(env, "SUPERVISOR_ENABLED", "1");
    put_server_url(env, c);
    put(env, "SUPERVISOR_PROCESS_NAME", c->p->spec->name);
    put(env, "SUPERVISOR_GROUP_NAME", c->p->spec->group);
}

static void put_account(struct environment *env, const struct account *account)
{
    if (!account->name)
        return;
    put(env, "HOME", account->home);
    put(env, "USER", account->name);
    put(env, "LOGNAME", account->name);
    put(env, "SHELL", account->shell);
}

static int take_var(void *context, const char *name, const char *value)
{
    put(context, name, value);
    return 0;
}

static int put_env_file(struct environment *env, const char *path, struct err *e)
{
    bool optional = path[0] == '-';
    struct buf text;
    char words[128];

    path += optional;
    buf_init(&text, FILE_MAX);
    int r = os_read_file(path, &text);
    if (r == -ENOENT && optional)
        r = 0;
    else if (r < 0)
        err_set(e, "env_file %s: %s", path, os_error_words(-r, words, sizeof words));
    else
        r = envfile_parse(buf_str(&text), path, take_var, env, e);
    buf_finish(&text);
    return r;
}

/* One newline at the end of the file is the editor's, not the secret's. */
static int read_secret(struct environment *env, const char *name, const char *path)
{
    struct buf text;

    buf_init(&text, SECRET_MAX);
    int r = os_read_file(path, &text);
    struct str value = buf_str(&text);
    if (r == 0 && value.len && value.ptr[value.len - 1] == '\n')
        value.len--;
    if (r == 0 && value.len == 0)
        r = -ENODATA;
    if (r == 0)
        put(env, name, arena_str(env->a, value));
    buf_finish(&text);
    return r;
}

/* `$NAME_FILE`, then /run/secrets/NAME, then its lower case. */
static int put_secret(struct environment *env, const char *name, struct err *e)
{
    const char *given = get(env, arena_printf(env->a, "%s_FILE", name));
    char *lower = arena_strdup(env->a, name);
    const char *path = given && given[0] ? given : arena_printf(env->a, "/run/secrets/%s", name);
    char words[128];

    int r = read_secret(env, name, path);
    if (r == -ENOENT && !(given && given[0])) {
        for (char *c = lower; *c; c++)
            *c = str_lower(*c);
        r = read_secret(env, name, arena_printf(env->a, "/run/secrets/%s", lower));
    }
    if (r == -ENODATA)
        return err_set(e, "secret %s is empty in %s", name, path);
    if (r < 0)
        return err_set(e, "secret %s: %s: %s", name, path, os_error_words(-r, words, sizeof words));
    return 0;
}

static int check_required(const struct environment *env, const struct names *required, struct err *e)
{
    for (size_t i = 0; i < required->n; i++) {
        const char *value = get(env, required->v[i]);
        if (!value || !value[0])
            return err_set(e, "%s is not set (require_env); set it in the container's environment", required->v[i]);
    }
    return 0;
}

int environ_build(struct arena *a, const struct child *c, const char *const **ret_envp, struct err *e)
{
    struct environment env = {.a = a};
    const struct spec *spec = c->p->spec;
    int r = 0;

    for (char **var = environ; *var; var++)
        *vec_push(a, &env.vars) = *var;
    put_own(&env, c);
    if (spec->user_env)
        put_account(&env, &c->account);
    for (size_t i = 0; i < spec->env_file.n && r == 0; i++)
        r = put_env_file(&env, spec->env_file.v[i], e);
    for (size_t i = 0; i < spec->secrets.n && r == 0; i++)
        r = put_secret(&env, spec->secrets.v[i], e);
    for (size_t i = 0; i < spec->environment.n; i++)
        put(&env, spec->environment.v[i].name, spec->environment.v[i].value);
    if (r == 0)
        r = check_required(&env, &spec->require_env, e);
    if (r < 0)
        return r;
    *vec_push(a, &env.vars) = NULL;
    *ret_envp = env.vars.v;
    return 0;
}
