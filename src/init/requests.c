#include "init/requests.h"
#include "base/log.h"
#include "config/command.h"
#include "core/wellness.h"
#include "init/child.h"
#include "init/generation.h"
#include "init/mainlog.h"
#include "init/shutdown.h"
#include "init/supervisor.h"
#include "os/reap.h"
#include "os/spawn.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void end(struct answer *a, enum fault fault, struct str text)
{
    size_t n = text.len < sizeof a->text - 1 ? text.len : sizeof a->text - 1;

    a->fault = fault;
    if (n)
        memcpy(a->text, text.ptr, n);
    a->text[n] = '\0';
}

static void end_with(struct answer *a, enum fault fault, const char *text)
{
    end(a, fault, str_from(text));
}

/* Groups may come and go while a slow client takes its answer. */
static struct proc *proc_at(struct supervisor *s, size_t n)
{
    supervisor_sort(s);
    return n < s->sorted_n ? s->sorted[n] : NULL;
}

/* The one process that the request names; NULL, and the answer ended with BAD_NAME, when it names none or many. */
static struct proc *one(struct supervisor *s, struct answer *a)
{
    for (size_t i = 0; target_is_one(&a->target) && i < s->sorted_n; i++)
        if (target_has(&a->target, s->sorted[i]))
            return s->sorted[i];
    end(a, FAULT_BAD_NAME, a->request.name);
    return NULL;
}

static bool any(struct supervisor *s, struct answer *a)
{
    if (target_exists(&a->target, &s->fleet))
        return true;
    end(a, FAULT_BAD_NAME, a->request.name);
    return false;
}

static void set_rows(struct supervisor *s, struct answer *a,
                     bool (*row)(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row))
{
    a->row = row;
    a->rows_n = s->sorted_n;
}

/* ---- looking ---- */

static bool state_row(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row)
{
    (void)a;
    (void)n;
    row_state(ret_row, s);
    return true;
}

static void do_state(struct supervisor *s, struct answer *a)
{
    a->row = state_row;
    a->rows_n = 1;
    (void)s;
}

static bool info_row(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row)
{
    struct proc *p = proc_at(s, n);

    if (!p || !target_has(&a->target, p))
        return false;
    row_info(ret_row, s, p);
    return true;
}

static void do_status(struct supervisor *s, struct answer *a)
{
    if (any(s, a))
        set_rows(s, a, info_row);
}

static void do_watch(struct supervisor *s, struct answer *a)
{
    a->watch = true;
    set_rows(s, a, info_row);
}

static bool why_row(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row)
{
    struct proc *p = proc_at(s, n);

    if (!p || !target_has(&a->target, p))
        return false;
    row_why(ret_row, s, p);
    return true;
}

static void do_why(struct supervisor *s, struct answer *a)
{
    if (any(s, a))
        set_rows(s, a, why_row);
}

static bool config_row(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row)
{
    const struct program_set *set = s->stored->set;

    (void)a;
    for (size_t g = 0; g < set->groups_n; n -= set->groups[g++].n) {
        if (n >= set->groups[g].n)
            continue;
        bool in_use = fleet_group_find(&s->fleet, set->groups[g].name) != NULL;
        row_config(ret_row, &set->groups[g].specs[n], &set->groups[g], in_use);
        return true;
    }
    return false;
}

static void do_config(struct supervisor *s, struct answer *a)
{
    a->row = config_row;
    for (size_t g = 0; g < s->stored->set->groups_n; g++)
        a->rows_n += s->stored->set->groups[g].n;
}

/* ---- health ---- */

/* Whether the request's names (all, when none) have p; `*ret_named` tells that it was named. */
static bool is_asked(const struct answer *a, const struct proc *p, bool *ret_named)
{
    struct str rest = a->request.name, word;

    *ret_named = rest.len > 0;
    if (rest.len == 0)
        return true;
    while (str_take_word(&rest, &word)) {
        struct target t = target_parse(word);
        if (target_has(&t, p))
            return true;
    }
    return false;
}

