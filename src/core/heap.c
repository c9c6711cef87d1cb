#include "core/heap.h"
#include <stddef.h>

/* Both are roots without siblings; the one with the greater key becomes the first child of the other. */
static struct heap_node *meld(struct heap_node *a, struct heap_node *b)
{
    if (!a || !b)
        return a ? a : b;
    if (b->key < a->key) {
        struct heap_node *t = a;
        a = b;
        b = t;
    }
    b->prev = a;
    b->next = a->child;
    if (b->next)
        b->next->prev = b;
    a->child = b;
    return a;
}

/* The usual two passes over a list of siblings, kept iterative: its length is up to the number of processes. */
static struct heap_node *meld_siblings(struct heap_node *first)
{
    struct heap_node *pairs = NULL;

    while (first) {
        struct heap_node *a = first, *b = first->next;
        first = b ? b->next : NULL;
        a->next = a->prev = NULL;
        if (b)
            b->next = b->prev = NULL;
        a = meld(a, b);
        a->next = pairs;
        pairs = a;
    }
    struct heap_node *root = NULL;
    while (pairs) {
        struct heap_node *rest = pairs->next;
        pairs->next = NULL;
        root = meld(root, pairs);
        pairs = rest;
    }
    return root;
}

void heap_remove(struct heap_node **root, struct heap_node *node)
{
    if (!node->queued)
        return;
    struct heap_node *below = meld_siblings(node->child);
    if (node == *root) {
        *root = below;
    } else {
        if (node->prev->child == node)
            node->prev->child = node->next;
        else
            node->prev->next = node->next;
        if (node->next)
            node->next->prev = node->prev;
        *root = meld(*root, below);
    }
    node->child = node->next = node->prev = NULL;
    node->queued = false;
}

void heap_set(struct heap_node **root, struct heap_node *node, int64_t key)
{
    if (node->queued && node->key == key)
        return;
    heap_remove(root, node);
    node->key = key;
    node->queued = true;
    *root = meld(*root, node);
}
