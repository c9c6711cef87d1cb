/* [supervisord], [cslsup] and the command line. */
#include "base/num.h"
#include "config/sections.h"
#include "config/types.h"
#include <errno.h>
#include <string.h>

static const struct config_override *find_override(const struct loader *l, const char *key)
{
    for (size_t i = 0; i < l->request->overrides_n; i++)
        if (strcmp(l->request->overrides[i].key, key) == 0)
            return &l->request->overrides[i];
    return NULL;
}

/* The command line beats the file, which must be right nevertheless. */
static int apply_override(struct loader *l, const struct option *o)
{
    const struct config_override *override = find_override(l, o->key);

    if (!override || !(o->sections & SECTION_SUPERVISORD))
        return 0;
    l->option = o;
    l->value = NULL;
    if (type_parse(l, override->value, (char *)&l->settings + o->offset) == 0)
        return 0;
    const char *why = arena_strdup(l->tmp, l->e->text);
    err_at(l->e, NULL, 0);
    return err_set(l->e, "invalid value for %s %s: %s", override->typed, loader_quote(l, override->value), why);
}

static int read_rows(struct loader *l, unsigned kind, const struct section *s)
{
    struct scope plain = scope_base(l), with_host = plain;

    scope_add(&with_host, "host_node_name", l->hostname);
    l->section = s;
    for (const struct option *o = option_table; o->key; o++) {
        if (!(o->sections & kind) || o->type == AS_NOTHING)
            continue;
        /* supervisord's own section knows the host's name in `environment` alone (supervisord contract §1). */
        l->scope = kind == SECTION_SUPERVISORD && o->type != AS_ENVIRONMENT ? &plain : &with_host;
        int r = option_read(l, s, o, l->scope, &l->settings);
        if (r == 0)
            r = apply_override(l, o);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Where Python's tempfile would put files. */
static const char *temporary_directory(struct loader *l)
{
    static const char *const variables[] = {"TMPDIR", "TEMP", "TMP"}, *const directories[] = {"/tmp", "/var/tmp",
                                                                                              "/usr/tmp"};
    struct scope scope = scope_base(l);

    for (size_t i = 0; i < 3; i++) {
        const char *value = scope_env(&scope, str_from(variables[i]));
        if (value && *value && l->host->is_dir(l->host->context, value))
            return value;
    }
    for (size_t i = 0; i < 3; i++)
        if (l->host->is_dir(l->host->context, directories[i]))
            return directories[i];
    return l->host->directory(l->host->context);
}

/* Without [supervisord] (container contract §1). */
static void container_defaults(struct loader *l)
{
    struct daemon *d = &l->settings.d;

    d->nodaemon = true;
    if (!find_override(l, "logfile"))
        d->logfile = "/dev/stdout";
    if (!find_override(l, "pidfile"))
        d->pidfile = "";
}

static int grace_from_environment(struct loader *l)
{
    static const char name[] = "CSLSUP_STOP_GRACE_PERIOD";
    struct scope scope = scope_base(l);
    const char *text = scope_env(&scope, STR("CSLSUP_STOP_GRACE_PERIOD"));
    int64_t ns;

    if (!text || !*text)
        return 0;
    if (num_duration(str_from(text), &ns) < 0 || ns < 0) {
        err_at(l->e, NULL, 0);
        return err_set(l->e, "$%s: %s is no time; write seconds, or a number with s, m, h or d", name,
                       loader_quote(l, text));
    }
    l->settings.d.stop_grace_period_ns = ns;
    return 0;
}

/* What needs the whole section, once it is read. */
static int finish(struct loader *l)
{
    struct daemon *d = &l->settings.d;

    if (strcmp(d->logfile, "syslog") != 0)
        d->logfile = loader_keep(l, loader_path(l, loader_path_expand_user(l, d->logfile)));
    if (*d->pidfile)
        d->pidfile = loader_keep(l, loader_path(l, loader_path_expand_user(l, d->pidfile)));
    if (!*d->childlogdir)
        d->childlogdir = loader_keep(l, temporary_directory(l));
    return grace_from_environment(l);
}

int settings_read(struct loader *l)
{
    static const struct section nothing[] = {{.name = "supervisord"}, {.name = "cslsup"}};
    const struct section *supervisord = doc_section(&l->doc, "supervisord"), *cslsup = doc_section(&l->doc, "cslsup");
    struct daemon *d = &l->settings.d;

    if (!supervisord && l->request->as_supervisord)
        return err_set(l->e, ".ini file does not include supervisord section");
    d->uid = d->stop_grace_period_ns = UNSET;
    d->user = d->directory = d->childlogdir = d->control_socket = d->http_listen = d->termination_log = "";
    l->draft = NULL;
    int r = read_rows(l, SECTION_SUPERVISORD, supervisord ? supervisord : &nothing[0]);
    if (r == 0 && !supervisord)
        container_defaults(l);
    if (r == 0)
        r = read_rows(l, SECTION_CSLSUP, cslsup ? cslsup : &nothing[1]);
    return r < 0 ? r : finish(l);
}
