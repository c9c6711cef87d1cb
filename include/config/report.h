/* Loading for people to read: `cslsup check` (container contract §8). The same road as config_load, with all that was
 * learned on the way. */
#pragma once
#include "config/loader.h"

struct report {
    struct loader *loader;         /* findings, effective values, what was left out: see there */
    const struct program_set *set; /* NULL: refused, see `error` */
    struct err error;
};

/* Loads and looks for mistakes; findings are sorted by file and line. 0 also when the configuration is refused (set is
 * NULL then); -ENOMEM. The request is borrowed until report_finish. */
int report_init(struct report *r, const struct config_request *request);
void report_finish(struct report *r);
