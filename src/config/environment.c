#include "config/environment.h"
#include "base/buf.h"
#include "base/path.h"
#include "base/vec.h"
#include "config/envfile.h"
#include <errno.h>
#include <string.h>

enum { ENV_FILE_MAX = 1 << 20, SECRET_MAX = 64 * 1024 };

struct environment {
    struct arena *a;
    const struct environment_request *request;
    const struct config_host *host;
    VEC(const char *) vars;
};

/* What stands behind `NAME=`, or NULL when the variable has another name. */
static const char *value_of(const char *var, const char *name)
{
    size_t n = strlen(name);

    return strncmp(var, name, n) == 0 && var[n] == '=' ? var + n + 1 : NULL;
}

static const char *get(const struct environment *env, const char *name)
{
    for (size_t i = 0; i < env->vars.n; i++)
        if (value_of(env->vars.v[i], name))
            return value_of(env->vars.v[i], name);
    return NULL;
}

static void put(struct environment *env, const char *name, const char *value)
{
    const char *var = arena_printf(env->a, "%s=%s", name, value);

    for (size_t i = 0; i < env->vars.n; i++) {
        if (value_of(env->vars.v[i], name)) {
            env->vars.v[i] = var;
            return;
        }
    }
    *vec_push(env->a, &env->vars) = var;
}

const char *environment_get(const char *const *envp, const char *name)
{
    for (; *envp; envp++)
        if (value_of(*envp, name))
            return value_of(*envp, name);
    return NULL;
}

static void put_supervisor(struct environment *env)
{
    const struct environment_request *r = env->request;

    if (!r->server_url)
        return;
    put(env, "SUPERVISOR_ENABLED", "1");
    if (r->server_url[0])
        put(env, "SUPERVISOR_SERVER_URL", r->server_url);
    put(env, "SUPERVISOR_PROCESS_NAME", r->spec->name);
    put(env, "SUPERVISOR_GROUP_NAME", r->spec->group);
    if (r->notify_socket && r->notify_socket[0])
        put(env, "NOTIFY_SOCKET", r->notify_socket);
}

static void put_user(struct environment *env)
{
    const struct environment_user *user = env->request->user;

    if (!env->request->spec->user_env || !user)
        return;
    put(env, "HOME", user->home);
    put(env, "USER", user->name);
    put(env, "LOGNAME", user->name);
    put(env, "SHELL", user->shell);
}

static int take_var(void *context, const char *name, const char *value)
{
    put(context, name, value);
    return 0;
}

/* A relative file is relative to the section's own file (container contract §11). */
static const char *beside_section(const struct environment *env, const char *path)
{
    const char *file = env->request->spec->origin.file, *slash = file ? strrchr(file, '/') : NULL;
    struct str directory = {file, slash ? (size_t)(slash - file) : 0};

    return slash ? path_absolute(env->a, arena_str(env->a, directory), path) : path;
}

static int put_env_file(struct environment *env, const char *name, struct err *e)
{
    bool may_be_missing = name[0] == '-';
    const char *path = beside_section(env, name + may_be_missing);
    struct buf text;

    buf_init(&text, ENV_FILE_MAX);
    int r = env->host->read_file(env->host->context, path, &text);
    if (r == -ENOENT && may_be_missing)
        r = 0;
    else if (r < 0)
        r = err_set(e, "env_file %s: %s", path, strerror(-r));
    else
        r = envfile_parse(buf_str(&text), path, take_var, env, e);
    buf_finish(&text);
    return r;
}

/* One newline at the end is the editor's, not the secret's. */
static int read_secret(struct environment *env, const char *name, const char *path)
{
    struct buf text;

    buf_init(&text, SECRET_MAX);
    int r = env->host->read_file(env->host->context, path, &text);
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

static const char *lower_case(struct arena *a, const char *text)
{
    char *lower = arena_strdup(a, text);

    for (char *c = lower; *c; c++)
        *c = str_lower(*c);
    return lower;
}

/* From `$NAME_FILE` if that is set, else from /run/secrets/NAME or its lower case. */
static int put_secret(struct environment *env, const char *name, struct err *e)
{
    const char *given = get(env, arena_printf(env->a, "%s_FILE", name));
    bool is_given = given && *given;
    const char *path = is_given ? given : arena_printf(env->a, "/run/secrets/%s", name);
    int r = read_secret(env, name, path);

    if (r == -ENOENT && !is_given)
        r = read_secret(env, name, arena_printf(env->a, "/run/secrets/%s", lower_case(env->a, name)));
    if (r == -ENODATA)
        return err_set(e, "secret %s is empty in %s", name, path);
    if (r == -ENOENT && !is_given)
        return err_set(e, "secret %s is missing: neither %s nor its lower case is there, and %s_FILE is not set", name,
                       path, name);
    return r < 0 ? err_set(e, "secret %s: %s: %s", name, path, strerror(-r)) : 0;
}

static int check_required(const struct environment *env, struct err *e)
{
    const struct names *required = &env->request->spec->require_env;

    for (size_t i = 0; i < required->n; i++) {
        const char *value = get(env, required->v[i]);

        if (!value || !*value)
            return err_set(e, "%s is not set (require_env); set it in the container's environment", required->v[i]);
    }
    return 0;
}

int environment_build(struct arena *a, const struct environment_request *request, const char *const **ret_envp,
                      struct err *e)
{
    struct environment env = {.a = a, .request = request, .host = request->host ? request->host : &config_host_system};
    const struct spec *spec = request->spec;
    int r = 0;

    for (char *const *var = request->inherited; *var; var++)
        *vec_push(a, &env.vars) = *var;
    put_supervisor(&env);
    put_user(&env);
    for (size_t i = 0; i < spec->env_file.n && r == 0; i++)
        r = put_env_file(&env, spec->env_file.v[i], e);
    for (size_t i = 0; i < spec->secrets.n && r == 0; i++)
        r = put_secret(&env, spec->secrets.v[i], e);
    for (size_t i = 0; i < spec->environment.n; i++)
        put(&env, spec->environment.v[i].name, spec->environment.v[i].value);
    if (r == 0)
        r = check_required(&env, e);
    if (r < 0)
        return r;
    *vec_push(a, &env.vars) = NULL;
    *ret_envp = env.vars.v;
    return 0;
}
