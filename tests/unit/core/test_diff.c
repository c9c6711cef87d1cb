/* Active groups against a new set. */
#include "core/diff.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { MAX = 8 };

static bool same_priority(const struct group *a, const struct group *b)
{
    return a->priority == b->priority;
}

/* "a1 b2" → two groups of these priorities. */
static size_t make(const char *text, struct group *groups, char names[MAX][2])
{
    size_t n = 0;

    for (; *text; text += text[2] ? 3 : 2, n++) {
        names[n][0] = text[0];
        groups[n] = (struct group){.name = names[n], .priority = text[1]};
    }
    return n;
}

static void expect(const struct group *const *got, size_t n, const char *names)
{
    assert_int_equal(n, strlen(names));
    for (size_t i = 0; i < n; i++)
        assert_int_equal(got[i]->name[0], names[i]);
}

static void differences(void **state)
{
    static const struct {
        const char *active, *set, *added, *changed, *removed;
    } rows[] = {
        {"", "", "", "", ""},
        {"", "b1 a1", "ba", "", ""},
        {"b1 a1", "", "", "", "ba"},
        {"a1 b1", "b1 a1", "", "", ""},
        {"a1 b1 c1", "c2 a1 d1", "d", "c", "b"},
        {"a1 b1", "b2 a2", "", "ba", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct group active[MAX], set[MAX];
        char active_names[MAX][2] = {{0}}, set_names[MAX][2] = {{0}};
        const struct group *pointers[MAX], *added[MAX], *changed[MAX], *removed[MAX];
        struct diff d = {.added = added, .changed = changed, .removed = removed};
        size_t active_n = make(rows[i].active, active, active_names), set_n = make(rows[i].set, set, set_names);
        for (size_t k = 0; k < active_n; k++)
            pointers[k] = &active[k];
        diff_groups(pointers, active_n, set, set_n, same_priority, &d);
        expect(d.added, d.added_n, rows[i].added);
        expect(d.changed, d.changed_n, rows[i].changed);
        expect(d.removed, d.removed_n, rows[i].removed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(differences)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
