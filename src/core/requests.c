#include "core/requests.h"
#include <string.h>

struct target target_parse(struct str text)
{
    const char *colon = str_find(text, ':');

    if (!colon)
        return (struct target){text, text};
    struct str group = {text.ptr, (size_t)(colon - text.ptr)};
    struct str name = {colon + 1, text.len - group.len - 1};
    if (str_is(name, "*"))
        name.len = 0;
    return (struct target){group, name};
}

bool target_is_one(const struct target *t)
{
    return t->name.len > 0;
}

bool target_has(const struct target *t, const struct proc *p)
{
    if (t->group.len == 0)
        return t->name.len == 0;
    return str_is(t->group, p->spec->group) && (t->name.len == 0 || str_is(t->name, p->spec->name));
}

bool target_exists(const struct target *t, const struct fleet *f)
{
    if (t->group.len == 0)
        return t->name.len == 0;
    for (const struct fleet_group *g = f->groups; g; g = g->next) {
        if (!str_is(t->group, g->group->name))
            continue;
        if (t->name.len == 0)
            return true;
        for (size_t i = 0; i < g->n; i++)
            if (str_is(t->name, g->procs[i].spec->name))
                return true;
    }
    return false;
}

static bool is_running(const struct proc *p)
{
    return p->state == PROC_STARTING || p->state == PROC_RUNNING || p->state == PROC_BACKOFF ||
           p->state == PROC_WAITING;
}

static struct outcome refuse(enum fault fault)
{
    return (struct outcome){.fault = fault};
}

bool request_start_applies(const struct proc *p)
{
    return !is_running(p) && p->state != PROC_STOPPING && !p->armed;
}

bool request_stop_applies(const struct proc *p)
{
    return is_running(p) || p->armed || (p->state == PROC_EXITED && proc_restarts(p));
}

struct outcome request_start(struct fleet *f, struct proc *p, bool single)
{
    if (f->stopping)
        return refuse(FAULT_SHUTDOWN_STATE);
    if (is_running(p))
        return refuse(FAULT_ALREADY_STARTED);
    if (p->state == PROC_STOPPING)
        return refuse(FAULT_ABNORMAL_TERMINATION);
    if (p->armed && !single)
        return (struct outcome){FAULT_SUCCESS, false};
    bool arms = p->schedule && !p->armed;
    fleet_start(f, p);
    return (struct outcome){FAULT_SUCCESS, !arms};
}

struct outcome request_stop(struct fleet *f, struct proc *p)
{
    if (f->stopping)
        return refuse(FAULT_SHUTDOWN_STATE);
    if (!request_stop_applies(p))
        return refuse(FAULT_NOT_RUNNING);
    bool waits = p->pid != 0;
    fleet_stop(f, p);
    return (struct outcome){FAULT_SUCCESS, waits};
}

struct outcome request_run(struct fleet *f, struct proc *p)
{
    if (f->stopping)
        return refuse(FAULT_SHUTDOWN_STATE);
    if (!spec_is_run(p->spec))
        return refuse(FAULT_FAILED);
    if (is_running(p) || p->state == PROC_STOPPING)
        return refuse(FAULT_ALREADY_STARTED);
    fleet_run(f, p);
    return (struct outcome){FAULT_SUCCESS, true};
}

struct outcome request_signal(const struct fleet *f, const struct proc *p)
{
    if (f->stopping)
        return refuse(FAULT_SHUTDOWN_STATE);
    return refuse(proc_is_alive(p) ? FAULT_SUCCESS : FAULT_NOT_RUNNING);
}
