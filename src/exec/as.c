#include "exec/as.h"
#include "config/environment.h"
#include "config/load.h"
#include "os/limits.h"
#include "os/users.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* What the plan points at; the applet ends with the command, so it is never given back. */
static struct {
    struct user user;
    gid_t groups[USER_GROUPS_MAX];
} who;

static bool is_meant(const struct spec *spec, const char *name)
{
    size_t group = strlen(spec->group);

    return !strcmp(name, spec->program) || !strcmp(name, spec->name) ||
           (!strncmp(name, spec->group, group) && name[group] == ':' && !strcmp(name + group + 1, spec->name));
}

static const struct spec *find(const struct program_set *set, const char *name, struct err *e)
{
    const char **programs, *nearest;
    size_t n = 0;

    for (size_t i = 0; i < set->groups_n; n += set->groups[i++].n)
        for (size_t k = 0; k < set->groups[i].n; k++)
            if (is_meant(&set->groups[i].specs[k], name))
                return &set->groups[i].specs[k];
    programs = arena_alloc(set->arena, (n + 1) * sizeof *programs);
    for (size_t i = 0, at = 0; i < set->groups_n; i++)
        for (size_t k = 0; k < set->groups[i].n; k++)
            programs[at++] = set->groups[i].specs[k].program;
    nearest = str_nearest(str_from(name), programs);
    err_set(e, "%s has no program '%s'%s%s%s", set->config_file[0] ? set->config_file : "the configuration", name,
            nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    return NULL;
}

/* A program without `user=` runs as we do, about whom nothing need be known. */
static int plan_user(struct spawn_plan *plan, const struct spec *spec, bool *ret_known, struct err *e)
{
    uid_t uid = spec->uid == UNSET ? geteuid() : (uid_t)spec->uid;
    int r = users_by_uid(uid, &who.user);

    *ret_known = r == 0;
    if (uid == geteuid())
        return 0;
    if (r < 0)
        return err_set(e, "user %s: %s", spec->user, strerror(-r));
    r = users_groups(&who.user, who.groups, USER_GROUPS_MAX);
    if (r < 0)
        return err_set(e, "the groups of %s: %s", spec->user, strerror(-r));
    plan->set_user = true;
    plan->uid = uid;
    plan->gid = who.user.gid;
    plan->groups = who.groups;
    plan->groups_n = (size_t)r;
    return 0;
}

static int plan_environment(struct spawn_plan *plan, struct arena *a, const struct spec *spec, bool user_known,
                            struct err *e)
{
    const struct environment_user user = {who.user.name, who.user.home, who.user.shell};
    const struct environment_request request = {.spec = spec, .inherited = environ, .user = user_known ? &user : NULL};

    return environment_build(a, &request, &plan->envp, e);
}

static int plan_limits(struct spawn_plan *plan, struct arena *a, const struct spec *spec, struct err *e)
{
    struct spawn_limit *limits = arena_alloc(a, (spec->limits_n + 1) * sizeof *limits);

    for (size_t i = 0; i < spec->limits_n; i++) {
        int resource = os_limit_number(spec->limits[i].name);

        if (resource < 0)
            return err_set(e, "limit_%s: no such limit here", spec->limits[i].name);
        limits[i] = (struct spawn_limit){resource, spec->limits[i].soft, spec->limits[i].hard};
    }
    plan->limits = limits;
    plan->limits_n = spec->limits_n;
    return 0;
}

static void plan_numbers(struct spawn_plan *plan, const struct spec *spec)
{
    plan->directory = spec->directory[0] ? spec->directory : NULL;
    plan->umask = spec->umask == UNSET ? -1 : spec->umask;
    plan->set_nice = spec->nice != UNSET;
    plan->nice = plan->set_nice ? (int)spec->nice : 0;
    plan->set_oom_score_adjust = spec->oom_score_adjust != UNSET;
    plan->oom_score_adjust = plan->set_oom_score_adjust ? (int)spec->oom_score_adjust : 0;
    plan->no_new_privileges = spec->no_new_privileges;
}

int plan_as(struct spawn_plan *plan, const char *name, const char *config, const char **ret_search, struct err *e)
{
    const struct config_request request = {.program = "cslsup", .file = config, .any_role = true, .env = environ};
    static struct program_set *set; /* the plan borrows from it until this process ends */
    const struct spec *spec;
    bool user_known;
    int r = config_load(&request, &set, e);

    if (r < 0)
        return r;
    spec = find(set, name, e);
    if (!spec)
        return -EINVAL;
    plan_numbers(plan, spec);
    r = plan_user(plan, spec, &user_known, e);
    if (r == 0)
        r = plan_environment(plan, set->arena, spec, user_known, e);
    if (r == 0)
        r = plan_limits(plan, set->arena, spec, e);
    if (r < 0)
        return r;
    *ret_search = environment_get(plan->envp, "PATH");
    return 0;
}
