/* A slice of bytes, and the cursor-style parsing that every text format here uses.
 * A `struct str` borrows: it never owns what it points at and is not NUL-terminated. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct str {
    const char *ptr;
    size_t len;
};

/* A string literal as a slice. */
#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})

/* The whole of a NUL-terminated string; NULL is the empty slice. */
struct str str_from(const char *text);

/* Byte-wise equality; `str_is_nocase` folds ASCII letters only, whatever the locale. */
bool str_is(struct str s, const char *text);
bool str_is_nocase(struct str s, const char *text);
bool str_equal(struct str a, struct str b);
bool str_starts(struct str s, const char *prefix);

/* `s` without ASCII blanks (space, tab, newline, CR, VT, FF) at both ends. */
struct str str_trim(struct str s);

/* Takes from `cursor` up to the first byte out of `stops` (which is consumed too), or all that is left.
 * False when the cursor was already empty. */
bool str_take_until(struct str *cursor, const char *stops, struct str *ret_part);

/* Takes the next run of non-blanks. False when only blanks are left. */
bool str_take_word(struct str *cursor, struct str *ret_word);

/* The first `c` in `s`, or NULL. */
const char *str_find(struct str s, char c);

/* ASCII lower case of one byte. */
char str_lower(char c);

/* The entry of `names` (NULL-terminated list) nearest to `word` for a did-you-mean, case ignored;
 * NULL when none is near enough (Damerau-Levenshtein distance above a third of the longer length, at least 1). */
const char *str_nearest(struct str word, const char *const *names);
