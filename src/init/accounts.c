#include "init/accounts.h"
#include "init/generation.h"
#include "os/users.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

static int look_up(struct arena *a, const struct spec *spec, struct account *account, struct err *e)
{
    gid_t groups[USER_GROUPS_MAX];
    struct user user;

    if (users_by_uid(account->uid, &user) < 0) /* a configured one was found when the configuration was read */
        return account->set ? err_set(e, "%s: user %s has gone from /etc/passwd", spec->name, spec->user) : 0;
    account->gid = user.gid;
    account->name = arena_strdup(a, user.name);
    account->home = arena_strdup(a, user.home);
    account->shell = arena_strdup(a, user.shell);
    if (!account->set) /* we keep the groups that we have */
        return 0;
    int n = users_groups(&user, groups, USER_GROUPS_MAX);
    if (n < 0)
        return err_set(e, "%s: cannot read the groups of %s: %s", spec->name, user.name, strerror(-n));
    account->groups_n = (size_t)n;
    account->groups = arena_alloc(a, sizeof(gid_t) * (size_t)n);
    memcpy(account->groups, groups, sizeof(gid_t) * (size_t)n);
    return 0;
}

int accounts_find(struct generation *g, const struct spec *spec, const struct account **ret_account, struct err *e)
{
    struct arena *a = g->set->arena;
    uid_t own = geteuid(), uid = spec->uid == UNSET ? own : (uid_t)spec->uid;

    if (setjmp(*arena_recovery(a)))
        return err_set(e, "out of memory");
    for (const struct account *known = g->accounts; known; known = known->next)
        if (known->uid == uid) {
            *ret_account = known;
            return 0;
        }
    struct account *account = arena_alloc(a, sizeof *account);
    *account = (struct account){.next = g->accounts, .set = uid != own, .uid = uid};
    int r = look_up(a, spec, account, e);
    if (r < 0)
        return r;
    g->accounts = account;
    *ret_account = account;
    return 0;
}