static bool is_culprit(const struct answer *a, const struct health_verdict *v)
{
    return a->request.flags & VERB_FLAG_LIVE ? !v->live : !v->well;
}

static void sum_up(struct supervisor *s, const struct answer *a, struct health_sum *sum)
{
    struct moment now = clock_now();

    for (size_t i = 0; i < s->sorted_n; i++) {
        bool named;
        if (!is_asked(a, s->sorted[i], &named))
            continue;
        struct health_verdict v = proc_judge(s->sorted[i], named, now);
        if (!is_culprit(a, &v) && (a->request.flags & VERB_FLAG_LIVE))
            continue; /* what is alive is of no interest to the line about liveness */
        TEXT(detail, 512);
        proc_health_detail(&s->fleet, s->sorted[i], v.reason, &detail);
        health_sum_add(sum, &v, s->sorted[i]->spec->name, detail.ptr);
    }
}

static void health_head(struct supervisor *s, struct answer *a, struct row *ret_row)
{
    char culprits[2048];
    struct health_sum sum;
    TEXT(line, 3072);
    bool live = a->request.flags & VERB_FLAG_LIVE;

    health_sum_init(&sum, culprits, sizeof culprits);
    sum_up(s, a, &sum);
    bool ready = health_line(&line, &sum, s->fleet.was_ready, s->fleet.stopping && !live);
    *ret_row = (struct row){.n = 0};
    row_int(ret_row, FIELD_READY, ready);
    row_int(ret_row, FIELD_LIVE, sum.live);
    row_int(ret_row, FIELD_STARTING, !sum.ready && sum.live && !s->fleet.was_ready);
    row_copy(ret_row, FIELD_TEXT, line.ptr);
    if (!(live ? sum.live : ready))
        end_with(a, FAULT_FAILED, "");
}

static bool health_row(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row)
{
    bool named;

    if (n == 0) {
        health_head(s, a, ret_row);
        return true;
    }
    const struct proc *p = proc_at(s, n - 1);
    if (!p || !is_asked(a, p, &named))
        return false;
    struct health_verdict v = proc_judge(p, named, clock_now());
    if (!is_culprit(a, &v))
        return false;
    TEXT(detail, 512);
    proc_health_detail(&s->fleet, p, v.reason, &detail);
    *ret_row = (struct row){.n = 0};
    row_text(ret_row, FIELD_PROGRAM, p->spec->name);
    row_text(ret_row, FIELD_STATE_WORD, proc_state_name(p->state));
    TEXT(reason, 768);
    health_reason_text(&reason, "", v.reason, detail.ptr); /* the row has the name */
    row_copy(ret_row, FIELD_REASON, detail.len ? detail.ptr : str_trim(str_from(reason.ptr)).ptr);
    return true;
}

/* Every name must mean something. */
static bool names_exist(struct supervisor *s, struct answer *a)
{
    struct str rest = a->request.name, word;

    while (str_take_word(&rest, &word)) {
        struct target t = target_parse(word);
        if (!target_exists(&t, &s->fleet)) {
            end(a, FAULT_BAD_NAME, word);
            return false;
        }
    }
    return true;
}

static void do_health(struct supervisor *s, struct answer *a)
{
    if (!names_exist(s, a))
        return;
    a->row = health_row;
    a->rows_n = s->sorted_n + 1;
}

/* ---- start, stop, signal, run ---- */

static void note_outcome(struct answer *a, struct proc *p, struct outcome o)
{
    struct child *c = child_of(p);

    c->outcome = o;
    c->outcome_serial = a->serial;
}

