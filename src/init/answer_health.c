#include "core/wellness.h"
#include "init/answer.h"
#include "init/supervisor.h"
#include "os/clock.h"

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
        answer_end_with(a, FAULT_FAILED, "");
}

static bool health_row(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row)
{
    bool named;

    if (n == 0) {
        health_head(s, a, ret_row);
        return true;
    }
    const struct proc *p = answer_proc_at(s, n - 1);
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
            answer_end(a, FAULT_BAD_NAME, word);
            return false;
        }
    }
    return true;
}

void answer_health(struct supervisor *s, struct answer *a)
{
    if (!names_exist(s, a))
        return;
    a->row = health_row;
    a->rows_n = s->sorted_n + 1;
}
