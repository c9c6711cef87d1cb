/* UTF-8 as strict readers see it (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF). */
#pragma once
#include "base/str.h"

/* U+FFFD, what stands for bytes that are no text. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/* Length of the first character of `s` (not empty). When it is none, `*ret_valid` is false and the length is that of
 * the longest prefix that began like one, at least 1: what a single U+FFFD replaces (Unicode, "maximal subpart"). */
size_t utf8_char(struct str s, bool *ret_valid);
