/* The forms in which `check` answers, all on stdout. */
#pragma once
#include "base/buf.h"
#include "config/report.h"

/* Lines for people: what would run, what is left out, warnings. */
void check_print_text(const struct report *r, struct buf *out);

/* One JSON object (container contract §8). */
void check_print_json(const struct report *r, struct buf *out);

/* Every effective value of `name` (a program, a process, or group:process) with the place that set it; false when
 * nothing is called so. */
bool check_print_explanation(const struct report *r, const char *name, struct buf *out);
