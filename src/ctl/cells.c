#include "ctl/cells.h"
#include "base/utf8.h"
#include <stdint.h>

/* The code point of `n` bytes that are valid UTF-8. */
static uint32_t code_point(const char *bytes, size_t n)
{
    unsigned char lead = (unsigned char)bytes[0];
    uint32_t c = n == 1 ? lead : lead & (0x7fu >> n);

    for (size_t i = 1; i < n; i++)
        c = c << 6 | ((unsigned char)bytes[i] & 0x3f);
    return c;
}

static unsigned cells_of(uint32_t c)
{
    static const struct {
        uint32_t first, last;
        unsigned cells;
    } ranges[] = {
        {0x300, 0x36f, 0},     {0x200b, 0x200f, 0},   {0x20d0, 0x20ff, 0}, {0xfe00, 0xfe0f, 0},   {0xfe20, 0xfe2f, 0},
        {0x1100, 0x115f, 2},   {0x2e80, 0x303e, 2},   {0x3041, 0xa4cf, 2}, {0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2},
        {0xfe30, 0xfe6f, 2},   {0xff00, 0xff60, 2},   {0xffe0, 0xffe6, 2}, {0x1f300, 0x1f64f, 2}, {0x1f680, 0x1f6ff, 2},
        {0x1f900, 0x1f9ff, 2}, {0x20000, 0x3fffd, 2},
    };

    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i].first && c <= ranges[i].last)
            return ranges[i].cells;
    return 1;
}

unsigned cells_take(struct str *cursor)
{
    bool valid;
    size_t n = utf8_char(*cursor, &valid);
    unsigned cells = valid ? cells_of(code_point(cursor->ptr, n)) : 1;

    *cursor = (struct str){cursor->ptr + n, cursor->len - n};
    return cells;
}

size_t cells_width(struct str s)
{
    size_t cells = 0;

    while (s.len)
        cells += cells_take(&s);
    return cells;
}

size_t cells_characters(struct str s)
{
    size_t n = 0;

    for (; s.len; n++)
        cells_take(&s);
    return n;
}
