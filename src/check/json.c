#include "wire/json.h"
#include "base/num.h"
#include "check/print.h"
#include "core/types.h"
#include <string.h>

static void member_text(struct json *j, const char *name, const char *value)
{
    json_text(json_key(j, name), value);
}

static void member_int(struct json *j, const char *name, int64_t value)
{
    json_int(json_key(j, name), value);
}

static void member_bool(struct json *j, const char *name, bool value)
{
    json_bool(json_key(j, name), value);
}

/* Unset is the string `none`, as in getAllConfigInfo. */
static void member_or_none(struct json *j, const char *name, const char *value)
{
    member_text(j, name, *value ? value : "none");
}

static void number_or_none(struct json *j, const char *name, int64_t value)
{
    if (value == UNSET)
        member_text(j, name, "none");
    else
        member_int(j, name, value);
}

static void print_stream(struct json *j, const struct log_spec *log, const char *stream)
{
    static const char *const targets[] = {[LOG_TO_NOWHERE] = "none", [LOG_TO_AUTO] = "auto"};
    char name[64];

#define NAMED(suffix) (snprintf(name, sizeof name, "%s_" suffix, stream), name)
    member_text(j, NAMED("logfile"), log->target == LOG_TO_FILE ? log->path : targets[log->target]);
    member_int(j, NAMED("logfile_maxbytes"), log->maxbytes);
    member_int(j, NAMED("logfile_backups"), log->backups);
    member_int(j, NAMED("capture_maxbytes"), log->capture_maxbytes);
    member_bool(j, NAMED("events_enabled"), log->events_enabled);
    member_bool(j, NAMED("syslog"), log->syslog);
#undef NAMED
}

static void print_exitcodes(struct json *j, const struct exit_codes *codes)
{
    json_open(json_key(j, "exitcodes"), '[');
    for (int code = 0; code < 256; code++)
        if (exit_code_listed(codes, code))
            json_int(j, code);
    json_close(j, ']');
}

static void print_autorestart(struct json *j, enum autorestart autorestart)
{
    if (autorestart == RESTART_UNEXPECTED)
        member_text(j, "autorestart", "unexpected");
    else
        member_bool(j, "autorestart", autorestart == RESTART_ALWAYS);
}

static void print_environment(struct json *j, const struct env_list *env)
{
    json_open(json_key(j, "environment"), '{');
    for (size_t i = 0; i < env->n; i++)
        member_text(j, env->v[i].name, env->v[i].value);
    json_close(j, '}');
}

/* A key of the container contract, as it was set: booleans, numbers and seconds as such, lists as arrays. */
static void print_ours(struct json *j, const struct effective *e)
{
    struct str rest = str_from(e->text), part;
    int64_t number;

    json_key(j, e->option->key);
    switch ((int)e->option->type) {
    case AS_BOOL:
    case AS_ENABLED:
        json_bool(j, str_is_nocase(rest, "true") || str_is_nocase(rest, "yes") || str_is_nocase(rest, "on") ||
                         str_is(rest, "1"));
        return;
    case AS_INT:
    case AS_COUNT:
        if (num_int(rest, &number) == 0) {
            json_int(j, number);
            return;
        }
        break;
    case AS_BYTES:
        if (num_size(rest, &number) == 0) {
            json_int(j, number);
            return;
        }
        break;
    case AS_DURATION:
        if (num_duration(rest, &number) == 0) {
            if (number % NS_PER_S == 0)
                json_int(j, number / NS_PER_S);
            else
                json_double(j, (double)number / (double)NS_PER_S);
            return;
        }
        break;
    case AS_NAMES:
    case AS_NEEDS:
    case AS_CHECKS:
        json_open(j, '[');
        while (str_take_until(&rest, e->option->type == AS_CHECKS ? "\n" : ",", &part))
            if (str_trim(part).len > 0)
                json_str(j, str_trim(part));
        json_close(j, ']');
        return;
    }
    json_text(j, e->text);
}

