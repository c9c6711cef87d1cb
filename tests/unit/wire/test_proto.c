/* The control protocol: what goes in comes out, however small the packets are, and rubbish is refused. */
#include "core/types.h"
#include "wire/proto.h"
#include "wire/record.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void request_survives(void **state)
{
    uint8_t packet[PROTO_PACKET_MAX];
    size_t len;
    struct proto_request in = {
        .verb = VERB_LOG, .flags = VERB_FLAG_STDERR, .a = -5, .b = INT64_MAX, .name = STR("g:n")};
    struct proto_request out;

    (void)state;
    in.arg = STR("TERM");
    assert_int_equal(proto_request_encode(&in, packet, sizeof packet, &len), 0);
    assert_int_equal(proto_request_decode(packet, len, &out), 0);
    assert_int_equal(out.verb, VERB_LOG);
    assert_int_equal(out.flags, VERB_FLAG_STDERR);
    assert_true(out.a == -5 && out.b == INT64_MAX);
    assert_true(str_is(out.name, "g:n") && str_is(out.arg, "TERM"));
}

static void bad_requests_are_told_apart(void **state)
{
    uint8_t packet[PROTO_PACKET_MAX];
    size_t len;
    struct proto_request r = {.verb = VERB_START, .name = STR("a\0b")}, out;
    static char large[PROTO_PACKET_MAX];

    (void)state;
    assert_int_equal(proto_request_encode(&r, packet, sizeof packet, &len), 0);
    assert_int_equal(proto_request_decode(packet, len, &out), -EBADMSG);
    r.name = STR("ab");
    assert_int_equal(proto_request_encode(&r, packet, sizeof packet, &len), 0);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(proto_request_decode(packet, i, &out), -EBADMSG);
    assert_int_equal(proto_request_decode(packet, len + 1, &out), -EBADMSG);
    packet[0] ^= 3;
    assert_int_equal(proto_request_decode(packet, len, &out), -EPROTONOSUPPORT);
    r.verb = VERB_COUNT;
    assert_int_equal(proto_request_encode(&r, packet, sizeof packet, &len), 0);
    assert_int_equal(proto_request_decode(packet, len, &out), -ENOSYS);
    r = (struct proto_request){.verb = VERB_STOP, .flags = VERB_FLAG_LIVE};
    assert_int_equal(proto_request_encode(&r, packet, sizeof packet, &len), 0);
    assert_int_equal(proto_request_decode(packet, len, &out), -EINVAL);
    r = (struct proto_request){.verb = VERB_STDIN, .arg = {large, sizeof large - 31}};
    assert_int_equal(proto_request_encode(&r, packet, sizeof packet, &len), -EMSGSIZE);
    r.arg.len--;
    assert_int_equal(proto_request_encode(&r, packet, sizeof packet, &len), 0);
    assert_int_equal(len, PROTO_PACKET_MAX);
}

/* Rows of many sizes: row n has a name, a command of n*n*17 bytes, two lines, a number, a truth and a double. */
#define ROWS 64

struct source {
    char text[ROWS * ROWS * 17];
};

static bool source_items(void *context, size_t row, size_t n, struct proto_item *ret_item)
{
    struct source *s = context;
    const struct proto_item items[] = {
        {.field = FIELD_NAME, .s = STR("name")},
        {.field = FIELD_COMMAND, .s = {s->text + row % 26, row * row * 17}},
        {.field = FIELD_LINES, .s = STR("one")},
        {.field = FIELD_LINES, .s = STR("")},
        {.field = FIELD_PID, .i = (int64_t)row - 3},
        {.field = FIELD_READY, .i = row & 1},
        {.field = FIELD_UPTIME, .d = 0.5},
    };

    if (n >= sizeof items / sizeof *items)
        return false;
    *ret_item = items[n];
    return true;
}

static void check_row(const struct source *s, size_t row, const struct record *r)
{
    assert_int_equal(r->mark, MARK_RECORD);
    assert_int_equal(r->n, 7);
    assert_string_equal(record_text(r, FIELD_NAME), "name");
    assert_int_equal(record_str(r, FIELD_COMMAND).len, row * row * 17);
    assert_memory_equal(record_text(r, FIELD_COMMAND), s->text + row % 26, row * row * 17);
    assert_string_equal(r->items[2].s.ptr, "one");
    assert_string_equal(r->items[3].s.ptr, "");
    assert_int_equal(record_int(r, FIELD_PID, 99), (int64_t)row - 3);
    assert_int_equal(record_bool(r, FIELD_READY), row & 1);
    assert_true(record_double(r, FIELD_UPTIME, 0) == 0.5);
    assert_false(record_has(r, FIELD_GROUP));
}

/* The server's side: fills the next packet; false once the end is in. */
static bool serve(struct source *s, struct proto_cursor *c, struct proto_writer *w)
{
    w->used = 0;
    while (c->row < ROWS)
        if (proto_put_row(w, c, MARK_RECORD, source_items, s) == -EAGAIN)
            return true;
    return proto_put_end(w, FAULT_SUCCESS, STR("fine")) == -EAGAIN;
}