static bool outcome_row(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row)
{
    struct proc *p = proc_at(s, n);

    if (!p || child_of(p)->outcome_serial != a->serial)
        return false;
    struct outcome o = child_of(p)->outcome;
    *ret_row = (struct row){.n = 0};
    row_text(ret_row, FIELD_NAME, p->spec->name);
    row_text(ret_row, FIELD_GROUP, p->spec->group);
    row_int(ret_row, FIELD_STATUS, o.fault);
    row_text(ret_row, FIELD_DESCRIPTION, o.fault == FAULT_SUCCESS ? "OK" : fault_name((int)o.fault));
    row_int(ret_row, FIELD_PENDING, o.pending);
    return true;
}

/* startProcess looks for the command before it starts anything (supervisord contract §5). */
static enum fault find_command(struct supervisor *s, const struct proc *p, char *text)
{
    struct arena *a = s->scratch;
    size_t len = strlen(p->spec->command);
    char path[PATH_MAX];
    struct err e;

    arena_reset(a);
    char **argv = arena_alloc(a, (len / 2 + 2) * sizeof *argv);
    int words = command_split(p->spec->command, arena_alloc(a, len + 1), len + 1, argv, len / 2 + 2, &e);
    if (words <= 0)
        return FAULT_SUCCESS; /* the start itself tells */
    int r = os_find_command(argv[0], NULL, path, text);
    return r == 0 ? FAULT_SUCCESS : r == -ENOENT ? FAULT_NO_FILE : FAULT_NOT_EXECUTABLE;
}

typedef struct outcome call(struct supervisor *s, struct answer *a, struct proc *p);

static struct outcome call_start(struct supervisor *s, struct answer *a, struct proc *p)
{
    return request_start(&s->fleet, p, target_is_one(&a->target));
}

static struct outcome call_stop(struct supervisor *s, struct answer *a, struct proc *p)
{
    (void)a;
    return request_stop(&s->fleet, p);
}

static struct outcome call_run(struct supervisor *s, struct answer *a, struct proc *p)
{
    (void)a;
    return request_run(&s->fleet, p);
}

static struct outcome call_signal(struct supervisor *s, struct answer *a, struct proc *p)
{
    struct outcome o = request_signal(&s->fleet, p);
    char text[64];
    int signal;

    snprintf(text, sizeof text, "%.*s", (int)a->request.arg.len, a->request.arg.ptr);
    if (!signal_from_text(text, &signal))
        return (struct outcome){.fault = FAULT_BAD_SIGNAL};
    if (o.fault == FAULT_SUCCESS && os_kill(p->pid, signal) < 0)
        o.fault = FAULT_FAILED;
    return o;
}

/* One process: its fault ends the answer. */
static void for_one(struct supervisor *s, struct answer *a, call *do_call)
{
    struct proc *p = one(s, a);

    if (!p)
        return;
    struct outcome o = do_call(s, a, p);
    if (o.fault == FAULT_SUCCESS)
        note_outcome(a, p, o);
    else
        end(a, o.fault, a->request.name);
    set_rows(s, a, outcome_row);
}

/* A group or all: an outcome for each that the call applies to, in the fleet's order. */
static void for_many(struct supervisor *s, struct answer *a, call *do_call, bool (*applies)(const struct proc *p))
{
    if (!any(s, a))
        return;
    for (struct proc *p = fleet_each(&s->fleet, NULL); p; p = fleet_each(&s->fleet, p))
        if (target_has(&a->target, p) && applies(p))
            note_outcome(a, p, do_call(s, a, p));
    set_rows(s, a, outcome_row);
}

static void do_start(struct supervisor *s, struct answer *a)
{
    char text[FIND_TEXT_MAX];

    if (!target_is_one(&a->target)) {
        for_many(s, a, call_start, request_start_applies);
        return;
    }
    struct proc *p = one(s, a);
    if (!p)
        return;
    enum fault fault = find_command(s, p, text);
    if (fault != FAULT_SUCCESS)
        end_with(a, fault, text);
    else
        for_one(s, a, call_start);
}

static void do_stop(struct supervisor *s, struct answer *a)
{
    if (target_is_one(&a->target))
        for_one(s, a, call_stop);
    else
        for_many(s, a, call_stop, request_stop_applies);
}

