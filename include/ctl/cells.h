/* How wide text is on a terminal. Bytes that are no UTF-8 count as one character of one cell each. */
#pragma once
#include "base/str.h"

/* Takes one character from `cursor`, which must not be empty: its cells, 0 for combining marks, 2 for East Asian wide
 * ones, else 1. */
unsigned cells_take(struct str *cursor);

/* Cells of all of `s`. */
size_t cells_width(struct str s);

/* Characters in `s`: what supervisorctl's table pads by. */
size_t cells_characters(struct str s);
