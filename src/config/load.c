#include "config/load.h"
#include "base/log.h"
#include "base/path.h"
#include "config/loader.h"
#include "config/pytext.h"
#include "config/role.h"
#include "config/sections.h"
#include "config/source.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one configuration may need while it is read, and as a set: a bound for hostile input, far above sane use. */
enum { ARENA_BYTES_MAX = 256 * 1024 * 1024 };

const char *loader_keep(struct loader *l, const char *text)
{
    return *text ? arena_strdup(l->keep, text) : "";
}

const char *loader_quote(struct loader *l, const char *text)
{
    struct buf *to = &l->scratch;

    buf_clear(to);
    py_repr(to, str_from(text));
    char *copy = arena_str(l->tmp, buf_str(to));
    buf_clear(to);
    return copy;
}

static const char *format_kept(struct arena *a, const char *format, va_list args)
{
    va_list again;
    char nothing[1];

    va_copy(again, args);
    int n = vsnprintf(nothing, 0, format, again);
    va_end(again);
    char *text = arena_alloc(a, n > 0 ? (size_t)n + 1 : 1);
    vsnprintf(text, n > 0 ? (size_t)n + 1 : 1, format, args);
    return text;
}

void loader_warn(struct loader *l, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    *vec_push(l->tmp, &l->warnings) = (struct notice){LVL_WARN, format_kept(l->keep, format, args)};
    va_end(args);
}

void loader_inform(struct loader *l, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    *vec_push(l->tmp, &l->infos) = (struct notice){LVL_INFO, format_kept(l->keep, format, args)};
    va_end(args);
}

void loader_find(struct loader *l, const char *code, struct origin at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    *vec_push(l->tmp, &l->findings) = (struct finding){code, at, format_kept(l->tmp, format, args)};
    va_end(args);
}

const char *loader_path_directory(struct loader *l, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return "";
    return slash == path ? "/" : arena_str(l->tmp, (struct str){path, (size_t)(slash - path)});
}

const char *loader_path_expand_user(struct loader *l, const char *path)
{
    struct scope scope = {.env = {&l->env}, .env_n = 1};
    struct str name;

    if (*path != '~')
        return path;
    const char *slash = strchr(path, '/'), *rest = slash ? slash : path + strlen(path);
    name = (struct str){path + 1, (size_t)(rest - path - 1)};
    const char *home = name.len ? arena_str(l->tmp, users_home(&l->users, name)) : scope_env(&scope, STR("HOME"));
    return home && *home ? arena_printf(l->tmp, "%s%s", home, rest) : path;
}

const char *loader_path(struct loader *l, const char *path)
{
    return path_absolute(l->tmp, l->host->directory(l->host->context), path);
}

static struct env_list env_from(struct arena *a, char *const *env)
{
    VEC(struct env_pair) list = {0};

    for (; env && *env; env++) {
        const char *equals = strchr(*env, '=');
        if (equals)
            *vec_push(a, &list) =
                (struct env_pair){arena_str(a, (struct str){*env, (size_t)(equals - *env)}), equals + 1};
    }
    return (struct env_list){list.v, list.n};
}

/* supervisord looks the daemon's user up once all is read. */
static int find_user(struct loader *l)
{
    struct daemon *d = &l->settings.d;

    if (!*d->user || users_find(&l->users, d->user, &d->uid, NULL) || l->request->no_env)
        return 0;
    err_at(l->e, NULL, 0);
    const char *digits = d->user;
    while (*digits >= '0' && *digits <= '9')
        digits++;
    err_set(l->e, "Invalid user %s %s", *digits ? "name" : "id", d->user);
    static const struct section absent = {.name = "supervisord"}; /* [DEFAULT] may set it nevertheless */
    const struct section *s = doc_section(&l->doc, "supervisord");
    const struct value *v = doc_value(&l->doc, s ? s : &absent, "user");
    return v ? section_error(l, s, v, false) : -EINVAL; /* without one it was typed: -u */
}

int loader_run(struct loader *l)
{
    users_init(&l->users, l->host);
    l->hostname = arena_strdup(l->tmp, l->host->hostname(l->host->context));
    l->env = env_from(l->tmp, l->request->env);
    l->settings.d.role = "";
    int r = source_find(l);
    if (r == 0)
        r = source_read_main(l);
    if (r == 0)
        r = roles_apply(l);
    if (r == 0)
        r = settings_read(l);
    if (r == 0)
        r = plugins_read(l);
    if (r == 0)
        r = programs_read(l);
    if (r == 0)
        r = needs_resolve(l);
    if (r == 0)
        r = servers_read(l);
    return r < 0 ? r : find_user(l);
}

