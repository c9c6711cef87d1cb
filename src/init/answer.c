#include "init/answer.h"
#include "init/child.h"
#include "init/supervisor.h"
#include <string.h>

void answer_end(struct answer *a, enum fault fault, struct str text)
{
    size_t n = text.len < sizeof a->text - 1 ? text.len : sizeof a->text - 1;

    a->fault = fault;
    if (n)
        memcpy(a->text, text.ptr, n);
    a->text[n] = '\0';
}

void answer_end_with(struct answer *a, enum fault fault, const char *text)
{
    answer_end(a, fault, str_from(text));
}

struct proc *answer_proc_at(struct supervisor *s, size_t n)
{
    supervisor_sort(s);
    return n < s->sorted_n ? s->sorted[n] : NULL;
}

struct proc *answer_one(struct supervisor *s, struct answer *a)
{
    for (size_t i = 0; target_is_one(&a->target) && i < s->sorted_n; i++)
        if (target_has(&a->target, s->sorted[i]))
            return s->sorted[i];
    answer_end(a, FAULT_BAD_NAME, a->request.name);
    return NULL;
}

bool answer_any(struct supervisor *s, struct answer *a)
{
    if (target_exists(&a->target, &s->fleet))
        return true;
    answer_end(a, FAULT_BAD_NAME, a->request.name);
    return false;
}

void answer_rows(struct supervisor *s, struct answer *a,
                 bool (*row)(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row))
{
    a->row = row;
    a->rows_n = s->sorted_n;
}

void answer_outcome(struct answer *a, struct proc *p, struct outcome o)
{
    struct child *c = child_of(p);

    c->outcome = o;
    c->outcome_serial = a->serial;
}

bool answer_outcome_row(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row)
{
    struct proc *p = answer_proc_at(s, n);

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
