/* The heap of due times against a plain list. */
#include "core/heap.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { NODES = 50, STEPS = 200000 };

struct timed {
    int number;
    struct heap_node node;
};

static struct timed nodes[NODES];

/* The least key of those that are in, and how many they are. */
static size_t look(int64_t *ret_key)
{
    size_t n = 0;

    for (size_t i = 0; i < NODES; i++)
        if (nodes[i].node.queued && (n++ == 0 || nodes[i].node.key < *ret_key))
            *ret_key = nodes[i].node.key;
    return n;
}

static void check_root(const struct heap_node *root)
{
    int64_t key = 0;
    size_t n = look(&key);

    assert_int_equal(root != NULL, n > 0);
    if (root)
        assert_int_equal(root->key, key);
}

static void against_a_list(void **state)
{
    struct heap_node *root = NULL;
    uint64_t random = 1;

    (void)state;
    for (int step = 0; step < STEPS; step++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        struct heap_node *node = &nodes[(random >> 33) % NODES].node;
        if ((random >> 50) % 3 == 0)
            heap_remove(&root, node);
        else
            heap_set(&root, node, (int64_t)((random >> 40) % 100) - 50);
        check_root(root);
    }
}

/* Taken out one by one, they come in order. */
static void in_order(void **state)
{
    struct heap_node *root = NULL;
    int64_t last = INT64_MIN;
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < NODES; i++) {
        nodes[i] = (struct timed){.number = (int)i};
        heap_set(&root, &nodes[i].node, (int64_t)(i * 37 % NODES));
    }
    for (; root; n++) {
        const struct timed *t = heap_owner(root, struct timed, node);
        assert_int_equal(t->number * 37 % NODES, root->key);
        assert_true(root->key >= last);
        last = root->key;
        heap_remove(&root, root);
    }
    assert_int_equal(n, NODES);
}

/* Keys at the ends of the type; what is not in cannot be taken out. */
static void ends(void **state)
{
    struct heap_node *root = NULL, a = {0}, b = {0};

    (void)state;
    heap_remove(&root, &a);
    heap_set(&root, &a, INT64_MAX);
    heap_set(&root, &b, INT64_MIN);
    assert_ptr_equal(root, &b);
    heap_set(&root, &b, INT64_MAX);
    heap_set(&root, &a, 0);
    assert_ptr_equal(root, &a);
    heap_remove(&root, &a);
    heap_remove(&root, &a);
    assert_ptr_equal(root, &b);
    heap_remove(&root, &b);
    assert_null(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(against_a_list), cmocka_unit_test(in_order),
                                       cmocka_unit_test(ends)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
