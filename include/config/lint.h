/* What is allowed but hardly meant (container contract §8): each warning has a code, a place, and the mend. */
#pragma once
#include "config/loader.h"

/* Looks through a loaded configuration (before its result is taken out) and adds to l->findings. */
void lint(struct loader *l);

/* The part that looks at commands. */
void lint_command(struct loader *l, const struct spec *spec);
