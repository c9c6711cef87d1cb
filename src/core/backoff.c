#include "core/backoff.h"
#include "base/num.h"
#include "core/program.h"

#define SHORT_LIFE_NS NS_PER_S

/* supervisord's own way, and the brake on what dies at once. */
static int64_t by_counter(const struct restart_facts *f)
{
    if (f->backoff)
        return num_add_sat(f->ended_ns, num_mul_sat(f->tries, NS_PER_S));
    int64_t earliest = num_add_sat(f->spawned_ns, RESPAWN_MIN_NS);
    bool brake = f->ended_ns - f->spawned_ns < SHORT_LIFE_NS && earliest > f->ended_ns;
    return brake ? earliest : f->ended_ns;
}

/* Between 90 and 110 % of a wait. */
static int64_t jitter(int64_t wait_ns, uint32_t random)
{
    int64_t tenth = wait_ns / 10;
    int64_t share = tenth / 1024 * (int64_t)(random % 2049); /* of 0 to 2 tenths */
    return num_add_sat(wait_ns - tenth, share);
}

static int64_t doubled(int64_t wait_ns, int64_t times, int64_t max_ns)
{
    while (times-- > 0 && wait_ns < max_ns)
        wait_ns = num_mul_sat(wait_ns, 2);
    return wait_ns < max_ns ? wait_ns : max_ns;
}

int64_t restart_at_ns(const struct restart_facts *f, int64_t *series)
{
    int64_t delay = f->delay_ns == UNSET ? 0 : f->delay_ns;

    if (f->delay_ns == UNSET && f->delay_max_ns == UNSET)
        return by_counter(f);
    if (f->delay_max_ns == UNSET || !f->unwanted)
        return num_add_sat(f->ended_ns, delay);
    if (f->ended_ns - f->spawned_ns >= f->delay_max_ns)
        *series = 0;
    int64_t wait = jitter(doubled(delay > 0 ? delay : NS_PER_S, *series, f->delay_max_ns), f->random);
    *series += 1;
    return num_add_sat(f->ended_ns, wait < f->delay_max_ns ? wait : f->delay_max_ns);
}
