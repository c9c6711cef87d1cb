#include "config/pytext.h"
#include <stdbool.h>
#include <string.h>

static bool is_ascii_blank(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

/* The blanks of Unicode outside ASCII, in UTF-8. */
static bool is_wide_blank(const unsigned char *p, size_t n)
{
    if (n == 2)
        return p[0] == 0xc2 && (p[1] == 0x85 || p[1] == 0xa0);
    if (n != 3)
        return false;
    if (p[0] == 0xe2 && p[1] == 0x80)
        return (p[2] >= 0x80 && p[2] <= 0x8a) || p[2] == 0xa8 || p[2] == 0xa9 || p[2] == 0xaf;
    return (p[0] == 0xe1 && p[1] == 0x9a && p[2] == 0x80) || (p[0] == 0xe2 && p[1] == 0x81 && p[2] == 0x9f) ||
           (p[0] == 0xe3 && p[1] == 0x80 && p[2] == 0x80);
}

size_t py_blank(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;

    if (s.len == 0)
        return 0;
    if (is_ascii_blank(p[0]))
        return 1;
    for (size_t n = 2; n <= 3 && n <= s.len; n++)
        if (is_wide_blank(p, n))
            return n;
    return 0;
}

size_t py_blank_before(struct str s)
{
    const unsigned char *end = (const unsigned char *)s.ptr + s.len;

    if (s.len == 0)
        return 0;
    if (is_ascii_blank(end[-1]))
        return 1;
    for (size_t n = 2; n <= 3 && n <= s.len; n++)
        if (is_wide_blank(end - n, n))
            return n;
    return 0;
}

struct str py_trim_end(struct str s)
{
    size_t n;

    while ((n = py_blank_before(s)) > 0)
        s.len -= n;
    return s;
}

struct str py_trim(struct str s)
{
    size_t n;

    while ((n = py_blank(s)) > 0)
        s = (struct str){s.ptr + n, s.len - n};
    return py_trim_end(s);
}

size_t py_char(struct str s)
{
    if (s.len == 0)
        return 0;
    unsigned char lead = (unsigned char)s.ptr[0];
    size_t n = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1;
    if (n > s.len)
        return 1;
    for (size_t i = 1; i < n; i++)
        if (((unsigned char)s.ptr[i] & 0xc0) != 0x80)
            return 1;
    return n;
}

static void repr_byte(struct buf *to, char c, char quote)
{
    static const char plain[] = "\n\r\t\\", letters[] = "nrt\\";
    const char *at = c ? strchr(plain, c) : NULL;

    if (at)
        buf_printf(to, "\\%c", letters[at - plain]);
    else if (c == quote)
        buf_printf(to, "\\%c", c);
    else if ((unsigned char)c < 0x20 || c == 0x7f || (unsigned char)c >= 0x80)
        buf_printf(to, "\\x%02x", (unsigned char)c);
    else
        buf_add_char(to, c);
}

void py_repr(struct buf *to, struct str s)
{
    char quote = str_find(s, '\'') && !str_find(s, '"') ? '"' : '\'';

    buf_add_char(to, quote);
    while (s.len > 0) {
        size_t n = py_char(s);
        if (n > 1)
            buf_add(to, s.ptr, n);
        else
            repr_byte(to, s.ptr[0], quote);
        s = (struct str){s.ptr + n, s.len - n};
    }
    buf_add_char(to, quote);
}

void py_repr_short(struct buf *to, struct str s)
{
    enum { SHOWN_BYTES = 120 };
    size_t n = 0, next;

    while (n < s.len && (next = n + py_char((struct str){s.ptr + n, s.len - n})) <= SHOWN_BYTES)
        n = next;
    py_repr(to, (struct str){s.ptr, n});
    if (n < s.len)
        buf_add_text(to, "...");
}
