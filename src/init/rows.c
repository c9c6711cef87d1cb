#include "init/rows.h"
#include "base/num.h"
#include "core/describe.h"
#include "core/lines.h"
#include "core/wellness.h"
#include "init/child.h"
#include "init/supervisor.h"
#include <string.h>
#include <unistd.h>

static struct proto_item *add(struct row *r, enum field f)
{
    struct proto_item *item = &r->items[r->n < ROW_ITEMS_MAX - 1 ? r->n++ : r->n];

    *item = (struct proto_item){.field = f};
    return item;
}

void row_int(struct row *r, enum field f, int64_t value)
{
    add(r, f)->i = value;
}

void row_text(struct row *r, enum field f, const char *text)
{
    add(r, f)->s = str_from(text);
}

void row_copy(struct row *r, enum field f, const char *text)
{
    size_t n = strlen(text), room = sizeof r->text - r->used;

    if (n > room)
        n = room;
    memcpy(r->text + r->used, text, n);
    add(r, f)->s = (struct str){r->text + r->used, n};
    r->used += n;
}

static int64_t seconds(int64_t ns)
{
    return ns / NS_PER_S;
}

/* ---- description ---- */

static const struct tm *broken_down(int64_t wall_ns, struct tm *memory)
{
    time_t t = wall_ns / NS_PER_S;

    if (wall_ns == 0 || wall_ns == NEVER_NS)
        return NULL;
    return localtime_r(&t, memory);
}

static void add_description(struct row *r, const struct supervisor *s, const struct proc *p, struct moment now)
{
    char text[DESCRIPTION_MAX];
    struct tm stopped, next;
    TEXT(waiting, 512);

    if (p->state == PROC_WAITING)
        need_text(&s->fleet, p, &waiting);
    struct describe d = {.state = p->state,
                         .name = p->spec->name,
                         .pid = p->pid,
                         .uptime_s = seconds(now.mono_ns - p->started.mono_ns),
                         .spawnerr = p->spawnerr,
                         .waiting_for = waiting.ptr,
                         .stopped = broken_down(p->stopped.wall_ns, &stopped),
                         .job = spec_is_job(p->spec),
                         .next_run = p->armed ? broken_down(p->next_run_ns, &next) : NULL,
                         .last_exit = p->ending.signal ? -p->ending.signal : p->ending.code,
                         .last_run_ns = p->last_run_ns};
    describe(&d, text, sizeof text);
    row_copy(r, FIELD_DESCRIPTION, text);
}

/* ---- getProcessInfo ---- */

static const char *log_path(const struct log_spec *log, const struct capture *st)
{
    if (log->target == LOG_TO_FILE)
        return log->path;
    return st->auto_path ? st->auto_path : "";
}

static void add_log_paths(struct row *r, const struct proc *p)
{
    const struct child *c = child_of(p);
    const char *out = log_path(&p->spec->out, &c->out), *err = log_path(&p->spec->err, &c->err);

    row_text(r, FIELD_LOGFILE, out);
    row_text(r, FIELD_STDOUT_LOGFILE, out);
    row_text(r, FIELD_STDERR_LOGFILE, p->spec->redirect_stderr ? "" : err);
}

static bool is_done(const struct proc *p)
{
    return p->armed || (p->spec->oneshot && p->completed);
}

/* Always there: why it is not well, or what it says of itself. */
static void add_reason(struct row *r, const struct supervisor *s, const struct proc *p, struct moment now)
{
    struct health_verdict v = proc_judge(p, true, now);
    TEXT(detail, 512);
    TEXT(reason, 768);

    row_int(r, FIELD_READY, v.well);
    proc_health_detail(&s->fleet, p, v.reason, &detail);
    if (v.reason == HEALTH_WELL)
        text_add(&reason, child_of(p)->status);
    else
        health_reason_text(&reason, p->spec->name, v.reason, detail.ptr);
    row_copy(r, FIELD_REASON, reason.ptr);
}

static void add_ending(struct row *r, const struct proc *p)
{
    if (p->stopped.wall_ns == 0)
        return;
    row_int(r, FIELD_EXIT_CODE, ending_code(&p->ending));
    if (p->ending.signal)
        row_text(r, FIELD_SIGNAL, signal_name(p->ending.signal) ? signal_name(p->ending.signal) : "?");
}

void row_info(struct row *r, const struct supervisor *s, const struct proc *p)
{
    struct moment now = clock_now();

    *r = (struct row){.n = 0};
    row_text(r, FIELD_NAME, p->spec->name);
    row_text(r, FIELD_GROUP, p->spec->group);
    row_int(r, FIELD_START, seconds(p->started.wall_ns));
    row_int(r, FIELD_STOP, seconds(p->stopped.wall_ns));
    row_int(r, FIELD_NOW, seconds(now.wall_ns));
    row_int(r, FIELD_STATE, proc_state_code(p->state));
    row_text(r, FIELD_STATENAME, proc_state_name(p->state));
    row_text(r, FIELD_SPAWNERR, p->spawnerr);
    row_int(r, FIELD_EXITSTATUS, p->exitstatus);
    add_log_paths(r, p);
    row_int(r, FIELD_PID, p->pid);
    add_description(r, s, p, now);
    row_text(r, FIELD_PROGRAM, p->spec->program);
    add_reason(r, s, p, now);
    row_int(r, FIELD_RESTARTS, (int64_t)p->restarts);
    if (proc_is_pending(p))
        row_int(r, FIELD_PENDING, true);
    row_int(r, FIELD_ESSENTIAL, p->spec->essential);
    row_int(r, FIELD_ONESHOT, p->spec->oneshot);
    row_int(r, FIELD_JOB, spec_is_job(p->spec));
    row_int(r, FIELD_DONE, is_done(p));
    if (p->armed && p->next_run_ns != NEVER_NS)
        row_int(r, FIELD_NEXT_RUN, seconds(p->next_run_ns));
    add_ending(r, p);
}