static void rows_survive(size_t packet_size)
{
    static struct source s;
    uint8_t packet[PROTO_PACKET_MAX];
    struct proto_writer w = {packet, packet_size, 0};
    struct proto_cursor c = {0};
    struct record_reader r;
    struct record record;
    size_t row = 0;
    bool more = true, ended = false;

    for (size_t i = 0; i < sizeof s.text; i++)
        s.text[i] = (char)('a' + i % 26);
    record_reader_init(&r);
    while (more) {
        more = serve(&s, &c, &w);
        assert_in_range(w.used, 1, packet_size);
        record_feed(&r, packet, w.used);
        while (record_next(&r, &record) == 1) {
            ended = record.mark == MARK_END;
            if (!ended)
                check_row(&s, row++, &record);
        }
    }
    assert_int_equal(row, ROWS);
    assert_true(ended);
    assert_int_equal(record_int(&record, FIELD_FAULT, 0), FAULT_SUCCESS);
    record_reader_finish(&r);
}

static void rows_survive_any_packet(void **state)
{
    (void)state;
    rows_survive(64);
    rows_survive(97);
    rows_survive(1000);
    rows_survive(PROTO_PACKET_MAX);
}

static void small_rows_are_not_split(void **state)
{
    uint8_t packet[64];
    struct proto_writer w = {packet, sizeof packet, 0};
    struct proto_cursor c = {0};
    const struct proto_item items[] = {{.field = FIELD_NAME, .s = STR("0123456789012345678901234")}};

    (void)state;
    assert_int_equal(proto_put_items(&w, &c, MARK_RECORD, items, 1), 0);
    size_t used = w.used;
    assert_int_equal(proto_put_items(&w, &c, MARK_RECORD, items, 1), -EAGAIN);
    assert_int_equal(w.used, used);
    assert_int_equal(c.row, 1);
    assert_int_equal(c.offset, 0);
}

static void kept_records_outlive_the_reader(void **state)
{
    uint8_t packet[PROTO_PACKET_MAX];
    struct proto_writer w = {packet, sizeof packet, 0};
    struct record_reader r;
    struct record record;
    struct arena *a = arena_new(1 << 20);

    (void)state;
    assert_int_equal(proto_put_end(&w, FAULT_BAD_NAME, STR("foo")), 0);
    record_reader_init(&r);
    record_feed(&r, packet, w.used);
    assert_int_equal(record_next(&r, &record), 1);
    const struct record *kept = record_keep(a, &record);
    record_reader_finish(&r);
    assert_int_equal(record_int(kept, FIELD_FAULT, 0), FAULT_BAD_NAME);
    assert_string_equal(record_text(kept, FIELD_TEXT), "foo");
    assert_string_equal(record_text(kept, FIELD_NAME), "");
    arena_free(a);
}

static void long_ends_say_that_they_are_cut(void **state)
{
    static char text[5000];
    uint8_t packet[PROTO_PACKET_MAX];
    struct proto_writer w = {packet, sizeof packet, 0};
    struct record_reader r;
    struct record record;

    (void)state;
    assert_int_equal(proto_put_end(&w, FAULT_FAILED, (struct str){text, sizeof text}), 0);
    record_reader_init(&r);
    record_feed(&r, packet, w.used);
    assert_int_equal(record_next(&r, &record), 1);
    assert_int_equal(record_str(&record, FIELD_TEXT).len, PROTO_TEXT_MAX);
    assert_string_equal(record_text(&record, FIELD_TEXT) + PROTO_TEXT_MAX - 3, "...");
    record_reader_finish(&r);
}

static int read_one(const void *packet, size_t len)
{
    struct record_reader r;
    struct record record;

    record_reader_init(&r);
    record_feed(&r, packet, len);
    int rc = record_next(&r, &record);
    record_reader_finish(&r);
    return rc;
}

#define ITEM(tag, len, ...) ((const uint16_t[]){(uint16_t)(tag), (len), ##__VA_ARGS__})

static void broken_replies_are_refused(void **state)
{
    (void)state;
    assert_int_equal(read_one("x", 1), -EBADMSG);
    assert_int_equal(read_one(ITEM(FIELD_NAME, 3), 4), -EBADMSG);
    assert_int_equal(read_one(ITEM(0, 0), 4), -EBADMSG);
    assert_int_equal(read_one(ITEM(FIELD_COUNT, 0), 4), -EBADMSG);
    assert_int_equal(read_one(ITEM(FIELD_PID, 2, 1), 6), -EBADMSG);
    assert_int_equal(read_one(ITEM(FIELD_READY, 2, 1), 6), -EBADMSG);
    assert_int_equal(read_one(ITEM(FIELD_NAME | PROTO_MORE, 0), 4), -EBADMSG);
    assert_int_equal(read_one(ITEM(PROTO_MARK | 3, 0), 4), -EBADMSG);
    assert_int_equal(read_one(ITEM(FIELD_NAME | PROTO_MORE, 2, 65, FIELD_GROUP, 0), 10), -EBADMSG);
    assert_int_equal(read_one(ITEM(FIELD_NAME | PROTO_MORE, 2, 65, PROTO_MARK, 0), 10), -EBADMSG);
    assert_int_equal(read_one(ITEM(PROTO_MARK, 0), 4), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_survives),
        cmocka_unit_test(bad_requests_are_told_apart),
        cmocka_unit_test(rows_survive_any_packet),
        cmocka_unit_test(small_rows_are_not_split),
        cmocka_unit_test(kept_records_outlive_the_reader),
        cmocka_unit_test(long_ends_say_that_they_are_cut),
        cmocka_unit_test(broken_replies_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
