/* What Tab offers, and words in columns. */
#include "ctl/complete.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct arena *memory;
static const struct options theirs = {.as_supervisorctl = true}, ours;

static const struct proto_item names[][2] = {
    {{.field = FIELD_GROUP, .s = {"cat", 3}}, {.field = FIELD_NAME, .s = {"cat", 3}}},
    {{.field = FIELD_GROUP, .s = {"n", 1}}, {.field = FIELD_NAME, .s = {"n_00", 4}}},
    {{.field = FIELD_GROUP, .s = {"n", 1}}, {.field = FIELD_NAME, .s = {"n_01", 4}}},
};
static struct record rows[] = {{MARK_RECORD, 2, names[0]}, {MARK_RECORD, 2, names[1]}, {MARK_RECORD, 2, names[2]}};
static struct record *row_list[] = {&rows[0], &rows[1], &rows[2]};
static const struct records processes = {row_list, 3, 3};

static void offers(const struct options *o, const char *line, const char *expected)
{
    struct str typed;
    struct names words = complete_line(memory, o, str_from(line), &processes, &typed);
    struct buf joined;

    buf_init(&joined, 4096);
    buf_add_text(&joined, "");
    for (size_t i = 0; i < words.n; i++)
        buf_printf(&joined, "%s%s", i ? " " : "", words.v[i]);
    assert_string_equal(joined.ptr, expected);
    buf_finish(&joined);
}

static void offers_what_the_action_takes(void **state)
{
    (void)state;
    offers(&theirs, "st", "start status stop");
    offers(&theirs, "he", "help");
    offers(&ours, "he", "health help");
    offers(&ours, "help w", "why");
    offers(&ours, "start ", "cat n:n_00 n:* n:n_01");
    offers(&ours, "start c", "cat");
    offers(&ours, "start cat:", "cat:cat cat:*");
    offers(&ours, "restart cat n:n_", "n:n_00 n:n_01");
    offers(&ours, "update ", "cat n");
    offers(&ours, "version ", "");
    offers(&ours, "nosuch ", "");
    offers(&theirs, "why ", "");
}

static void processes_are_asked_for_only_where_they_are_offered(void **state)
{
    (void)state;
    assert_true(complete_wants_processes(memory, &ours, STR("start x")));
    assert_true(complete_wants_processes(memory, &ours, STR("update ")));
    assert_false(complete_wants_processes(memory, &ours, STR("sta")));
    assert_false(complete_wants_processes(memory, &ours, STR("help s")));
}

static void the_common_beginning_ends_between_characters(void **state)
{
    const char *umlauts[] = {"x\xc3\xbc", "x\xc3\xb6"}, *plain[] = {"start", "status", "stop"};

    (void)state;
    assert_int_equal(complete_common(&(struct names){umlauts, 2}), 1);
    assert_int_equal(complete_common(&(struct names){plain, 3}), 2);
    assert_int_equal(complete_common(&(struct names){plain, 1}), 5);
    assert_int_equal(complete_common(&(struct names){NULL, 0}), 0);
}

static void columns(void **state)
{
    const char *words[] = {"a", "bb", "ccc", "d", "e"};
    struct buf lines;

    (void)state;
    buf_init(&lines, 4096);
    columns_format(&lines, &(struct names){words, 5}, 10);
    assert_string_equal(lines.ptr, "a   ccc  e\nbb  d  \n");
    buf_clear(&lines);
    columns_format(&lines, &(struct names){words, 5}, 80);
    assert_string_equal(lines.ptr, "a  bb  ccc  d  e\n");
    buf_clear(&lines);
    columns_format(&lines, &(struct names){words, 5}, 1);
    assert_string_equal(lines.ptr, "a\nbb\nccc\nd\ne\n");
    buf_finish(&lines);
}

static int fresh(void **state)
{
    (void)state;
    memory = arena_new(1 << 20);
    return memory ? 0 : -1;
}

static int done(void **state)
{
    (void)state;
    arena_free(memory);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offers_what_the_action_takes),
        cmocka_unit_test(processes_are_asked_for_only_where_they_are_offered),
        cmocka_unit_test(the_common_beginning_ends_between_characters),
        cmocka_unit_test(columns),
    };
    return cmocka_run_group_tests(tests, fresh, done);
}
