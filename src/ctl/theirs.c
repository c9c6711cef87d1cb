#include "ctl/theirs.h"
#include "base/path.h"
#include "config/doc.h"
#include "config/expand.h"
#include "config/host.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* What reading one configuration needs. */
struct reader {
    struct arena *a;
    struct doc doc;
    const struct section *section; /* [supervisorctl], NULL when there is none */
    struct env_list env;
    const char *here;
    struct buf scratch;
    struct err *e;
};

const char *path_from_cwd(struct arena *a, const char *path)
{
    char directory[PATH_MAX];

    return path_absolute(a, getcwd(directory, sizeof directory) ? directory : "/", path);
}

/* Python's os.path.dirname. */
static const char *directory_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return "";
    return slash == path ? "/" : arena_str(a, (struct str){path, (size_t)(slash - path)});
}

/* The first of supervisord's places that exists, or NULL (supervisord contract §1). */
static const char *search(struct arena *a, const char *program)
{
    const char *above = directory_of(a, directory_of(a, program)), *slash = *above ? "/" : "";
    const char *paths[] = {
        arena_printf(a, "%s%setc/supervisord.conf", above, slash),
        arena_printf(a, "%s%ssupervisord.conf", above, slash),
        "supervisord.conf",
        "etc/supervisord.conf",
        "/etc/supervisord.conf",
        "/etc/supervisor/supervisord.conf",
    };

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (access(paths[i], F_OK) == 0)
            return paths[i];
    return NULL;
}

static void take_environment(struct reader *r)
{
    size_t n = 0;

    while (environ[n])
        n++;
    r->env.v = arena_alloc(r->a, sizeof *r->env.v * (n + 1));
    for (size_t i = 0; i < n; i++) {
        const char *equals = strchr(environ[i], '=');
        if (equals)
            r->env.v[r->env.n++] =
                (struct env_pair){arena_str(r->a, (struct str){environ[i], (size_t)(equals - environ[i])}), equals + 1};
    }
}

static int read_document(struct reader *r, const char *path)
{
    const struct config_host *host = &config_host_system;
    struct buf text;

    buf_init(&text, DOC_FILE_BYTES_MAX);
    int done = host->read_file(host->context, path, &text);
    if (done < 0)
        err_set(r->e, done == -ENOENT ? "could not find config file %s" : "could not read config file %s", path);
    else
        done = doc_add(&r->doc, (struct str){text.len ? text.ptr : "", text.len}, path, true, r->e);
    buf_finish(&text);
    r->section = done < 0 ? NULL : doc_section(&r->doc, "supervisorctl");
    return done;
}

/* One value, expanded, into `ret_text`; left alone where the command line or nobody set it. */
static int read_key(struct reader *r, const char *key, bool sees_here, const char **ret_text)
{
    const struct value *value = doc_value(&r->doc, r->section, key);
    struct scope scope = {0};

    if (!value)
        return 0;
    scope_add_env(&scope, &r->env);
    if (sees_here)
        scope_add(&scope, "here", r->here);
    return expand_text(r->a, &r->scratch, &scope, value->text, arena_printf(r->a, "supervisorctl.%s", key), ret_text,
                       r->e);
}

/* `~` as os.path.expanduser has it for the own user; absolute. */
static const char *normal_path(struct arena *a, const char *path)
{
    const char *home = getenv("HOME");

    if (path[0] == '~' && (path[1] == '/' || !path[1]) && home)
        path = arena_printf(a, "%s%s", home, path + 1);
    return path_from_cwd(a, path);
}

static const char *normal_url(struct arena *a, const char *url)
{
    return strncmp(url, "unix://", 7) == 0 ? arena_printf(a, "unix://%s", normal_path(a, url + 7)) : url;
}

static int read_section(struct reader *r, struct options *o)
{
    struct options file = {.prompt = o->prompt};
    int done = read_key(r, "serverurl", true, &file.serverurl);

    if (done == 0)
        done = read_key(r, "prompt", false, &file.prompt);
    if (done == 0)
        done = read_key(r, "username", false, &file.username);
    if (done == 0)
        done = read_key(r, "password", false, &file.password);
    if (done == 0)
        done = read_key(r, "history_file", true, &file.history_file);
    if (done < 0)
        return done;
    o->prompt = file.prompt;
    if (file.serverurl && !o->serverurl)
        o->serverurl = normal_url(r->a, file.serverurl);
    if (file.history_file && *file.history_file && !o->history_file)
        o->history_file = normal_path(r->a, file.history_file);
    o->username = o->username ? o->username : file.username;
    o->password = o->password ? o->password : file.password;
    return 0;
}

static int read_config(struct reader *r, struct options *o)
{
    int done = read_document(r, o->config);

    if (done < 0)
        return -EINVAL;
    if (!r->section) {
        o->no_section = true; /* an error, unless an instance of this very configuration answers */
        return 0;
    }
    take_environment(r);
    return read_section(r, o);
}

int theirs_load(struct arena *a, struct options *o, const char *program, struct err *e)
{
    const char *found = NULL;

    if (o->as_supervisorctl && !o->config)
        o->config = found = search(a, program);
    if (!o->config)
        return 0;
    o->config_was_found = found != NULL;
    const char *absolute = path_from_cwd(a, o->config);
    struct reader r = {.a = a, .doc = {.a = a}, .here = directory_of(a, absolute), .e = e};
    buf_init(&r.scratch, EXPANDED_MAX);
    int done = o->as_supervisorctl ? read_config(&r, o) : 0;
    buf_finish(&r.scratch);
    o->config = absolute;
    return done;
}
