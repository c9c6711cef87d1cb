#include "exec/as.h"

int plan_as(struct spawn_plan *plan, const char *name, const char *config, const char **ret_search, struct err *e)
{
    (void)plan;
    (void)name;
    (void)config;
    (void)ret_search;
    return err_set(e, "--as is not in this build");
}
