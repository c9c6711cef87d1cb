#include "base/utf8.h"

/* The first bytes from `first` to `last` start characters of `len` bytes, whose second byte lies in [low, high]; all
 * later ones in [0x80, 0xbf] (Unicode, table 3-7). */
static const struct {
    unsigned char first, last, len, low, high;
} leads[] = {
    {0xc2, 0xdf, 2, 0x80, 0xbf}, {0xe0, 0xe0, 3, 0xa0, 0xbf}, {0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f},
    {0xee, 0xef, 3, 0x80, 0xbf}, {0xf0, 0xf0, 4, 0x90, 0xbf}, {0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f},
};

size_t utf8_char(struct str s, bool *ret_valid)
{
    unsigned char first = (unsigned char)s.ptr[0];

    *ret_valid = first < 0x80;
    for (size_t i = 0; first >= 0x80 && i < sizeof leads / sizeof *leads; i++) {
        unsigned char low = leads[i].low, high = leads[i].high;
        size_t n = 1;

        if (first < leads[i].first || first > leads[i].last)
            continue;
        for (; n < leads[i].len && n < s.len; n++, low = 0x80, high = 0xbf)
            if ((unsigned char)s.ptr[n] < low || (unsigned char)s.ptr[n] > high)
                return n;
        *ret_valid = n == leads[i].len;
        return n;
    }
    return 1;
}