/* The start log names each program with its file; supervisord's own log has no such line. */
static void name_programs(struct loader *l)
{
    const char *before = NULL;

    for (size_t i = 0; i < l->groups.n && !l->request->as_supervisord; i++)
        for (size_t j = 0; j < l->groups.v[i].n; j++) {
            const struct spec *spec = &l->groups.v[i].specs[j];
            if (before && strcmp(before, spec->program) == 0)
                continue;
            before = spec->program;
            loader_inform(l, "program %s from %s:%u", spec->program, spec->origin.file ? spec->origin.file : "?",
                          spec->origin.line);
        }
}

static void *keep_array(struct loader *l, const void *v, size_t bytes)
{
    void *copy = arena_alloc(l->keep, bytes + 1);
    if (bytes)
        memcpy(copy, v, bytes);
    return copy;
}

static void keep_notices(struct loader *l, struct program_set *set)
{
    set->notices_n = l->warnings.n + l->infos.n;
    set->notices = arena_alloc(l->keep, (set->notices_n + 1) * sizeof *set->notices);
    if (l->warnings.n)
        memcpy(set->notices, l->warnings.v, l->warnings.n * sizeof *set->notices);
    if (l->infos.n)
        memcpy(set->notices + l->warnings.n, l->infos.v, l->infos.n * sizeof *set->notices);
}

int loader_finish(struct loader *l)
{
    struct program_set *set = arena_alloc(l->keep, sizeof *set);

    name_programs(l);
    set->config_file = l->main_file ? loader_keep(l, loader_path(l, l->main_file)) : "";
    set->daemon = l->settings.d;
    set->groups = keep_array(l, l->groups.v, l->groups.n * sizeof *set->groups);
    set->groups_n = l->groups.n;
    set->servers = keep_array(l, l->servers.v, l->servers.n * sizeof *set->servers);
    set->servers_n = l->servers.n;
    keep_notices(l, set);
    set->arena = l->keep;
    l->keep = NULL;
    l->set = set;
    return 0;
}

void loader_place_error(struct loader *l)
{
    if (l->main_file && !l->e->file[0])
        err_at(l->e, l->main_file, 0);
    for (char *c = l->e->text; *c && !l->request->as_supervisord; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
}

struct loader *loader_new(const struct config_request *request, struct err *e)
{
    struct loader *l = calloc(1, sizeof *l);

    *e = (struct err){0};
    if (!l)
        return NULL;
    l->request = request;
    l->host = request->host ? request->host : &config_host_system;
    l->e = e;
    l->tmp = arena_new(ARENA_BYTES_MAX);
    l->keep = arena_new(ARENA_BYTES_MAX);
    l->doc.a = l->tmp;
    buf_init(&l->scratch, EXPANDED_MAX);
    buf_init(&l->file, DOC_FILE_BYTES_MAX);
    if (l->tmp && l->keep)
        return l;
    loader_free(l);
    return NULL;
}

void loader_free(struct loader *l)
{
    if (!l)
        return;
    users_finish(&l->users);
    buf_finish(&l->scratch);
    buf_finish(&l->file);
    arena_free(l->tmp);
    arena_free(l->keep);
    free(l);
}

static int out_of_memory(struct err *e)
{
    err_set(e, "the configuration needs more memory than there is, or than %d MiB", ARENA_BYTES_MAX >> 20);
    return -ENOMEM;
}

int loader_guard(struct loader *l, int (*work)(struct loader *l))
{
    if (setjmp(*arena_recovery(l->tmp)))
        return out_of_memory(l->e);
    if (setjmp(*arena_recovery(l->keep)))
        return out_of_memory(l->e);
    return work(l);
}

static int run_and_finish(struct loader *l)
{
    int r = loader_run(l);
    return r < 0 ? r : loader_finish(l);
}

int config_load(const struct config_request *request, struct program_set **ret_set, struct err *e)
{
    struct err own;
    struct loader *l = loader_new(request, e ? e : &own);

    if (!l)
        return e ? out_of_memory(e) : -ENOMEM;
    int r = loader_guard(l, run_and_finish);
    if (r == 0)
        *ret_set = l->set;
    else
        loader_place_error(l);
    loader_free(l);
    return r;
}

void program_set_free(struct program_set *set)
{
    if (set)
        arena_free(set->arena);
}
