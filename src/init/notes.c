#include "init/notes.h"
#include "base/num.h"
#include "core/describe.h"
#include "init/child.h"
#include "init/say.h"
#include "init/serve.h"
#include "init/supervisor.h"

static struct line_facts facts_of(const struct proc *p)
{
    return (struct line_facts){.name = p->spec->name,
                               .pid = p->pid,
                               .text = p->spawnerr,
                               .number = p->spec->startsecs,
                               .exit_code = p->ending.code,
                               .exit_signal = p->ending.signal,
                               .core_dumped = p->ending.core_dumped};
}

static void say_waiting(struct supervisor *s, const struct proc *p, struct line_facts *facts)
{
    TEXT(what, 512);

    need_text(&s->fleet, p, &what);
    facts->text = what.ptr;
    mainlog_say(LINE_WAITING, facts);
}

static void say_fatal(const struct proc *p, struct line_facts *facts)
{
    if (p->dependency_failed || p->hopeless)
        mainlog_say(LINE_GAVE_UP_FOR, facts);
    else
        mainlog_say(LINE_GAVE_UP, facts);
}

/* A failed oneshot ends and is tried again; a delayed restart only waits. */
static void say_retry(const struct effect *e, struct line_facts *facts)
{
    char span[32];

    if (e->from != PROC_EXITED)
        mainlog_say(LINE_EXITED_BADLY, facts);
    describe_span(e->p->retry_ns - clock_now().mono_ns, span, sizeof span);
    facts->text = span;
    mainlog_say(LINE_RETRYING, facts);
}

static void say_health(const struct proc *p, struct line_facts *facts)
{
    TEXT(what, 512);

    if (p->check.status == CHECK_HEALTHY) {
        mainlog_say(LINE_HEALTHY, facts);
    } else if (p->check.status == CHECK_UNHEALTHY) {
        text_printf(&what, "%s: %s", p->spec->name, p->check_reason);
        facts->text = what.ptr;
        mainlog_say(LINE_UNHEALTHY, facts);
    }
}

static void say_armed(const struct proc *p, struct line_facts *facts)
{
    char when[32];
    time_t seconds = p->next_run_ns / NS_PER_S;
    struct tm local = {0};

    if (p->next_run_ns != NEVER_NS)
        localtime_r(&seconds, &local);
    describe_time(&local, when, sizeof when);
    facts->text = p->next_run_ns == NEVER_NS ? "never" : when;
    mainlog_say(LINE_ARMED, facts);
}

static void say_stopped(const struct effect *e, struct line_facts *facts)
{
    if (e->from == PROC_BACKOFF)
        mainlog_say(LINE_BACKOFF_STOPPED, facts);
    else if (e->from == PROC_STOPPING)
        mainlog_say(e->p->exit_expected ? LINE_STOPPED : LINE_STOPPED_BADLY, facts);
}

static void say_note(struct supervisor *s, const struct effect *e)
{
    const struct proc *p = e->p;
    struct line_facts facts = facts_of(p);

    switch (e->note) {
    case NOTE_WAITING:
        say_waiting(s, p, &facts);
        break;
    case NOTE_SPAWNED:
        mainlog_say(LINE_SPAWNED, &facts);
        break;
    case NOTE_SPAWN_ERROR:
        mainlog_say(LINE_SPAWN_ERROR, &facts);
        break;
    case NOTE_RUNNING:
        mainlog_say(LINE_SUCCESS, &facts);
        break;
    case NOTE_TOO_QUICK:
        mainlog_say(LINE_EXITED_BADLY, &facts);
        break;
    case NOTE_RETRY:
        say_retry(e, &facts);
        break;
    case NOTE_EXITED:
        mainlog_say(p->exit_expected ? LINE_EXITED : LINE_EXITED_BADLY, &facts);
        break;
    case NOTE_FATAL:
        say_fatal(p, &facts);
        break;
    case NOTE_STOPPED:
        say_stopped(e, &facts);
        break;
    case NOTE_TIMEOUT:
        facts.number = p->spec->run_timeout_ns / NS_PER_S;
        mainlog_say(LINE_TIMED_OUT, &facts);
        break;
    case NOTE_SKIPPED:
        mainlog_say(LINE_SKIPPED, &facts);
        break;
    case NOTE_ARMED:
        say_armed(p, &facts);
        break;
    case NOTE_HEALTH:
        say_health(p, &facts);
        break;
    case NOTE_BUG:
        log_line(LVL_ERRO, "%s: an event that cannot happen in %s; please report this", p->spec->name,
                 proc_state_name(p->state));
        break;
    case NOTE_STARTING:
    case NOTE_RAN:
    case NOTE_STOPPING:
        break;
    }
}

void notes_tell(struct supervisor *s, const struct effect *note)
{
    say_note(s, note);
    if (note->note != NOTE_STARTING) /* clients hear of it with its pid, or why it has none */
        control_tell(s->control, note);
}

void notes_orphan(struct supervisor *s, int pid, const struct ending *ending)
{
    s->reaped_orphans++;
    mainlog_say(LINE_REAPED, &(struct line_facts){.pid = pid,
                                                  .exit_code = ending->code,
                                                  .exit_signal = ending->signal,
                                                  .core_dumped = ending->core_dumped});
}
