/* Program and group sections → groups of specs. */
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

/* A group while its members are collected. */
struct members {
    VEC(struct spec) specs;
};

static unsigned section_bit(enum program_kind kind)
{
    return kind == KIND_PROGRAM ? SECTION_PROGRAM : kind == KIND_FCGI ? SECTION_FCGI : SECTION_LISTENER;
}

/* A name without blanks, `:` and `/` (they would break the listener protocol and URLs), stripped. What stands in
 * `%(…)` does not count: it is no part of the name. */
static int check_name(struct loader *l, const char *text, const char **ret_name)
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
    if (check_name(l, name, &name) < 0)
        return section_error(l, s, process_name, true);
    if (draft->numprocs > 1 && !strstr(name, "%(process_num)")) {
        err_set(l->e, "%%(process_num) must be present within process_name when numprocs > 1");
        return section_error(l, s, process_name ? process_name : doc_value(&l->doc, s, "numprocs"), true);
    }
    if (draft->numprocs > PROCESSES_MAX) {
        err_set(l->e, "more than %d processes", PROCESSES_MAX);
        return section_error(l, s, doc_value(&l->doc, s, "numprocs"), true);
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
static int add_spec(struct loader *l, const struct section *s, struct members *members, const struct spec *spec)
{
    for (size_t i = 0; i < members->specs.n; i++) {
        if (strcmp(members->specs.v[i].name, spec->name) == 0) {
            members->specs.v[i] = *spec;
            return 0;
        }
    }
    if (members->specs.n == PROCESSES_MAX) {
        err_set(l->e, "more than %d processes in one group", PROCESSES_MAX);
        return section_error(l, s, NULL, true);
    }
    *vec_push(l->tmp, &members->specs) = *spec;
    return 0;
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
    return add_spec(l, s, members, &draft.spec);
}

static struct scope program_scope(struct loader *l, const char *program, const char *group)
{
    struct scope scope = scope_base(l);

    scope_add(&scope, "program_name", program);
    scope_add(&scope, "host_node_name", l->host->hostname(l->host->context));
    scope_add(&scope, "group_name", group);
    return scope;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct spec *)a)->name, ((const struct spec *)b)->name);
}

/* All processes of a section, appended to `members` in the order of their names. */
static int read_section(struct loader *l, const struct section *s, enum program_kind kind, const char *group,
                        struct members *members)
{
    struct draft draft;
    struct members own = {0};
    const char *program;
    bool recording = l->record;

    if (check_name(l, strchr(s->name, ':') + 1, &program) < 0)
        return section_error(l, s, NULL, true);
    struct scope scope = program_scope(l, program, group);
    init_draft(&draft);
    draft.spec.kind = kind;
    draft.spec.group = group;
    draft.spec.program = loader_keep(l, program);
    draft.spec.origin = (struct origin){s->origin.file ? loader_keep(l, s->origin.file) : NULL, s->origin.line};
    l->record = false;
    int r = read_rows(l, s, &draft, &scope, false);
    l->record = recording;
    if (r == 0)
        r = check_section(l, s, &draft);
    if (r == 0 && kind == KIND_FCGI)
        r = socket_check(l, s, &draft.spec);
    for (int64_t i = 0; r == 0 && i < draft.numprocs; i++)
        r = read_process(l, s, &draft, &scope, draft.numprocs_start + i, &own);
    if (r == 0 && own.specs.n > 1)
        qsort(own.specs.v, own.specs.n, sizeof *own.specs.v, by_name);
    for (size_t i = 0; r == 0 && i < own.specs.n; i++)
        r = add_spec(l, s, members, &own.specs.v[i]);
    return r;
}

static int read_priority(struct loader *l, const struct section *s, int64_t fallback, int64_t *ret_priority)
{
    struct scope scope = scope_base(l);
    const char *text;

    *ret_priority = fallback;
    int r = section_text(l, s, "priority", &scope, &text);
    if (r < 0 || !text)
        return r;
    return type_int(l, text, ret_priority) < 0 ? section_error(l, s, doc_value(&l->doc, s, "priority"), false) : 0;
}

static void add_group(struct loader *l, const struct group *group, const struct members *members)
{
    struct group *added = vec_push(l->keep, &l->groups);

    *added = *group;
    added->n = members->specs.n;
    added->specs = arena_alloc(l->keep, (added->n + 1) * sizeof *added->specs);
    if (added->n)
        memcpy(added->specs, members->specs.v, added->n * sizeof *added->specs);
}

static bool is_selected_program(struct loader *l, const struct section *s, const char *group, int *ret_error)
{
    enum program_kind kind;
    const char *program;
    bool selected = false;

    if (!section_is_program(s, &kind, &program))
        return false;
    program = arena_str(l->tmp, py_trim(str_from(program)));
    struct scope scope = program_scope(l, program, group ? group : program);
    *ret_error = section_selected(l, s, &scope, &selected);
    return selected && *ret_error == 0;
}