static bool is_signallable(const struct proc *p)
{
    return p->pid != 0;
}

static void do_signal(struct supervisor *s, struct answer *a)
{
    if (target_is_one(&a->target))
        for_one(s, a, call_signal);
    else
        for_many(s, a, call_signal, is_signallable);
}

static void do_run(struct supervisor *s, struct answer *a)
{
    for_one(s, a, call_run);
}

/* ---- configuration ---- */

static bool reread_row(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row)
{
    /* A row holds so many names; a longer answer takes several rows of the same kind. */
    const struct names *lists[] = {&s->diff.added, &s->diff.changed, &s->diff.removed};
    static const enum field fields[] = {FIELD_ADDED, FIELD_CHANGED, FIELD_REMOVED};
    size_t skip = n * (ROW_ITEMS_MAX - 1);

    (void)a;
    *ret_row = (struct row){.n = 0};
    for (size_t l = 0; l < 3; l++) {
        for (size_t i = 0; i < lists[l]->n && ret_row->n < ROW_ITEMS_MAX - 1; i++) {
            if (skip > 0)
                skip--;
            else
                row_text(ret_row, fields[l], lists[l]->v[i]);
        }
    }
    return true;
}

/* supervisord's sentence names the file at its end; ours begins with file and line. */
static void end_unread(const struct supervisor *s, struct answer *a, const struct err *e)
{
    char line[512];

    err_format(e, line, sizeof line);
    end_with(a, FAULT_CANT_REREAD, s->request.as_supervisord ? e->text : line);
}

static void do_reread(struct supervisor *s, struct answer *a)
{
    struct generation *g;
    struct err e = {0};

    if (generation_load(s, &g, &e) < 0) {
        end_unread(s, a, &e);
        return;
    }
    generation_store(s, g);
    size_t names = s->diff.added.n + s->diff.changed.n + s->diff.removed.n;
    a->row = reread_row;
    a->rows_n = names / (ROW_ITEMS_MAX - 1) + 1;
}

static const char *group_name(struct supervisor *s, const struct answer *a)
{
    arena_reset(s->scratch);
    return arena_str(s->scratch, a->target.group);
}

static void do_add(struct supervisor *s, struct answer *a)
{
    struct err e = {0};
    const char *name = group_name(s, a);
    int r = group_activate(s, name, &e);

    if (r == 0)
        fleet_boot(&s->fleet, fleet_group_find(&s->fleet, name));
    else if (r == -ENOENT || r == -EEXIST)
        end(a, r == -ENOENT ? FAULT_BAD_NAME : FAULT_ALREADY_ADDED, a->request.name);
    else
        end_with(a, FAULT_FAILED, e.text);
}

static void do_remove(struct supervisor *s, struct answer *a)
{
    int r = group_deactivate(s, group_name(s, a));

    if (r < 0)
        end(a, r == -ENOENT ? FAULT_BAD_NAME : FAULT_STILL_RUNNING, a->request.name);
}

static void do_reload(struct supervisor *s, struct answer *a)
{
    struct err e = {0};

    if (supervisor_reload(s, &e) < 0)
        end_unread(s, a, &e);
}

static void do_shutdown(struct supervisor *s, struct answer *a)
{
    (void)a;
    shutdown_begin(s, 0);
}

/* ---- logs ---- */

static bool log_row(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row)
{
    struct stat st;

    (void)s;
    (void)n;
    *ret_row = (struct row){.n = 0};
    row_text(ret_row, FIELD_PATH, a->text); /* sent before the end, which clears it */
    row_int(ret_row, FIELD_SIZE, fstat(a->passed_fd, &st) == 0 ? st.st_size : 0);
    return true;
}

static void answer_log(struct answer *a, const struct outlet *o)
{
    int fd = o ? sink_open_for_reading(o->sink) : -ENOENT;

    if (fd < 0) {
        end(a, FAULT_NO_FILE, a->request.name);
        return;
    }
    a->passed_fd = fd;
    end_with(a, FAULT_SUCCESS, sink_path(o->sink));
    a->row = log_row;
    a->rows_n = 1;
}

