#include "core/stopplan.h"
#include "base/num.h"
#include "core/program.h"
#include <string.h>

enum { NAMES_SHOWN = 20 };

static int64_t margin_ns(int64_t grace_ns)
{
    const int64_t least = NS_PER_S / 2, most = 2 * NS_PER_S;
    int64_t tenth = grace_ns / 10;

    return tenth < least ? least : tenth > most ? most : tenth;
}

int64_t stop_budget_ns(int64_t grace_ns)
{
    if (grace_ns == UNSET)
        return INT64_MAX;
    int64_t margin = margin_ns(grace_ns);
    return grace_ns > margin ? grace_ns - margin : 0;
}

int64_t stop_total_ns(const struct stop_item *items, size_t n, int64_t level_ns)
{
    int64_t total = 0, stage = 0;

    for (size_t i = 0; i < n; i++) {
        int64_t wait = stop_wait_ns(&items[i], level_ns);
        if (i > 0 && items[i].order != items[i - 1].order) {
            total = num_add_sat(total, stage);
            stage = 0;
        }
        if (wait > stage)
            stage = wait;
    }
    return num_add_sat(total, stage);
}

int64_t stop_level_ns(const struct stop_item *items, size_t n, int64_t budget_ns)
{
    int64_t low = 0, high = budget_ns;

    if (stop_total_ns(items, n, INT64_MAX) <= budget_ns)
        return INT64_MAX;
    if (budget_ns <= 0)
        return 0;
    while (low < high) { /* the total grows with the level, and level 0 always fits */
        int64_t middle = low + (high - low) / 2 + 1;
        if (stop_total_ns(items, n, middle) <= budget_ns)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

int64_t stop_grace_needed_s(int64_t total_ns)
{
    int64_t s = total_ns / NS_PER_S;

    while (stop_budget_ns(num_mul_sat(s, NS_PER_S)) < total_ns && s < INT64_MAX / NS_PER_S)
        s++;
    return s;
}

/* `3600s`, `4.2s` */
static void add_seconds(struct text *out, int64_t ns)
{
    int64_t tenths = ns / (NS_PER_S / 10);

    text_printf(out, "%lld", (long long)(tenths / 10));
    if (tenths % 10)
        text_printf(out, ".%d", (int)(tenths % 10));
    text_add(out, "s");
}

/* Writes the names of items whose wait is above `over_ns`, at most NAMES_SHOWN of them; those of one program, which
 * are neighbours of one name, once. `level_ns` < INT64_MAX: with what each one gets. How many there are. */
static size_t add_names(const struct stop_item *items, size_t n, int64_t over_ns, int64_t level_ns, struct text *out)
{
    size_t found = 0;

    for (size_t i = 0; i < n; i++) {
        if (items[i].wait_ns <= over_ns || (i > 0 && strcmp(items[i].name, items[i - 1].name) == 0))
            continue;
        if (found++ >= NAMES_SHOWN)
            continue;
        text_printf(out, "%s%s ", found > 1 ? ", " : "", items[i].name);
        if (level_ns < INT64_MAX) {
            text_add(out, "gets ");
            add_seconds(out, stop_wait_ns(&items[i], level_ns));
            text_add(out, " of ");
        }
        add_seconds(out, items[i].wait_ns);
    }
    if (found > NAMES_SHOWN)
        text_printf(out, ", and %zu more", found - NAMES_SHOWN);
    return found;
}

bool stop_outlives_docker(const struct stop_item *items, size_t n, struct text *out)
{
    int64_t total = stop_total_ns(items, n, INT64_MAX);

    if (total <= STOP_DOCKER_GRACE_NS)
        return false;
    text_add(out, "may outlive the 10s that Docker waits before it kills: ");
    if (add_names(items, n, STOP_DOCKER_GRACE_NS, INT64_MAX, out) == 0) {
        add_names(items, n, 0, INT64_MAX, out);
        text_add(out, ", together ");
        add_seconds(out, total);
    }
    long long s = stop_grace_needed_s(total);
    text_printf(out,
                "; put 'stop_grace_period: %llds' into compose or 'terminationGracePeriodSeconds: %lld' into "
                "Kubernetes, and stop_grace_period=%llds under [cslsup]",
                s, s, s);
    return true;
}

bool stop_cut_text(const struct stop_item *items, size_t n, int64_t grace_ns, int64_t level_ns, struct text *out)
{
    if (level_ns == INT64_MAX)
        return false;
    text_add(out, "stop_grace_period ");
    add_seconds(out, grace_ns);
    text_add(out, ": ");
    add_names(items, n, level_ns, level_ns, out);
    text_add(out, " to stop");
    return true;
}
