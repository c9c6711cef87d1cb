#include "init/answer.h"
#include "init/supervisor.h"

static bool state_row(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row)
{
    (void)a;
    (void)n;
    row_state(ret_row, s);
    return true;
}

void answer_state(struct supervisor *s, struct answer *a)
{
    a->row = state_row;
    a->rows_n = 1;
    (void)s;
}

static bool info_row(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row)
{
    struct proc *p = answer_proc_at(s, n);

    if (!p || !target_has(&a->target, p))
        return false;
    row_info(ret_row, s, p);
    return true;
}

void answer_status(struct supervisor *s, struct answer *a)
{
    if (answer_any(s, a))
        answer_rows(s, a, info_row);
}

void answer_watch(struct supervisor *s, struct answer *a)
{
    a->watch = true;
    answer_rows(s, a, info_row);
}

static bool why_row(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row)
{
    struct proc *p = answer_proc_at(s, n);

    if (!p || !target_has(&a->target, p))
        return false;
    row_why(ret_row, s, p);
    return true;
}

void answer_why(struct supervisor *s, struct answer *a)
{
    if (answer_any(s, a))
        answer_rows(s, a, why_row);
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

void answer_config(struct supervisor *s, struct answer *a)
{
    a->row = config_row;
    for (size_t g = 0; g < s->stored->set->groups_n; g++)
        a->rows_n += s->stored->set->groups[g].n;
}
