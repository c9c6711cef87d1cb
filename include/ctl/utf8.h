/* Characters and the cells they take on a terminal. */
#pragma once
#include "base/str.h"
#include <stdint.h>

/* Takes one character: its code point, or UINT32_MAX and one byte when the bytes are no UTF-8.
 * `cursor` must not be empty. */
uint32_t utf8_take(struct str *cursor);

/* Bytes of the sequence that `lead` begins; 1 for ASCII and for what cannot begin one. */
size_t utf8_length(unsigned char lead);

/* Characters in `s`: what supervisorctl's table pads by. */
size_t utf8_count(struct str s);

/* Cells of one character: 0 for combining marks, 2 for East Asian wide ones, else 1. */
unsigned utf8_cells(uint32_t code_point);

/* Cells of all of `s`. */
size_t utf8_width(struct str s);
