/* A program section → the specs of its processes. */
#include "config/programs.h"
#include "config/pairs.h"
#include "config/pytext.h"
#include "config/sections.h"
#include "config/sockets.h"
#include "config/types.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* More processes than any container runs; each costs about a kilobyte. */
enum { PROCESSES_MAX = 10000 };

static unsigned section_bit(enum program_kind kind)
{
    return kind == KIND_PROGRAM ? SECTION_PROGRAM : kind == KIND_FCGI ? SECTION_FCGI : SECTION_LISTENER;
}

/* What stands in `%(…)` does not count: it is no part of the name. */
int name_check(struct loader *l, const char *text, const char **ret_name)
{
    const char *name = arena_str(l->tmp, py_trim(str_from(text)));

    for (const char *bad = " :/"; *bad; bad++)
        for (const char *c = name; *c; c++) {
            const char *end = c[0] == '%' && c[1] == '(' ? strchr(c, ')') : NULL;
            if (end)
                c = end;
            else if (*c == *bad)
                return err_set(l->e, "Invalid name: %s because of character: '%c'", loader_quote(l, text), *bad);
        }
    *ret_name = name;
    return 0;
}

static void init_draft(struct draft *draft)
{
    struct spec *s = &draft->spec;

    *draft = (struct draft){.enabled = true};
    s->command = s->name = s->directory = s->user = s->serverurl = s->result_handler = s->socket = s->socket_owner = "";
    s->schedule = s->schedule_timezone = s->stop_command = s->log_prefix = "";
    s->out.path = s->err.path = s->out.tee = s->err.tee = "";
    s->umask = s->uid = s->socket_backlog = s->socket_mode = UNSET;
    s->restart_delay_ns = s->restart_delay_max_ns = s->nice = s->oom_score_adjust = UNSET;
}

static int read_rows(struct loader *l, const struct section *s, struct draft *draft, struct scope *scope, bool each)
{
    unsigned bit = section_bit(draft->spec.kind);

    l->draft = draft;
    for (const struct option *o = option_table; o->key; o++) {
        if (!(o->sections & bit) || (o->names != NAMES_ONCE) != each)
            continue;
        int r = option_read(l, s, o, scope, draft);
        if (r < 0)
            return r;
        if (o->type == AS_ENVIRONMENT && draft->spec.environment.n)
            scope_add_env(scope, &draft->spec.environment);
    }
    return 0;
}

/* What supervisord checks once it has read what all processes of a section share. */
static int check_section(struct loader *l, const struct section *s, struct draft *draft)
{
    const struct value *process_name = doc_value(&l->doc, s, "process_name");
    const char *name = process_name ? process_name->text : "%(program_name)s";

    if (!doc_value(&l->doc, s, "killasgroup"))
        draft->spec.killasgroup = draft->spec.stopasgroup;
    if (name_check(l, name, &name) < 0)
        return section_error(l, s, process_name, true);
    if (draft->numprocs > 1 && !strstr(name, "%(process_num)")) {
        err_set(l->e, "%%(process_num) must be present within process_name when numprocs > 1");
        return section_error(l, s, process_name ? process_name : doc_value(&l->doc, s, "numprocs"), true);
    }
    if (draft->spec.stopasgroup && !draft->spec.killasgroup) {
        err_set(l->e, "Cannot set stopasgroup=true and killasgroup=false");
        return section_error(l, s, doc_value(&l->doc, s, "killasgroup"), true);
    }
    return 0;
}

static void check_stream(struct loader *l, const struct section *s, const struct log_spec *log, const char *stream)
{
    if (log->target == LOG_TO_AUTO && log->maxbytes == 0)
        loader_warn(l,
                    "For [%s], AUTO logging used for %s_logfile without rollover, set maxbytes > 0 to avoid filling up "
                    "filesystem unintentionally",
                    s->name, stream);
}

static int check_contract(struct loader *l, const struct section *s, const struct spec *spec)
{
    const char *zone = spec->schedule_timezone;

    if (spec->oneshot && *spec->schedule) {
        err_set(l->e, "a program is a oneshot or has a schedule, not both");
        return section_error(l, s, doc_value(&l->doc, s, "schedule"), true);
    }
    if (*zone && strcmp(zone, "UTC") != 0 &&
        (strstr(zone, "..") ||
         !l->host->exists(l->host->context, arena_printf(l->tmp, "/usr/share/zoneinfo/%s", zone)))) {
        err_set(l->e, "no time zone %s in /usr/share/zoneinfo; install tzdata, or write a zone such as Europe/Berlin",
                loader_quote(l, zone));
        return section_error(l, s, doc_value(&l->doc, s, "schedule_timezone"), true);
    }
    return 0;
}

/* What is known only when all options of one process are read. */
static int finish_process(struct loader *l, const struct section *s, struct spec *spec)
{
    check_stream(l, s, &spec->out, "stdout");
    check_stream(l, s, &spec->err, "stderr");
    if (spec->redirect_stderr) {
        if (spec->err.target == LOG_TO_FILE)
            loader_warn(
                l,
                "For [%s], redirect_stderr=true but stderr_logfile has also been set to a filename, the filename "
                "has been ignored",
                s->name);
        spec->err.target = LOG_TO_NOWHERE;
        spec->err.path = "";
    }
    if (!doc_value(&l->doc, s, "command")) {
        err_set(l->e, "program section %s does not specify a command", s->name);
        return section_error(l, s, NULL, true);
    }
    if (!doc_value(&l->doc, s, "essential"))
        spec->essential = *spec->schedule == '\0';
    return check_contract(l, s, spec);
}

