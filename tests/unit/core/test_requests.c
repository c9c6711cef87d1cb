/* What a client's words mean: names, and supervisord's answers (supervisord contract §5). */
#include "kernel.h"

/* Which of g:g_0, g:g_1 and x:x a name means, and whether there is such a thing. */
static void targets(void **state)
{
    static const struct {
        const char *text, *means;
        bool one, exists;
    } rows[] = {
        {"", "g_0 g_1 x", false, true},  {"x", "x", true, true},          {"x:x", "x", true, true},
        {"g:*", "g_0 g_1", false, true}, {"g:", "g_0 g_1", false, true},  {"g:g_1", "g_1", true, true},
        {"g", "", true, false}, /* a name alone is its own group's */
        {"g_1", "", true, false},        {"g:x", "", true, false},        {"y:*", "", false, false},
        {"none:*", "", false, true}, /* an empty group */
        {":x", "", true, false},         {":", "g_0 g_1 x", false, true}, {"*", "", true, false},
        {"x:x:x", "", true, false},
    };
    struct kernel k;

    (void)state;
    kernel_init(&k);
    kernel_group(&k, "g", 2);
    kernel_program(&k, "x");
    kernel_program(&k, "none");
    k.groups[2].n = 0;
    kernel_load(&k);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct target t = target_parse(str_from(rows[i].text));
        TEXT(means, 64);
        for (struct proc *p = fleet_each(&k.fleet, NULL); p; p = fleet_each(&k.fleet, p))
            if (target_has(&t, p))
                text_printf(&means, "%s%s", means.len ? " " : "", p->spec->name);
        if (strcmp(means.ptr, rows[i].means) != 0 || target_exists(&t, &k.fleet) != rows[i].exists ||
            target_is_one(&t) != rows[i].one)
            fail_msg("'%s' means '%s'", rows[i].text, means.ptr);
    }
    kernel_free(&k);
}

/* ---- every request in every state ---- */

struct answers {
    enum fault start, stop, run, signal;
};

/* X(state, start, stop, run, signal) of a oneshot, or of a program where a oneshot does not come there */
#define ANSWERS(X)                                                                                                     \
    X(STOPPED, SUCCESS, NOT_RUNNING, SUCCESS, NOT_RUNNING)                                                             \
    X(WAITING, ALREADY_STARTED, SUCCESS, ALREADY_STARTED, NOT_RUNNING)                                                 \
    X(STARTING, ALREADY_STARTED, SUCCESS, FAILED, SUCCESS)                                                             \
    X(RUNNING, ALREADY_STARTED, SUCCESS, ALREADY_STARTED, SUCCESS)                                                     \
    X(BACKOFF, ALREADY_STARTED, SUCCESS, ALREADY_STARTED, NOT_RUNNING)                                                 \
    X(STOPPING, ABNORMAL_TERMINATION, NOT_RUNNING, ALREADY_STARTED, SUCCESS)                                           \
    X(EXITED, SUCCESS, NOT_RUNNING, SUCCESS, NOT_RUNNING)                                                              \
    X(FATAL, SUCCESS, NOT_RUNNING, SUCCESS, NOT_RUNNING)

static const struct answers answers[PROC_STATE_COUNT] = {
#define X(state, start, stop, run, signal) [PROC_##state] = {FAULT_##start, FAULT_##stop, FAULT_##run, FAULT_##signal},
    ANSWERS(X)
#undef X
};

static struct proc *bring(struct kernel *k, enum proc_state state)
{
    static struct need need = {"b", NEED_STARTED};

    kernel_init(k);
    struct spec *spec = state == PROC_WAITING ? kernel_dependent(k, "a", &need) : kernel_program(k, "a");
    kernel_program(k, "b")->startsecs = 1000;
    spec->oneshot = state != PROC_STARTING;
    spec->autostart = state != PROC_STOPPED;
    spec->startretries = state == PROC_FATAL ? 0 : 3;
    k->children[0].habit.stops_ns = NEVER_NS;
    if (state == PROC_BACKOFF || state == PROC_FATAL)
        k->children[0].habit.broken = "no such file";
    if (state == PROC_EXITED)
        k->children[0].habit.lives_ns = AT_ONCE;
    kernel_load(k);
    kernel_boot(k);
    struct proc *p = kernel_find(k, "a");
    if (state == PROC_STOPPING)
        fleet_stop(&k->fleet, p);
    kernel_run(k, 500 * MS);
    assert_int_equal(p->state, state);
    return p;
}

static enum fault answer(enum proc_state state, int request, bool *ret_pending)
{
    struct kernel k;
    struct proc *p = bring(&k, state);
    struct outcome o = {0};

    if (request == 0)
        o = request_start(&k.fleet, p, true);
    else if (request == 1)
        o = request_stop(&k.fleet, p);
    else if (request == 2)
        o = request_run(&k.fleet, p);
    else
        o = request_signal(&k.fleet, p);
    *ret_pending = o.pending;
    kernel_free(&k);
    return o.fault;
}

static void every_request_in_every_state(void **state)
{
    (void)state;
    for (int s = 0; s < PROC_STATE_COUNT; s++) {
        const struct answers *a = &answers[s];
        const enum fault wanted[] = {a->start, a->stop, a->run, a->signal};
        for (int request = 0; request < 4; request++) {
            bool pending;
            enum fault fault = answer((enum proc_state)s, request, &pending);
            if (fault != wanted[request])
                fail_msg("request %d in %s: %s", request, proc_state_name((enum proc_state)s), fault_name((int)fault));
            bool has_pid = s == PROC_STARTING || s == PROC_RUNNING;
            bool waits = fault == FAULT_SUCCESS && (request == 0 || request == 2 || (request == 1 && has_pid));
            assert_int_equal(pending, waits);
        }
    }
}

/* From shutdown on nothing is answered. */
static void shutdown_state(void **state)
{
    struct kernel k;

    (void)state;
    struct proc *p = bring(&k, PROC_RUNNING);
    fleet_stop_all(&k.fleet, 0, k.now);
    assert_int_equal(request_start(&k.fleet, p, true).fault, FAULT_SHUTDOWN_STATE);
    assert_int_equal(request_stop(&k.fleet, p).fault, FAULT_SHUTDOWN_STATE);
    assert_int_equal(request_run(&k.fleet, p).fault, FAULT_SHUTDOWN_STATE);
    assert_int_equal(request_signal(&k.fleet, p).fault, FAULT_SHUTDOWN_STATE);
    kernel_free(&k);
}

/* A process that is dead, but whose death has not been acted on, is not signalled: its pid may be another's. */
static void signal_the_dead(void **state)
{
    struct kernel k;

    (void)state;
    struct proc *p = bring(&k, PROC_RUNNING);
    kernel_end(&k, p);
    assert_int_equal(request_signal(&k.fleet, p).fault, FAULT_NOT_RUNNING);
    kernel_free(&k);
}

/* start and stop of a group leave out what they do not apply to. */
static void applies(void **state)
{
    (void)state;
    for (int s = 0; s < PROC_STATE_COUNT; s++) {
        struct kernel k;
        struct proc *p = bring(&k, (enum proc_state)s);
        assert_int_equal(request_start_applies(p), answers[s].start == FAULT_SUCCESS);
        assert_int_equal(request_stop_applies(p), answers[s].stop == FAULT_SUCCESS);
        kernel_free(&k);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets),        cmocka_unit_test(every_request_in_every_state),
        cmocka_unit_test(shutdown_state), cmocka_unit_test(signal_the_dead),
        cmocka_unit_test(applies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
