/* The stop plan (container contract §5): everything ends before the grace period less a margin, and the longest waits
 * are cut first. Processes of equal order stop together and make one stage; stages stop one after another.
 * Pure arithmetic on the caller's arrays; times in nanoseconds, never overflowing. */
#pragma once
#include "core/text.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What Docker waits unless told otherwise. */
#define STOP_DOCKER_GRACE_NS INT64_C(10000000000)

/* One process to stop. In an array items stand in stop order: those of one stage side by side. */
struct stop_item {
    const char *name; /* for texts; the plan itself does not look at it */
    int64_t order;    /* equal neighbours are one stage */
    int64_t wait_ns;  /* stopwaitsecs, >= 0 */
};

/* What the stages may take of a grace period: less 10 % of it, at least 0.5 and at most 2 s. UNSET: INT64_MAX. */
int64_t stop_budget_ns(int64_t grace_ns);

/* The highest level L at which the stages fit into the budget when each wait is min(wait, L). INT64_MAX: nothing need
 * be cut. May be asked again while stopping, with what is left of both: a stage that ended early helps the others. */
int64_t stop_level_ns(const struct stop_item *items, size_t n, int64_t budget_ns);

/* How long an item may take under a level. */
static inline int64_t stop_wait_ns(const struct stop_item *item, int64_t level_ns)
{
    return item->wait_ns < level_ns ? item->wait_ns : level_ns;
}

static inline bool stop_is_cut(const struct stop_item *item, int64_t level_ns)
{
    return item->wait_ns > level_ns;
}

/* What all stages take at most under a level: the sum of each one's longest wait. */
int64_t stop_total_ns(const struct stop_item *items, size_t n, int64_t level_ns);

/* The shortest grace period, in whole seconds, whose budget holds `total_ns`. */
int64_t stop_grace_needed_s(int64_t total_ns);

/* Room for either text below, at names of 255 bytes. */
#define STOP_TEXT_MAX 7168

/* The WARN at start when no grace period is set: names what may outlive Docker's 10 s, alone or as the sum of ordered
 * stages, and the line to put into compose or Kubernetes. False, and nothing written, when everything fits. */
bool stop_outlives_docker(const struct stop_item *items, size_t n, struct text *out);

/* The line about what was cut, `stop_grace_period 10s: NAME gets 4.2s of 3600s to stop, …`; false when nothing was. */
bool stop_cut_text(const struct stop_item *items, size_t n, int64_t grace_ns, int64_t level_ns, struct text *out);
