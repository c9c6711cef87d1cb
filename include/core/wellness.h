/* The fleet's health: the rules of core/health.h asked about each of its processes. */
#pragma once
#include "core/fleet.h"

/* Whether p is well and live now. `named`: it was asked for by name, so it counts as essential. */
struct health_verdict proc_judge(const struct proc *p, bool named, struct moment now);

/* The detail behind a verdict's reason, as HEALTH_REASONS says; may stay empty. */
void proc_health_detail(const struct fleet *f, const struct proc *p, enum health_reason reason, struct text *out);

/* Whether everything essential is well now; remembers the first time that it is (`starting:` ends with it). */
bool fleet_is_ready(struct fleet *f, struct moment now);
