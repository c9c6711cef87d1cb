#include "config/source.h"
#include "config/pytext.h"
#include "config/role.h"
#include "config/sections.h"
#include <errno.h>
#include <string.h>

/* Files that [include] may bring in, each counted as often as it is read. */
enum { INCLUDES_MAX = 2000 };

static bool exists(const struct loader *l, const char *path)
{
    return l->host->exists(l->host->context, path);
}

static void set_main(struct loader *l, const char *path)
{
    l->main_file = path;
    l->here = loader_path(l, loader_path_directory(l, path));
}

static int cannot_find(struct loader *l, const char *path)
{
    if (l->request->as_supervisord)
        return err_set(l->e, "could not find config file %s", path);
    err_at(l->e, path, 0);
    return err_set(l->e, "no such file; give the path of a configuration");
}

/* supervisord's search list; two entries are relative to the directory above its executable's. */
static const char *search(struct loader *l, const char **ret_tried)
{
    const char *program = l->request->program ? l->request->program : "";
    const char *above = loader_path_directory(l, loader_path_directory(l, program));
    const char *paths[] = {
        arena_printf(l->tmp, "%s%setc/supervisord.conf", above, *above ? "/" : ""),
        arena_printf(l->tmp, "%s%ssupervisord.conf", above, *above ? "/" : ""),
        "supervisord.conf",
        "etc/supervisord.conf",
        "/etc/supervisord.conf",
        "/etc/supervisor/supervisord.conf",
    };
    const char *tried = "";

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (exists(l, paths[i]))
            return paths[i];
        tried = arena_printf(l->tmp, "%s%s%s", tried, i ? ", " : "", paths[i]);
    }
    *ret_tried = tried;
    return NULL;
}

static int not_found(struct loader *l, const char *tried)
{
    if (l->request->as_supervisord)
        return err_set(l->e,
                       "No config file found at default paths (%s); use the -c option to specify a config file at "
                       "a different path",
                       tried);
    return err_set(l->e,
                   "no configuration found; write /etc/cslsup/cslsup.ini or /etc/cslsup/roles/NAME.ini, or give "
                   "-c FILE (looked for %s, too)",
                   tried);
}

/* The file that was named, by -c or by the environment; NULL when none was. */
static const char *named_file(const struct loader *l)
{
    struct scope scope = {.env = {&l->env}, .env_n = 1};
    const char *file = l->request->file;

    if (!file && !l->request->as_supervisord)
        file = scope_env(&scope, STR("CSLSUP_CONFIG"));
    return file && *file ? file : NULL;
}

int source_find(struct loader *l)
{
    static const char own[] = "/etc/cslsup/cslsup.ini";
    const char *file = named_file(l), *tried = "";

    l->here = l->host->directory(l->host->context);
    if (file && !exists(l, file))
        return cannot_find(l, file);
    if (!file && !l->request->as_supervisord) {
        if (exists(l, own))
            file = own;
        else if (roles_stand_alone(l))
            return 0;
    }
    if (!file)
        file = search(l, &tried);
    if (file)
        set_main(l, file);
    else if (l->request->as_supervisord || !l->host->is_dir(l->host->context, "/etc/cslsup/roles"))
        return not_found(l, tried);
    return 0; /* with role files but no role, the choice of the role will say what is wrong */
}

/* Parses what l->file holds. */
static int parse(struct loader *l, const char *path, struct doc *d)
{
    return doc_add(d, buf_str(&l->file), path, l->request->as_supervisord, l->e);
}

static int load(struct loader *l, const char *path)
{
    buf_clear(&l->file);
    return l->host->read_file(l->host->context, path, &l->file);
}

static int cannot_read(struct loader *l, const char *path, int code)
{
    if (l->request->as_supervisord && code != -EMSGSIZE)
        return err_set(l->e, "could not read config file %s", path);
    err_at(l->e, path, 0);
    if (code == -EMSGSIZE)
        return err_set(l->e, "the file is larger than %d MiB", DOC_FILE_BYTES_MAX / 1024 / 1024);
    return err_set(l->e, "cannot be read: %s", strerror(-code));
}

int source_read(struct loader *l, const char *path, struct doc *d)
{
    int r = load(l, path);
    if (r < 0)
        return cannot_read(l, path, r);
    r = parse(l, path, d);
    if (r == 0)
        doc_replace_here(d, path, loader_path(l, loader_path_directory(l, path)));
    return r;
}

/* The files that one pattern of [include] finds. */
struct found {
    struct loader *l;
    VEC(const char *) paths;
};

static void take_path(void *context, const char *path)
{
    struct found *found = context;

    if (found->paths.n <= INCLUDES_MAX)
        *vec_push(found->l->tmp, &found->paths) = arena_strdup(found->l->tmp, path);
}

/* supervisord skips what it cannot read; so do directories, which it names as included nevertheless. */
static int include_file(struct loader *l, const char *path)
{
    loader_inform(l, "Included extra file \"%s\" during parsing", path);
    int r = load(l, path);
    if (r == -EMSGSIZE)
        return cannot_read(l, path, r);
    if (r < 0)
        return 0;
    r = parse(l, path, &l->doc);
    if (r == 0)
        doc_replace_here(&l->doc, path, loader_path(l, loader_path_directory(l, path)));
    return r;
}

static int include_pattern(struct loader *l, const char *pattern, size_t *count)
{
    struct found found = {.l = l};
    int r = 0;

    l->host->glob(l->host->context, pattern, take_path, &found);
    if (found.paths.n == 0)
        loader_warn(l, "No file matches via include \"%s\"", pattern);
    *count += found.paths.n;
    if (*count > INCLUDES_MAX)
        return err_set(l->e, "[include] finds more than %d files", INCLUDES_MAX);
    for (size_t i = 0; r == 0 && i < found.paths.n; i++)
        r = include_file(l, found.paths.v[i]);
    return r;
}

static int read_includes(struct loader *l, const struct section *include)
{
    struct scope scope = scope_base(l);
    const char *files;
    struct str word;
    size_t count = 0;

    scope_add(&scope, "host_node_name", l->hostname);
    const struct value *v = section_value(include, "files");
    if (!doc_value(&l->doc, include, "files")) {
        err_set(l->e, ".ini file has [include] section, but no files setting");
        return section_error(l, include, NULL, false);
    }
    int r = section_text(l, include, "files", &scope, &files);
    struct str rest = str_from(r == 0 && files ? files : "");
    while (r == 0 && str_take_word(&rest, &word)) {
        const char *pattern = arena_str(l->tmp, word);
        if (*pattern != '/')
            pattern = arena_printf(l->tmp, "%s/%s", l->here, pattern);
        r = include_pattern(l, pattern, &count);
        if (r < 0 && l->e->file[0] == '\0')
            return section_error(l, include, v, false);
    }
    return r;
}

int source_read_main(struct loader *l)
{
    if (!l->main_file)
        return 0;
    int r = load(l, l->main_file);
    if (r == 0)
        r = parse(l, l->main_file, &l->doc);
    else
        r = cannot_read(l, l->main_file, r);
    const struct section *include = r == 0 ? doc_section(&l->doc, "include") : NULL;
    if (r < 0 || !include)
        return r;
    doc_replace_here(&l->doc, l->main_file, l->here);
    return read_includes(l, doc_section(&l->doc, "include"));
}