/* One name out of programs=. Only programs and fcgi programs can be members; `ret_grouped` remembers the section. */
static int read_member(struct loader *l, const struct section *group, const char *group_name, const char *member,
                       struct names *grouped, struct members *members)
{
    const struct section *program = doc_section(&l->doc, arena_printf(l->tmp, "program:%s", member));
    const struct section *fcgi = doc_section(&l->doc, arena_printf(l->tmp, "fcgi-program:%s", member));
    const struct section *s = program ? program : fcgi;
    int r = 0;

    if (!s || (program && fcgi)) {
        if (s)
            err_set(l->e, "[%s] name %s is ambiguous (exists as program and fcgi-program)", group->name, member);
        else
            err_set(l->e, "[%s] names unknown program or fcgi-program %s", group->name, member);
        return section_error(l, group, doc_value(&l->doc, group, "programs"), false);
    }
    grouped->v[grouped->n++] = s->name;
    if (!is_selected_program(l, s, group_name, &r))
        return r;
    return read_section(l, s, program ? KIND_PROGRAM : KIND_FCGI, group_name, members);
}

static int read_group(struct loader *l, const struct section *s, struct names *grouped)
{
    struct group group = {.kind = KIND_PROGRAM};
    struct members members = {0};
    struct scope scope = scope_base(l);
    const char *name, *programs;
    bool selected;

    if (check_name(l, strchr(s->name, ':') + 1, &name) < 0)
        return section_error(l, s, NULL, false);
    group.name = loader_keep(l, name);
    int r = section_text(l, s, "programs", &scope, &programs);
    if (r == 0)
        r = read_priority(l, s, 999, &group.priority);
    if (r == 0)
        r = section_selected(l, s, &scope, &selected);
    if (r < 0 || !selected)
        return r;
    struct names list =
        programs && *programs ? type_list(l->tmp, arena_printf(l->tmp, "%s", programs), ",") : (struct names){0};
    const char **all = arena_alloc(l->tmp, (grouped->n + list.n + 1) * sizeof *all);
    if (grouped->n)
        memcpy(all, grouped->v, grouped->n * sizeof *all);
    grouped->v = all;
    for (size_t i = 0; r == 0 && i < list.n; i++)
        r = read_member(l, s, group.name, list.v[i], grouped, &members);
    if (r == 0 && (members.specs.n > 0 || list.n == 0))
        add_group(l, &group, &members);
    return r;
}

/* The group that a program section has of its own unless it is a member of another. */
static int read_own_group(struct loader *l, const struct section *s, enum program_kind kind)
{
    struct group group = {.kind = kind, .homogeneous = true};
    struct members members = {0};
    const char *name;
    int r = 0;

    if (!is_selected_program(l, s, NULL, &r))
        return r;
    if (check_name(l, strchr(s->name, ':') + 1, &name) < 0)
        return section_error(l, s, NULL, false);
    group.name = loader_keep(l, name);
    r = read_priority(l, s, kind == KIND_EVENTLISTENER ? -1 : 999, &group.priority);
    if (r == 0)
        r = read_section(l, s, kind, group.name, &members);
    if (r == 0)
        add_group(l, &group, &members);
    return r;
}

static bool among(const struct names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->v[i], name) == 0)
            return true;
    return false;
}

static int read_own_groups(struct loader *l, enum program_kind wanted, const struct names *grouped)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < l->doc.sections.n; i++) {
        const struct section *s = &l->doc.sections.v[i];
        enum program_kind kind;
        const char *name;
        if (section_is_program(s, &kind, &name) && kind == wanted && !among(grouped, s->name))
            r = read_own_group(l, s, kind);
    }
    return r;
}

static int by_priority(const void *a, const void *b)
{
    const struct group *x = a, *y = b;

    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    int names = strcmp(x->name, y->name);
    return names != 0 ? names : (int)x->kind - (int)y->kind;
}

/* Of two groups with one name supervisord starts the first and forgets the other. */
static void drop_doubles(struct loader *l)
{
    size_t kept = 0;

    for (size_t i = 0; i < l->groups.n; i++) {
        size_t same = 0;
        while (same < kept && strcmp(l->groups.v[same].name, l->groups.v[i].name) != 0)
            same++;
        if (same == kept)
            l->groups.v[kept++] = l->groups.v[i];
        else
            loader_warn(l, "Group %s is defined twice, only that of priority %lld is used", l->groups.v[i].name,
                        (long long)l->groups.v[same].priority);
    }
    l->groups.n = kept;
}

int programs_read(struct loader *l)
{
    static const enum program_kind order[] = {KIND_PROGRAM, KIND_EVENTLISTENER, KIND_FCGI};
    struct names grouped = {0};
    int r = 0;

    for (size_t i = 0; r == 0 && i < l->doc.sections.n; i++)
        if (strncmp(l->doc.sections.v[i].name, "group:", strlen("group:")) == 0)
            r = read_group(l, &l->doc.sections.v[i], &grouped);
    for (size_t i = 0; r == 0 && i < sizeof order / sizeof *order; i++)
        r = read_own_groups(l, order[i], &grouped);
    if (r < 0)
        return r;
    if (l->groups.n > 1)
        qsort(l->groups.v, l->groups.n, sizeof *l->groups.v, by_priority);
    drop_doubles(l);
    return 0;
}
