#include "config/lint.h"
#include "base/num.h"
#include "config/pytext.h"
#include "config/sections.h"
#include <string.h>

/* Docker's patience when nobody sets stop_grace_period. */
#define DOCKER_GRACE_NS (10 * NS_PER_S)

#define PROGRAM_KINDS (SECTION_PROGRAM | SECTION_LISTENER | SECTION_FCGI)

/* The kind of section where a misplaced key would mean something, 0 when nowhere. */
static unsigned home_of(const char *key)
{
    unsigned kinds = PROGRAM_KINDS | SECTION_SUPERVISORD | SECTION_CSLSUP | SECTION_UNIX_SERVER | SECTION_INET_SERVER;
    const struct option *o = option_find(kinds, key);

    return o ? o->sections & kinds : 0;
}

static void lint_key(struct loader *l, const struct section *s, unsigned kind, const struct value *v)
{
    const struct option *o = option_find(kind, v->key);
    const char *nearest = option_nearest(kind, v->key);
    unsigned home = home_of(v->key);

    if (o && o->version == VERSION_LATER)
        loader_find(l, "not-in-this-version", v->origin, "%s: not in this version; it has no effect yet", v->key);
    else if (o)
        return;
    else if (home)
        loader_find(l, "wrong-section", v->origin, "%s has no meaning in [%s]; it belongs into a [%s] section", v->key,
                    s->name, section_kind_name(home));
    else if (nearest)
        loader_find(l, "unknown-key", v->origin, "unknown key %s; did you mean %s?", v->key, nearest);
    else
        loader_find(l, "unknown-key", v->origin, "unknown key %s; take it out, it has no effect", v->key);
}

static void lint_section_name(struct loader *l, const struct section *s)
{
    const char *nearest = section_nearest(s->name), *colon = strchr(s->name, ':');

    if (nearest)
        loader_find(l, "unknown-section", s->origin, "unknown section [%s]; did you mean [%s%s]?", s->name, nearest,
                    colon ? colon : "");
    else
        loader_find(l, "unknown-section", s->origin, "unknown section [%s]; take it out, it has no effect", s->name);
}

static void lint_section(struct loader *l, const struct section *s)
{
    unsigned kind = section_kind(s->name);

    if (kind == 0)
        lint_section_name(l, s);
    if (kind & (SECTION_INET_SERVER | SECTION_UNIX_SERVER))
        loader_find(l, "not-in-this-version", s->origin,
                    "[%s]: serving HTTP is not in this version; supervisorctl and cslsup ctl use the control socket",
                    s->name);
    if (kind & SECTION_LISTENER)
        loader_find(l, "not-in-this-version", s->origin,
                    "[%s]: events are not in this version; it runs and receives none", s->name);
    for (size_t i = 0; kind != 0 && i < s->values.n; i++)
        lint_key(l, s, kind, &s->values.v[i]);
}

static bool has_variable(const struct spec *spec, const char *name)
{
    for (size_t i = 0; i < spec->environment.n; i++)
        if (strcmp(spec->environment.v[i].name, name) == 0)
            return true;
    return false;
}

static void lint_user(struct loader *l, const struct spec *spec)
{
    int64_t own = l->host->uid(l->host->context);

    if (spec->uid == UNSET)
        return;
    if (own != 0 && spec->uid != own)
        loader_find(l, "user-not-root", spec_origin(l, spec, "user"),
                    "user=%s needs root, and this runs as uid %lld; start as root or take it out", spec->user,
                    (long long)own);
    if (spec->uid != 0 && !spec->user_env && !has_variable(spec, "HOME"))
        loader_find(l, "no-home", spec_origin(l, spec, "user"),
                    "user=%s keeps the HOME of root; add user_env=true, or HOME to environment", spec->user);
}

static bool listed(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->v[i], name) == 0)
            return true;
    return false;
}

static const char *variable(const struct loader *l, const char *name)
{
    struct scope scope = {.env = {&l->env}, .env_n = 1};
    const char *value = scope_env(&scope, str_from(name));

    return value && *value ? value : NULL;
}

/* Where the start would look for it (container contract §3). */
static bool secret_exists(struct loader *l, const char *name)
{
    const char *file = variable(l, arena_printf(l->tmp, "%s_FILE", name));
    char *path = arena_printf(l->tmp, "/run/secrets/%s", name);

    if ((file && l->host->exists(l->host->context, file)) || l->host->exists(l->host->context, path))
        return true;
    for (char *c = path; *c; c++)
        *c = str_lower(*c);
    return l->host->exists(l->host->context, path);
}

/* What would make it FATAL before it ran; an env_file is read at the start and may bring anything. */
static void lint_required(struct loader *l, const struct spec *spec)
{
    for (size_t i = 0; i < spec->secrets.n; i++)
        if (!secret_exists(l, spec->secrets.v[i]))
            loader_find(l, "missing-secret", spec_origin(l, spec, "secrets"),
                        "no secret %s here; set %s_FILE, or mount /run/secrets/%s", spec->secrets.v[i],
                        spec->secrets.v[i], spec->secrets.v[i]);
    for (size_t i = 0; i < spec->require_env.n && spec->env_file.n == 0; i++) {
        const char *name = spec->require_env.v[i];
        if (!variable(l, name) && !has_variable(spec, name) && !listed(&spec->secrets, name))
            loader_find(l, "unset-variable", spec_origin(l, spec, "require_env"),
                        "%s is not set here; set it where this runs, or %s will be FATAL", name, spec->program);
    }
}

