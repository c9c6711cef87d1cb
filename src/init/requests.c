#include "init/requests.h"
#include "init/answer.h"
#include "init/supervisor.h"

static void (*const performers[VERB_COUNT])(struct supervisor *s, struct answer *a) = {
    [VERB_STATE] = answer_state,       [VERB_STATUS] = answer_status, [VERB_WATCH] = answer_watch,
    [VERB_WHY] = answer_why,           [VERB_CONFIG] = answer_config, [VERB_HEALTH] = answer_health,
    [VERB_START] = answer_start,       [VERB_STOP] = answer_stop,     [VERB_SIGNAL] = answer_signal,
    [VERB_RUN] = answer_run,           [VERB_STDIN] = answer_stdin,   [VERB_REREAD] = answer_reread,
    [VERB_ADD] = answer_add,           [VERB_REMOVE] = answer_remove, [VERB_RELOAD] = answer_reload,
    [VERB_SHUTDOWN] = answer_shutdown, [VERB_LOG] = answer_log,       [VERB_CLEAR] = answer_clear,
    [VERB_CLEARALL] = answer_clearall,
};

/* While shutting down, commands are refused; looking goes on. */
static bool works_while_stopping(enum verb v)
{
    return !verb_is_command(v) || v == VERB_LOG || v == VERB_WHY || v == VERB_WATCH;
}

void request_perform(struct supervisor *s, struct answer *a)
{
    supervisor_sort(s);
    a->target = target_parse(a->request.name);
    a->fault = FAULT_SUCCESS;
    a->text[0] = '\0';
    a->passed_fd = -1;
    a->row = NULL;
    a->rows_n = a->taken = 0;
    if (s->fleet.stopping && !works_while_stopping(a->request.verb))
        answer_end_with(a, FAULT_SHUTDOWN_STATE, "");
    else if (performers[a->request.verb])
        performers[a->request.verb](s, a);
    else
        answer_end_with(a, FAULT_UNKNOWN_METHOD, "");
}
