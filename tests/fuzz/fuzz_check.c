/* Health checks as text: whatever is taken borrows from the text alone, and holds nothing that could end a line of a
 * request made from it. */
#include "core/check.h"
#include "fuzz.h"
#include <stdlib.h>
#include <string.h>

static void require_within(struct str part, struct str text)
{
    if (part.len && (part.ptr < text.ptr || part.ptr + part.len > text.ptr + text.len))
        abort();
}

static void require_printable(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == 0x7f)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    struct check c;
    struct err e = {0};

    if (check_parse(text, &c, &e) < 0) {
        if (!e.text[0])
            abort();
        return 0;
    }
    require_within(c.text, text);
    require_within(c.host, text);
    require_within(c.socket, text);
    require_within(c.command, text);
    if (c.path.len > 1)
        require_within(c.path, text);
    require_printable(c.host);
    require_printable(c.path);
    if ((c.host.len != 0) != (c.port != 0))
        abort();
    return 0;
}