static void lint_life(struct loader *l, const struct spec *spec)
{
    bool task = spec->oneshot || *spec->schedule, always = spec->autorestart == RESTART_ALWAYS;
    int64_t grace = l->settings.d.stop_grace_period_ns;

    if (spec->startsecs == 0 && always && !task && spec->restart_delay_ns == UNSET &&
        spec->restart_delay_max_ns == UNSET)
        loader_find(
            l, "hot-loop", spec_origin(l, spec, "startsecs"),
            "startsecs=0 with autorestart=true restarts for ever and at once; set startsecs=1 or restart_delay");
    if (spec->stopwait_ns > (grace == UNSET ? DOCKER_GRACE_NS : grace))
        loader_find(
            l, "beyond-grace", spec_origin(l, spec, "stopwaitsecs"),
            "stopwaitsecs=%lld is longer than %s; set [cslsup] stop_grace_period, and stop_grace_period in compose "
            "(terminationGracePeriodSeconds in Kubernetes), to what it needs",
            (long long)(spec->stopwait_ns / NS_PER_S),
            grace == UNSET ? "the 10 s that Docker waits" : "stop_grace_period");
    if (spec->on_exit == ON_END_EXIT && always && !task)
        loader_find(l, "on-exit-never", spec_origin(l, spec, "on_exit"),
                    "on_exit=exit never comes with autorestart=true; set autorestart=false or unexpected");
    if (spec->on_fatal == ON_END_EXIT && spec->startretries == -1)
        loader_find(l, "on-fatal-never", spec_origin(l, spec, "on_fatal"),
                    "on_fatal=exit never comes with startretries=-1; set a number of retries");
    if (spec->run_timeout_ns > 0 && !task)
        loader_find(l, "timeout-unused", spec_origin(l, spec, "run_timeout"),
                    "run_timeout is for oneshots and jobs; set oneshot=true or schedule, or take it out");
}

static bool is_container_stream(const char *path)
{
    static const char *const starts[] = {"/dev/stdout", "/dev/stderr", "/dev/fd/", "/proc/self/fd/", "/proc/1/fd/"};

    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(path, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

static void lint_log(struct loader *l, const struct spec *spec, const struct log_spec *log, const char *stream)
{
    const char *key = arena_printf(l->tmp, "%s_logfile", stream);

    if (log->target == LOG_TO_FILE && is_container_stream(log->path) && log->maxbytes != 0)
        loader_find(l, "stdout-rotation", spec_origin(l, spec, key),
                    "%s cannot be rotated, and supervisord fails on it; set %s_maxbytes=0", log->path, key);
}

/* A file that is rotated, and who writes to it. */
struct rotated {
    const char *path, *program;
};

struct rotated_files {
    VEC(struct rotated) list;
};

static void lint_shared_log(struct loader *l, struct rotated_files *files, const struct spec *spec,
                            const struct log_spec *log, const char *key)
{
    if (log->target != LOG_TO_FILE || log->maxbytes == 0 || is_container_stream(log->path))
        return;
    for (size_t i = 0; i < files->list.n; i++) {
        const struct rotated *other = &files->list.v[i];
        if (strcmp(other->path, log->path) != 0)
            continue;
        if (strcmp(other->program, spec->program) != 0)
            loader_find(l, "shared-log", spec_origin(l, spec, key),
                        "%s and %s both rotate %s; give each a file of its own, or set maxbytes=0", other->program,
                        spec->program, log->path);
        return;
    }
    *vec_push(l->tmp, &files->list) = (struct rotated){log->path, spec->program};
}

static bool runs_scheduler(const struct spec *spec)
{
    return strstr(spec->command, "schedule:work") || strstr(spec->command, "schedule:run");
}

static void lint_programs(struct loader *l)
{
    struct rotated_files files = {0};
    const struct spec *scheduler = NULL;

    for (size_t i = 0; i < l->groups.n; i++)
        for (size_t j = 0; j < l->groups.v[i].n; j++) {
            const struct spec *spec = &l->groups.v[i].specs[j];
            lint_user(l, spec);
            lint_life(l, spec);
            lint_required(l, spec);
            lint_log(l, spec, &spec->out, "stdout");
            lint_log(l, spec, &spec->err, "stderr");
            lint_shared_log(l, &files, spec, &spec->out, "stdout_logfile");
            lint_shared_log(l, &files, spec, &spec->err, "stderr_logfile");
            lint_command(l, spec);
            if (!runs_scheduler(spec))
                continue;
            if (scheduler)
                loader_find(l, "scheduler-twice", spec_origin(l, spec, "command"),
                            "%s starts the scheduler that %s starts, too; keep one of them", spec->name,
                            scheduler->name);
            else
                scheduler = spec;
        }
}

static void lint_servers(struct loader *l)
{
    const struct section *ctl = doc_section(&l->doc, "supervisorctl");

    for (size_t i = 0; i < l->servers.n; i++) {
        const struct server *server = &l->servers.v[i];
        const char *name =
            *server->name ? arena_printf(l->tmp, "inet_http_server:%s", server->name) : "inet_http_server";
        const struct section *s = server->is_unix ? NULL : doc_section(&l->doc, name);
        if (s && !*server->host && !*server->password)
            loader_find(
                l, "open-tcp", s->origin,
                "port %lld is open on all addresses without a password; write port=127.0.0.1:%lld, or set username "
                "and password",
                (long long)server->port, (long long)server->port);
    }
    if (l->servers.n == 0 && ctl)
        loader_find(
            l, "no-server", ctl->origin,
            "[supervisorctl] but no server section; supervisord could not be reached, cslsup has its own socket");
}

void lint(struct loader *l)
{
    for (size_t i = 0; i < l->doc.sections.n; i++)
        lint_section(l, &l->doc.sections.v[i]);
    lint_programs(l);
    lint_servers(l);
}