/* ---- getAllConfigInfo ---- */

static void add_log_config(struct row *r, const struct log_spec *log, enum field first_capture, enum field logfile)
{
    static const char *const words[] = {[LOG_TO_NOWHERE] = "none", [LOG_TO_AUTO] = "auto"};

    row_int(r, first_capture, log->capture_maxbytes);
    row_int(r, first_capture + 1, log->events_enabled);
    row_int(r, first_capture + 2, log->backups);
    row_int(r, first_capture + 3, log->maxbytes);
    row_int(r, first_capture + 4, log->syslog);
    row_text(r, logfile, log->target == LOG_TO_FILE ? log->path : words[log->target]);
}

void row_config(struct row *r, const struct spec *spec, const struct group *group, bool in_use)
{
    *r = (struct row){.n = 0};
    row_text(r, FIELD_NAME, spec->name);
    row_text(r, FIELD_GROUP, spec->group);
    row_int(r, FIELD_INUSE, in_use);
    row_int(r, FIELD_AUTOSTART, spec->autostart);
    row_int(r, FIELD_AUTORESTART, spec->autorestart != RESTART_NEVER);
    row_text(r, FIELD_DIRECTORY, spec->directory[0] ? spec->directory : "none");
    if (spec->uid == UNSET)
        row_text(r, FIELD_UID_NONE, "none");
    else
        row_int(r, FIELD_UID, spec->uid);
    row_text(r, FIELD_COMMAND, spec->command);
    for (int code = 0, n = 0; code < 256 && n < 24; code++)
        if (exit_code_listed(&spec->exitcodes, code) && ++n)
            row_int(r, FIELD_EXITCODES, code);
    row_int(r, FIELD_GROUP_PRIO, group->priority);
    row_int(r, FIELD_PROCESS_PRIO, spec->priority);
    row_int(r, FIELD_KILLASGROUP, spec->killasgroup);
    row_int(r, FIELD_STOPASGROUP, spec->stopasgroup);
    row_int(r, FIELD_REDIRECT_STDERR, spec->redirect_stderr);
    row_int(r, FIELD_STARTRETRIES, spec->startretries);
    row_int(r, FIELD_STARTSECS, spec->startsecs);
    row_int(r, FIELD_STOPSIGNAL, spec->stopsignal);
    row_int(r, FIELD_STOPWAITSECS, seconds(spec->stopwait_ns));
    row_text(r, FIELD_SERVERURL, spec->serverurl[0] ? spec->serverurl : "auto");
    add_log_config(r, &spec->out, FIELD_STDOUT_CAPTURE_MAXBYTES, FIELD_STDOUT_LOGFILE);
    add_log_config(r, &spec->err, FIELD_STDERR_CAPTURE_MAXBYTES, FIELD_STDERR_LOGFILE);
}

/* ---- why ---- */

static void add_last_lines(struct row *r, const struct capture *st)
{
    char *text = r->text + r->used;
    size_t n = capture_last(st, text);

    r->used += n;
    struct str rest = {text, n}, line;
    if (st->last_at > CAPTURE_LAST_MAX)
        str_take_until(&rest, "\n", &line); /* the ring begins somewhere in a line */
    while (r->n < ROW_ITEMS_MAX - 2 && str_take_until(&rest, "\n", &line))
        add(r, FIELD_LINES)->s = line;
}

void row_why(struct row *r, const struct supervisor *s, const struct proc *p)
{
    const struct child *c = child_of(p);
    struct moment now = clock_now();

    *r = (struct row){.n = 0};
    row_text(r, FIELD_NAME, p->spec->name);
    row_text(r, FIELD_GROUP, p->spec->group);
    row_text(r, FIELD_STATENAME, proc_state_name(p->state));
    row_int(r, FIELD_EXITS, (int64_t)c->exits);
    row_int(r, FIELD_UNWANTED, (int64_t)p->unwanted_exits);
    add_ending(r, p);
    if (p->started.wall_ns) {
        int64_t end_ns = p->pid ? now.mono_ns : p->stopped.mono_ns;
        add(r, FIELD_UPTIME)->d = (double)(end_ns - p->started.mono_ns) / 1e9;
    }
    row_int(r, FIELD_STOP, seconds(p->stopped.wall_ns));
    add_description(r, s, p, now);
    add_reason(r, s, p, now);
    add_last_lines(r, &c->out);
    add_last_lines(r, &c->err);
}

/* ---- the supervisor ---- */

void row_state(struct row *r, const struct supervisor *s)
{
    const struct daemon *d = &s->stored->set->daemon;
    bool stopping = s->fleet.stopping;

    *r = (struct row){.n = 0};
    row_int(r, FIELD_PID, getpid());
    row_text(r, FIELD_VERSION, CSLSUP_VERSION);
    row_text(r, FIELD_IDENTIFICATION, d->identifier);
    row_int(r, FIELD_STATECODE, !stopping ? 1 : s->restarting ? 0 : -1);
    row_text(r, FIELD_STATENAME, !stopping ? "RUNNING" : s->restarting ? "RESTARTING" : "SHUTDOWN");
    row_text(r, FIELD_CONFIG_FILE, s->stored->set->config_file);
    row_text(r, FIELD_ROLE, d->role);
}
