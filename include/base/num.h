/* Numbers out of text. Every parser takes a whole slice: trailing rubbish is an error, overflow is an error.
 * 0, or -EINVAL (no number) or -ERANGE. */
#pragma once
#include "base/str.h"
#include <stdint.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

/* Python's int(): blanks around, a sign, digits with single underscores between them. */
int num_int(struct str s, int64_t *ret_value);

/* An int with KB, MB or GB behind it (1024-based, any case): supervisord's byte_size (contract §2). */
int num_size(struct str s, int64_t *ret_bytes);

/* Base 8, as Python's int(x, 8). */
int num_octal(struct str s, int64_t *ret_value);

/* Seconds, with an optional fraction and unit: `90`, `1.5`, `90s`, `5m`, `2h`, `1d`, `250ms` (contract §3). */
int num_duration(struct str s, int64_t *ret_ns);

/* a+b and a*b, held at the ends of the type instead of wrapping. */
int64_t num_add_sat(int64_t a, int64_t b);
int64_t num_mul_sat(int64_t a, int64_t b);