static void do_log(struct supervisor *s, struct answer *a)
{
    if (a->request.name.len == 0) {
        answer_log(a, mainlog_outlet(s->mainlog));
        return;
    }
    struct proc *p = one(s, a);
    if (!p)
        return;
    const struct capture *st = a->request.flags & VERB_FLAG_STDERR ? &child_of(p)->err : &child_of(p)->out;
    answer_log(a, st->outlets_n ? st->outlets[0] : NULL);
}

static enum fault clear(struct proc *p)
{
    int out = capture_clear(&child_of(p)->out), err = capture_clear(&child_of(p)->err);

    return out < 0 || err < 0 ? FAULT_FAILED : FAULT_SUCCESS;
}

static void do_clear(struct supervisor *s, struct answer *a)
{
    struct proc *p = one(s, a);

    if (p)
        end(a, clear(p), a->request.name);
}

static void do_clearall(struct supervisor *s, struct answer *a)
{
    for (struct proc *p = fleet_each(&s->fleet, NULL); p; p = fleet_each(&s->fleet, p))
        note_outcome(a, p, (struct outcome){.fault = clear(p)});
    set_rows(s, a, outcome_row);
}

static bool taken_row(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row)
{
    (void)s;
    (void)n;
    *ret_row = (struct row){.n = 0};
    row_int(ret_row, FIELD_SIZE, (int64_t)a->taken);
    return true;
}

static void do_stdin(struct supervisor *s, struct answer *a)
{
    struct proc *p = one(s, a);

    if (!p)
        return;
    if (!p->pid) {
        end(a, FAULT_NOT_RUNNING, a->request.name);
        return;
    }
    ssize_t n = child_write_stdin(child_of(p), a->request.arg.ptr, a->request.arg.len);
    if (n < 0 && n != -EAGAIN) {
        end(a, FAULT_NO_FILE, a->request.name);
        return;
    }
    a->taken = n > 0 ? (size_t)n : 0;
    a->row = taken_row;
    a->rows_n = 1;
}

static void (*const performers[VERB_COUNT])(struct supervisor *s, struct answer *a) = {
    [VERB_STATE] = do_state,   [VERB_STATUS] = do_status,     [VERB_HEALTH] = do_health,     [VERB_CONFIG] = do_config,
    [VERB_WATCH] = do_watch,   [VERB_WHY] = do_why,           [VERB_START] = do_start,       [VERB_STOP] = do_stop,
    [VERB_SIGNAL] = do_signal, [VERB_RUN] = do_run,           [VERB_REREAD] = do_reread,     [VERB_ADD] = do_add,
    [VERB_REMOVE] = do_remove, [VERB_RELOAD] = do_reload,     [VERB_SHUTDOWN] = do_shutdown, [VERB_LOG] = do_log,
    [VERB_CLEAR] = do_clear,   [VERB_CLEARALL] = do_clearall, [VERB_STDIN] = do_stdin,
};

/* While shutting down, commands are refused; looking goes on. */
static bool works_while_stopping(enum verb v)
{
    return !verb_is_command(v) || v == VERB_LOG || v == VERB_WHY || v == VERB_WATCH;
}

void request_perform(struct supervisor *s, struct answer *a)
{
    supervisor_sort(s);
    a->target = target_parse(a->request.name);
    a->fault = FAULT_SUCCESS;
    a->text[0] = '\0';
    a->passed_fd = -1;
    a->row = NULL;
    a->rows_n = a->taken = 0;
    if (s->fleet.stopping && !works_while_stopping(a->request.verb))
        end_with(a, FAULT_SHUTDOWN_STATE, "");
    else if (performers[a->request.verb])
        performers[a->request.verb](s, a);
    else
        end_with(a, FAULT_UNKNOWN_METHOD, "");
}
