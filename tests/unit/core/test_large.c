/* A thousand programs, whatever their order and dependencies: boot and stop cost well under a second. */
#define KERNEL_PROCS 1000
#include "kernel.h"
#include <time.h>

static struct kernel k; /* too large for a stack */
static char names[KERNEL_PROCS][8];
static struct need needs[KERNEL_PROCS];

enum shape { FLAT, ORDERED, ON_ONE, CHAIN };

static void configure(enum shape shape)
{
    kernel_init(&k);
    k.silent = true;
    k.daemon.stop_grace_period_ns = 3600 * S;
    for (size_t i = 0; i < KERNEL_PROCS; i++) {
        struct text text;
        text_init(&text, names[i], sizeof names[i]);
        text_printf(&text, "p%zu", i);
        struct spec *spec = kernel_program(&k, names[i]);
        spec->startsecs = shape == CHAIN ? 0 : 1;
        k.groups[i].priority = shape == ORDERED ? (int64_t)i : 999;
        if (i == 0 || shape < ON_ONE)
            continue;
        needs[i] = (struct need){names[shape == CHAIN ? i - 1 : 0], NEED_STARTED};
        spec->needs = &needs[i];
        spec->needs_n = 1;
    }
    kernel_load(&k);
}

/* CPU seconds since the last call. */
static double lap(void)
{
    static clock_t last;
    clock_t before = last;

    last = clock();
    return (double)(last - before) / CLOCKS_PER_SEC;
}

static void boot_and_stop(const char *name, enum shape shape)
{
    lap();
    configure(shape);
    kernel_boot(&k);
    kernel_run(&k, 5 * S);
    double boot_s = lap();
    for (struct proc *p = fleet_each(&k.fleet, NULL); p; p = fleet_each(&k.fleet, p))
        assert_int_equal(p->state, PROC_RUNNING);
    fleet_stop_all(&k.fleet, 0, k.now);
    kernel_run(&k, 20 * S);
    double stop_s = lap();
    assert_true(k.finished);
    print_message("%s: boot %.3f s, stop %.3f s\n", name, boot_s, stop_s);
    assert_true(boot_s < 1 && stop_s < 1);
    kernel_free(&k);
}

static void flat(void **state)
{
    (void)state;
    boot_and_stop("flat", FLAT);
}

static void ordered(void **state)
{
    (void)state;
    boot_and_stop("a thousand priorities", ORDERED);
}

static void on_one(void **state)
{
    (void)state;
    boot_and_stop("all need one", ON_ONE);
}

static void chain(void **state)
{
    (void)state;
    boot_and_stop("each needs the one before", CHAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(flat), cmocka_unit_test(ordered), cmocka_unit_test(on_one),
                                       cmocka_unit_test(chain)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
