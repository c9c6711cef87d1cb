/* Which configuration is meant, and what its [supervisorctl] section says (supervisord contract §2, §6). */
#pragma once
#include "ctl/options.h"

/* Completes `o`: as ctl makes -c an absolute path; as supervisorctl finds the configuration (`program` is argv[0]) and
 * fills what the command line left open. 0, or -EINVAL with supervisorctl's text in `e`. */
int theirs_load(struct arena *a, struct options *o, const char *program, struct err *e);

/* An absolute path without `.`, `..` and double slashes, as Python's os.path.abspath: by the text alone. */
const char *path_from_cwd(struct arena *a, const char *path);
