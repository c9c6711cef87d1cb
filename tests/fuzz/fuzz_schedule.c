/* A schedule's text: refused with words, or each next run is later than the one before. */
#include "core/schedule.h"
#include "fuzz.h"
#include <stdlib.h>
#include <string.h>

static void require(int truth)
{
    if (!truth)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct zone z = {0};
    struct schedule s;
    struct err e = {0};
    char text[256];

    if (size >= sizeof text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    if (schedule_parse(text, &s, &e) < 0) {
        require(e.text[0] != '\0');
        return 0;
    }
    require(zone_from_posix(STR("CET-1CEST,M3.5.0,M10.5.0/3"), &z) == 0);
    int64_t at = 1711800000; /* the day before the clocks go forward */
    for (int i = 0; i < 20 && at < INT64_MAX / 2; i++) {
        int64_t next = schedule_next(&s, &z, at);
        require(next > at);
        require(i > 0 || next != NEVER_S);
        at = next;
    }
    return 0;
}
