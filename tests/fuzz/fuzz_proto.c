/* Both ends of the control protocol: a request as PID 1 gets it, a reply as a client gets it. */
#include "fuzz.h"
#include "wire/json.h"
#include "wire/record.h"
#include <stdlib.h>
#include <string.h>

static void require(int truth)
{
    if (!truth)
        abort();
}

/* What decodes must encode to the same bytes. */
static void as_request(const uint8_t *data, size_t size)
{
    struct proto_request r;
    uint8_t again[PROTO_PACKET_MAX];
    size_t len;

    if (proto_request_decode(data, size, &r) < 0)
        return;
    require(r.verb > VERB_NONE && r.verb < VERB_COUNT);
    require(proto_request_encode(&r, again, sizeof again, &len) == 0);
    require(len == size && !memcmp(again, data, size));
}

/* A record that was read can be kept, written as JSON, and sent on. */
static void use(const struct record *r)
{
    struct arena *a = arena_new(1 << 26);
    struct buf text;
    struct json j = json_to(&text);
    uint8_t packet[PROTO_PACKET_MAX];
    struct proto_writer w = {packet, sizeof packet, 0};
    struct proto_cursor c = {0};
    const struct record *kept = record_keep(a, r);

    for (size_t i = 0; i < kept->n; i++) {
        enum field_type type = field_type(kept->items[i].field);

        if (type == TYPE_STR || type == TYPE_STRS)
            require(kept->items[i].s.ptr[kept->items[i].s.len] == '\0');
    }
    buf_init(&text, 1 << 26);
    json_open(&j, '{');
    json_record(&j, kept);
    json_close(&j, '}');
    require(!text.failed);
    while (proto_put_items(&w, &c, r->mark, kept->items, kept->n) < 0)
        w.used = 0;
    buf_finish(&text);
    arena_free(a);
}

/* The bytes in packets of a length that the first byte chooses. */
static void as_reply(const uint8_t *data, size_t size)
{
    size_t step = size ? (size_t)data[0] * 16 + 1 : 1;
    struct record_reader reader;
    struct record record;
    int r = 0;

    record_reader_init(&reader);
    for (size_t at = 1; at < size && r >= 0; at += step) {
        record_feed(&reader, data + at, step < size - at ? step : size - at);
        while ((r = record_next(&reader, &record)) == 1)
            use(&record);
    }
    record_reader_finish(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    as_request(data, size);
    as_reply(data, size);
    return 0;
}