static bool is_of(const struct effective *e, const struct spec *s)
{
    return e->name && strcmp(e->name, s->name) == 0 && strcmp(e->group, s->group) == 0;
}

/* A process' values stand together, mostly behind those of the process before it: so the search goes on from there. */
static void print_contract(struct json *j, const struct loader *l, const struct spec *s, size_t *from)
{
    size_t n = l->effective.n, searched = 0;

    while (searched < n && !is_of(&l->effective.v[*from % n], s)) {
        searched++;
        ++*from;
    }
    for (; searched < n && is_of(&l->effective.v[*from % n], s); searched++) {
        const struct effective *e = &l->effective.v[(*from)++ % n];
        if (e->option->version != VERSION_BASE && e->origin.file)
            print_ours(j, e);
    }
}

static void print_program(struct json *j, const struct loader *l, const struct group *g, const struct spec *s,
                          size_t *from)
{
    static const char *const kinds[] = {
        [KIND_PROGRAM] = "program", [KIND_EVENTLISTENER] = "eventlistener", [KIND_FCGI] = "fcgi-program"};

    json_open(j, '{');
    member_text(j, "name", s->name);
    member_text(j, "group", s->group);
    member_text(j, "kind", kinds[s->kind]);
    member_text(j, "command", s->command);
    member_or_none(j, "directory", s->directory);
    number_or_none(j, "uid", s->uid);
    number_or_none(j, "umask", s->umask);
    member_or_none(j, "serverurl", s->serverurl);
    member_bool(j, "autostart", s->autostart);
    print_autorestart(j, s->autorestart);
    member_int(j, "startsecs", s->startsecs);
    member_int(j, "startretries", s->startretries);
    print_exitcodes(j, &s->exitcodes);
    member_int(j, "stopsignal", s->stopsignal);
    member_int(j, "stopwaitsecs", s->stopwait_ns / NS_PER_S);
    member_bool(j, "stopasgroup", s->stopasgroup);
    member_bool(j, "killasgroup", s->killasgroup);
    member_int(j, "group_prio", g->priority);
    member_int(j, "process_prio", s->priority);
    member_bool(j, "inuse", true);
    member_bool(j, "redirect_stderr", s->redirect_stderr);
    print_stream(j, &s->out, "stdout");
    print_stream(j, &s->err, "stderr");
    print_environment(j, &s->environment);
    print_contract(j, l, s, from);
    json_close(j, '}');
}

static void print_place(struct json *j, const char *file, unsigned line, const char *code, const char *text)
{
    json_open(j, '{');
    member_text(j, "file", file ? file : "");
    member_int(j, "line", line);
    member_text(j, "code", code);
    member_text(j, "text", text);
    json_close(j, '}');
}

void check_print_json(const struct report *r, struct buf *out)
{
    const struct loader *l = r->loader;
    struct json j = json_to(out);
    size_t from = 0;

    json_open(&j, '{');
    member_text(&j, "role", r->set ? r->set->daemon.role : l->settings.d.role ? l->settings.d.role : "");
    json_open(json_key(&j, "programs"), '[');
    for (size_t i = 0; r->set && i < r->set->groups_n; i++)
        for (size_t k = 0; k < r->set->groups[i].n; k++)
            print_program(&j, l, &r->set->groups[i], &r->set->groups[i].specs[k], &from);
    json_close(&j, ']');
    json_open(json_key(&j, "errors"), '[');
    if (!r->set)
        print_place(&j, r->error.file, r->error.line, "refused", r->error.text);
    json_close(&j, ']');
    json_open(json_key(&j, "warnings"), '[');
    for (size_t i = 0; i < l->findings.n; i++)
        print_place(&j, l->findings.v[i].at.file, l->findings.v[i].at.line, l->findings.v[i].code,
                    l->findings.v[i].text);
    json_close(&j, ']');
    json_close(&j, '}');
    buf_add_char(out, '\n');
}