/* A process of the same name takes its predecessor's place, as in supervisord's dictionary. */
static void add_spec(struct loader *l, struct members *members, const struct spec *spec)
{
    size_t same = index_find(&members->names, spec->name);

    if (same != INDEX_NONE) {
        members->specs.v[same] = *spec;
        return;
    }
    index_add(&members->names, l->tmp, spec->name, members->specs.n);
    *vec_push(l->tmp, &members->specs) = *spec;
}

static void name_recorded(struct loader *l, size_t from, const struct spec *spec)
{
    for (size_t i = from; i < l->effective.n; i++) {
        l->effective.v[i].group = spec->group;
        l->effective.v[i].name = spec->name;
    }
}

/* One process: what the section shares, then what each has of its own. */
static int read_process(struct loader *l, const struct section *s, const struct draft *shared,
                        const struct scope *names, int64_t number, struct members *members)
{
    struct draft draft = *shared;
    struct scope scope = *names;
    size_t recorded = l->effective.n;

    scope_add_number(&scope, "process_num", number);
    scope_add_number(&scope, "numprocs", draft.numprocs);
    draft.spec.process_num = number;
    if (l->record) { /* again, so that each process has its own list */
        struct draft again = *shared;
        struct scope once = *names;
        int r = read_rows(l, s, &again, &once, false);
        if (r < 0)
            return r;
    }
    int r = read_rows(l, s, &draft, &scope, true);
    if (r == 0)
        r = finish_process(l, s, &draft.spec);
    if (r < 0)
        return r;
    name_recorded(l, recorded, &draft.spec);
    if (l->settings.d.environment.n)
        draft.spec.environment = pairs_merge(l->keep, &l->settings.d.environment, &draft.spec.environment);
    add_spec(l, members, &draft.spec);
    return 0;
}

struct scope program_scope(struct loader *l, const char *program, const char *group)
{
    struct scope scope = scope_base(l);

    scope_add(&scope, "program_name", program);
    scope_add(&scope, "host_node_name", l->hostname);
    scope_add(&scope, "group_name", group);
    return scope;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct spec *)a)->name, ((const struct spec *)b)->name);
}

/* The processes that were added last, in the order of their names. */
static void sort_from(struct loader *l, struct members *members, size_t first)
{
    size_t n = members->specs.n - first;

    if (n < 2)
        return;
    qsort(members->specs.v + first, n, sizeof *members->specs.v, by_name);
    members->names = (struct index){0};
    for (size_t i = 0; i < members->specs.n; i++)
        index_add(&members->names, l->tmp, members->specs.v[i].name, i);
}

/* One string for all sections of a file. */
static const char *keep_file(struct loader *l, const char *file)
{
    if (file && l->kept_from != file) {
        l->kept_from = file;
        l->kept_file = loader_keep(l, file);
    }
    return file ? l->kept_file : NULL;
}

/* What the processes of a section share. */
static int read_shared(struct loader *l, const struct section *s, struct draft *draft, struct scope *scope)
{
    bool recording = l->record;

    l->record = false; /* each process records it for itself */
    int r = read_rows(l, s, draft, scope, false);
    l->record = recording;
    if (r == 0)
        r = check_section(l, s, draft);
    return r == 0 && draft->spec.kind == KIND_FCGI ? socket_check(l, s, &draft->spec) : r;
}

/* A section counts, even without processes: a group may name it again and again. */
static int count_processes(struct loader *l, const struct section *s, int64_t numprocs)
{
    int64_t added = numprocs > 0 ? numprocs : 1;

    if (added > PROCESSES_MAX - l->processes) {
        err_set(l->e, "more than %d processes in all", PROCESSES_MAX);
        return section_error(l, s, doc_value(&l->doc, s, "numprocs"), true);
    }
    l->processes += added;
    return 0;
}

int program_read(struct loader *l, const struct section *s, enum program_kind kind, const char *group,
                 struct members *members)
{
    size_t first = members->specs.n;
    struct draft draft;
    const char *program;

    if (name_check(l, strchr(s->name, ':') + 1, &program) < 0)
        return section_error(l, s, NULL, true);
    struct scope scope = program_scope(l, program, group);
    init_draft(&draft);
    draft.spec.kind = kind;
    draft.spec.group = group;
    draft.spec.program = strcmp(program, group) == 0 ? group : loader_keep(l, program);
    draft.spec.origin = (struct origin){keep_file(l, s->origin.file), s->origin.line};
    int r = read_shared(l, s, &draft, &scope);
    if (r == 0)
        r = count_processes(l, s, draft.numprocs);
    if (r == 0 && !members->specs.v && draft.numprocs > 0) {
        members->specs.cap = (size_t)draft.numprocs;
        members->specs.v = arena_alloc(l->tmp, members->specs.cap * sizeof *members->specs.v);
    }
    for (int64_t i = 0; r == 0 && i < draft.numprocs; i++)
        r = read_process(l, s, &draft, &scope, draft.numprocs_start + i, members);
    sort_from(l, members, first);
    return r;
}
