/* Python's notions of text, where supervisord's users can see them: what counts as a blank, and how repr() quotes. */
#pragma once
#include "base/buf.h"
#include "base/str.h"
#include <stddef.h>

/* Bytes of the blank that `s` starts with, 0 when it starts with none. Blanks are those of str.isspace(): ASCII's,
 * the separators 0x1c to 0x1f, and Unicode's in UTF-8 (a pasted no-break space is one). */
size_t py_blank(struct str s);

/* Like py_blank, for the blank that `s` ends in. */
size_t py_blank_before(struct str s);

/* str.strip() and str.rstrip(). */
struct str py_trim(struct str s);
struct str py_trim_end(struct str s);

/* Bytes of the UTF-8 character that `s` starts with: 1 where it is invalid, 0 when `s` is empty. */
size_t py_char(struct str s);

/* Appends repr(s): quotes, with \n, \t, \\ and other unprintable bytes escaped. */
void py_repr(struct buf *to, struct str s);

/* The same for an error line: of a long text only the beginning, and `...` behind it. */
void py_repr_short(struct buf *to, struct str s);
