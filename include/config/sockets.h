/* [fcgi-program:x] socket= and its companions. */
#pragma once
#include "config/loader.h"

/* Checks what the section says of its socket, normalises it, and puts the defaults in. 0 or -EINVAL. */
int socket_check(struct loader *l, const struct section *s, struct spec *spec);
