#include "base/str.h"
#include <stdint.h>
#include <string.h>

char str_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_from(const char *text)
{
    return (struct str){text, text ? strlen(text) : 0};
}

bool str_equal(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool str_is(struct str s, const char *text)
{
    return str_equal(s, str_from(text));
}

bool str_is_nocase(struct str s, const char *text)
{
    for (size_t i = 0; i < s.len; i++)
        if (text[i] == '\0' || str_lower(s.ptr[i]) != str_lower(text[i]))
            return false;
    return text[s.len] == '\0';
}

bool str_starts(struct str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.len >= n && memcmp(s.ptr, prefix, n) == 0;
}

struct str str_trim(struct str s)
{
    while (s.len > 0 && is_blank(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool str_take_until(struct str *cursor, const char *stops, struct str *ret_part)
{
    if (cursor->len == 0)
        return false;
    size_t n = 0;
    while (n < cursor->len && (cursor->ptr[n] == '\0' || !strchr(stops, cursor->ptr[n])))
        n++;
    *ret_part = (struct str){cursor->ptr, n};
    if (n < cursor->len)
        n++;
    *cursor = (struct str){cursor->ptr + n, cursor->len - n};
    return true;
}

bool str_take_word(struct str *cursor, struct str *ret_word)
{
    struct str rest = str_trim(*cursor);
    size_t n = 0;
    while (n < rest.len && !is_blank(rest.ptr[n]))
        n++;
    *cursor = (struct str){rest.len ? rest.ptr + n : rest.ptr, rest.len - n};
    if (n == 0)
        return false;
    *ret_word = (struct str){rest.ptr, n};
    return true;
}

const char *str_find(struct str s, char c)
{
    return s.len ? memchr(s.ptr, c, s.len) : NULL;
}

/* Words longer than this are never near anything: it bounds the rows below. */
enum { NEAR_MAX = 64 };

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Damerau-Levenshtein distance (adjacent transpositions count 1), three rows at a time. */
static unsigned distance(struct str a, struct str b)
{
    unsigned rows[3][NEAR_MAX + 1];
    unsigned *before = rows[0], *last = rows[1], *row = rows[2];

    for (size_t j = 0; j <= b.len; j++)
        last[j] = (unsigned)j;
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            char ca = str_lower(a.ptr[i - 1]), cb = str_lower(b.ptr[j - 1]);
            row[j] = least(last[j] + 1, row[j - 1] + 1, last[j - 1] + (ca != cb));
            if (i > 1 && j > 1 && ca == str_lower(b.ptr[j - 2]) && str_lower(a.ptr[i - 2]) == cb &&
                before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        unsigned *spare = before;
        before = last;
        last = row;
        row = spare;
    }
    return last[b.len];
}

const char *str_nearest(struct str word, const char *const *names)
{
    const char *best = NULL;
    unsigned best_distance = UINT32_MAX;

    if (word.len == 0 || word.len > NEAR_MAX)
        return NULL;
    for (; *names; names++) {
        struct str name = str_from(*names);
        if (name.len > NEAR_MAX)
            continue;
        size_t longer = name.len > word.len ? name.len : word.len;
        unsigned limit = longer / 3 > 0 ? (unsigned)(longer / 3) : 1;
        unsigned d = distance(word, name);
        if (d <= limit && d < best_distance) {
            best = *names;
            best_distance = d;
        }
    }
    return best;
}
