#include "init/answer.h"
#include "init/generation.h"
#include "init/mainlog.h"
#include "init/supervisor.h"
#include <errno.h>
#include <sys/stat.h>

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

static void pass_log(struct answer *a, const struct outlet *o)
{
    int fd = o ? sink_open_for_reading(o->sink) : -ENOENT;

    if (fd < 0) {
        answer_end(a, FAULT_NO_FILE, a->request.name);
        return;
    }
    a->passed_fd = fd;
    answer_end_with(a, FAULT_SUCCESS, sink_path(o->sink));
    a->row = log_row;
    a->rows_n = 1;
}

void answer_log(struct supervisor *s, struct answer *a)
{
    if (a->request.name.len == 0) {
        pass_log(a, mainlog_outlet(s->mainlog));
        return;
    }
    struct proc *p = answer_one(s, a);
    if (!p)
        return;
    const struct capture *st = a->request.flags & VERB_FLAG_STDERR ? &child_of(p)->err : &child_of(p)->out;
    pass_log(a, st->outlets_n ? st->outlets[0] : NULL);
}

static enum fault clear(struct proc *p)
{
    int out = capture_clear(&child_of(p)->out), err = capture_clear(&child_of(p)->err);

    return out < 0 || err < 0 ? FAULT_FAILED : FAULT_SUCCESS;
}

void answer_clear(struct supervisor *s, struct answer *a)
{
    struct proc *p = answer_one(s, a);

    if (p)
        answer_end(a, clear(p), a->request.name);
}

void answer_clearall(struct supervisor *s, struct answer *a)
{
    for (struct proc *p = fleet_each(&s->fleet, NULL); p; p = fleet_each(&s->fleet, p))
        answer_outcome(a, p, (struct outcome){.fault = clear(p)});
    answer_rows(s, a, answer_outcome_row);
}
