/* Time zones of this machine: where their files are (core/zone.h knows what is in them). */
#pragma once
#include "core/zone.h"

/* A zone by name (`Europe/Berlin`), or with NULL the container's own: $TZ in any of its forms, else /etc/localtime,
 * else UTC. 0; -EINVAL for a name that is none (`..`, a leading `/`) or a damaged file; -ENOENT: unknown, or no tzdata
 * here (`UTC` needs none); -ENOTSUP, -ENOMEM. The container's own zone is never an error but -ENOMEM: what cannot be
 * read is UTC, as for libc. */
int zone_new(const char *name, struct zone **ret_zone);

/* NULL-safe. */
void zone_free(struct zone *zone);
