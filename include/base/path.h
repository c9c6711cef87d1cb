/* Paths as text: nothing here looks at a file system. */
#pragma once
#include "base/arena.h"

/* `path`, seen from `directory` (absolute) unless it is absolute itself, without `.`, `..` and double slashes: Python's
 * os.path.abspath. */
char *path_absolute(struct arena *a, const char *directory, const char *path);
