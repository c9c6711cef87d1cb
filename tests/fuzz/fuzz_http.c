/* HTTP and FastCGI answers: the first byte says which, and how many bytes come at a time. However they are cut into
 * pieces, the outcome is the same. */
#include "fuzz.h"
#include "wire/fcgi.h"
#include "wire/http.h"
#include <stdlib.h>

struct outcome {
    int rc, status;
};

static struct outcome http(const char *bytes, size_t n, size_t step)
{
    struct http_reply r = {0};
    int rc = 0;

    for (size_t i = 0; i < n && rc == 0; i += step)
        rc = http_feed(&r, bytes + i, step < n - i ? step : n - i);
    if (rc == 0)
        rc = http_end(&r);
    return (struct outcome){rc, r.status};
}

static struct outcome fcgi(const char *bytes, size_t n, size_t step)
{
    struct fcgi_reply r = {0};
    int rc = 0;

    for (size_t i = 0; i < n && rc == 0; i += step)
        rc = fcgi_feed(&r, bytes + i, step < n - i ? step : n - i);
    return (struct outcome){rc, r.status};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole, pieces;
    size_t step;

    if (size < 2)
        return 0;
    step = (size_t)(data[0] >> 1) + 1;
    whole = (data[0] & 1 ? fcgi : http)((const char *)data + 1, size - 1, size);
    pieces = (data[0] & 1 ? fcgi : http)((const char *)data + 1, size - 1, step);
    if (whole.rc != pieces.rc || whole.status != pieces.status)
        abort();
    return 0;
}
