#include "ctl/utf8.h"

size_t utf8_length(unsigned char lead)
{
    if (lead >= 0xc2 && lead <= 0xdf)
        return 2;
    if (lead >= 0xe0 && lead <= 0xef)
        return 3;
    if (lead >= 0xf0 && lead <= 0xf4)
        return 4;
    return 1;
}

uint32_t utf8_take(struct str *cursor)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = (unsigned char)cursor->ptr[0];
    size_t n = utf8_length(lead);
    uint32_t c = n == 1 ? lead : lead & (0x7fu >> n);
    bool valid = n <= cursor->len && (n > 1 || lead < 0x80);

    for (size_t i = 1; valid && i < n; i++) {
        unsigned char next = (unsigned char)cursor->ptr[i];
        valid = (next & 0xc0) == 0x80;
        c = c << 6 | (next & 0x3f);
    }
    if (!valid || c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
        n = 1;
        c = UINT32_MAX;
    }
    *cursor = (struct str){cursor->ptr + n, cursor->len - n};
    return c;
}

size_t utf8_count(struct str s)
{
    size_t n = 0;

    for (; s.len; n++)
        utf8_take(&s);
    return n;
}

unsigned utf8_cells(uint32_t c)
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

size_t utf8_width(struct str s)
{
    size_t cells = 0;

    while (s.len)
        cells += utf8_cells(utf8_take(&s));
    return cells;
}
