/* Whether a program changed: what `reread` and `update` compare (supervisord contract §3), driven by options.def. */
#pragma once
#include "core/program.h"

/* Every option of the process, and its environment ([supervisord]'s is in it). Where the section stands does not
 * count; nor do AUTO log names, which a spec does not hold. */
bool config_spec_equal(const struct spec *a, const struct spec *b);

/* Name, kind, priority, and the specs in their order. Fits core/diff.h. */
bool config_group_equal(const struct group *a, const struct group *b);
