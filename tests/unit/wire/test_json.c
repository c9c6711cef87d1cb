/* JSON: commas, escapes, bytes that are no text, and log lines in a buffer of any size. */
#include "wire/json.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void nesting(void **state)
{
    struct buf out;
    struct json j = json_to(&out);

    (void)state;
    buf_init(&out, 1 << 16);
    json_open(&j, '{');
    json_bool(json_key(&j, "ok"), true);
    json_open(json_key(&j, "results"), '[');
    json_int(&j, INT64_MIN);
    json_open(&j, '{');
    json_close(&j, '}');
    json_double(&j, 0.25);
    json_double(&j, NAN);
    json_close(&j, ']');
    json_null(json_key(&j, "error"));
    json_close(&j, '}');
    assert_string_equal(out.ptr, "{\"ok\":true,\"results\":[-9223372036854775808,{},0.25,null],\"error\":null}");
    assert_false(out.failed);
    buf_finish(&out);
}

static void too_deep_fails(void **state)
{
    struct buf out;
    struct json j = json_to(&out);

    (void)state;
    buf_init(&out, 1 << 16);
    for (int i = 0; i < 100; i++)
        json_open(&j, '[');
    assert_true(out.failed);
    buf_finish(&out);
}

static const struct {
    const char *in, *out;
} texts[] = {
    {"", ""},
    {"plain", "plain"},
    {"\"\\/\n\r\t\b\f\x01\x1b\x7f", "\\\"\\\\/\\n\\r\\t\\b\\f\\u0001\\u001b\\u007f"},
    {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
    {"a\x88z", "a\xef\xbf\xbdz"},
    {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                 /* overlong */
    {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* surrogate */
    {"\xe2\x82", "\xef\xbf\xbd"},                             /* cut off: one for the part */
    {"\xf0\x9f\x98z", "\xef\xbf\xbdz"},
    {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
};

static void escapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct buf out;
        struct json j = json_to(&out);

        buf_init(&out, 1 << 16);
        json_text(&j, texts[i].in);
        assert_int_equal(out.len, strlen(texts[i].out) + 2);
        assert_memory_equal(out.ptr + 1, texts[i].out, out.len - 2);
        buf_finish(&out);
    }
}

static void records(void **state)
{
    const struct proto_item items[] = {
        {.field = FIELD_NAME, .s = STR("x")},  {.field = FIELD_READY, .i = 1},
        {.field = FIELD_LINES, .s = STR("a")}, {.field = FIELD_LINES, .s = STR("b")},
        {.field = FIELD_EXITCODES, .i = 0},    {.field = FIELD_UPTIME, .d = 1.5},
    };
    const struct record r = {MARK_RECORD, sizeof items / sizeof *items, items};
    struct buf out;
    struct json j = json_to(&out);

    (void)state;
    buf_init(&out, 1 << 16);
    json_open(&j, '{');
    json_record(&j, &r);
    json_close(&j, '}');
    assert_string_equal(out.ptr,
                        "{\"name\":\"x\",\"ready\":true,\"lines\":[\"a\",\"b\"],\"exitcodes\":[0],\"uptime\":1.5}");
    buf_finish(&out);
}

static const struct json_log who = {{"T", 1}, {"p\"q", 3}, {"stdout", 6}, 7};

static void a_log_line(void **state)
{
    char line[JSON_LOG_MIN];
    struct str message = STR("h\xff \xe2\x82\xac");
    size_t n = json_log_line(line, sizeof line, &who, &message);
    const char *want = "{\"time\":\"T\",\"program\":\"p\\\"q\",\"stream\":\"stdout\",\"pid\":7,\"message\":"
                       "\"h\xef\xbf\xbd \xe2\x82\xac\"}\n";

    (void)state;
    assert_int_equal(n, strlen(want));
    assert_memory_equal(line, want, n);
    assert_int_equal(message.len, 0);
    assert_int_equal(json_log_line(line, JSON_LOG_MIN - 1, &who, &message), 0);
}

/* 16 KB of euro signs and escapes: several lines, every one whole, no character cut, none missing. */
static void long_messages_take_several_lines(void **state)
{
    static char text[16384];
    char line[JSON_LOG_MIN];
    struct str message = {text, sizeof text};
    size_t euros = 0, escapes_n = 0, lines = 0;

    (void)state;
    for (size_t i = 0; i + 4 <= sizeof text; i += 4)
        memcpy(text + i, "\xe2\x82\xac\x1b", 4);
    while (message.len) {
        size_t n = json_log_line(line, sizeof line, &who, &message);

        assert_in_range(n, 1, sizeof line);
        assert_memory_equal(line + n - 3, "\"}\n", 3);
        for (size_t i = 0; i + 6 <= n; i++) {
            euros += !memcmp(line + i, "\xe2\x82\xac", 3);
            escapes_n += !memcmp(line + i, "\\u001b", 6);
        }
        lines++;
    }
    assert_int_equal(euros, sizeof text / 4);
    assert_int_equal(escapes_n, sizeof text / 4);
    assert_in_range(lines, 5, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nesting), cmocka_unit_test(too_deep_fails), cmocka_unit_test(escapes),
        cmocka_unit_test(records), cmocka_unit_test(a_log_line),     cmocka_unit_test(long_messages_take_several_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
