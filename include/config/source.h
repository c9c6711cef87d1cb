/* Finding and reading files. */
#pragma once
#include "config/loader.h"

/* Finds the main file (container contract §1) and sets l->main_file and l->here. */
int source_find(struct loader *l);

/* Reads one file into a doc; `%(here)s` in it becomes its directory. 0 or -EINVAL: it cannot be read or parsed. */
int source_read(struct loader *l, const char *path, struct doc *d);

/* Reads the main file and what it includes into l->doc. */
int source_read_main(struct loader *l);
