/* An intrusive pairing heap of due times: no table to size, no allocation. The node is part of what it times. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_node {
    int64_t key;
    struct heap_node *child, *next, *prev; /* prev: the left sibling, or the parent of a first child */
    bool queued;
};

/* Puts `node` in under `key`, or moves it there when it is in already. `*root` NULL is the empty heap; `*root` is
 * always the node with the least key. */
void heap_set(struct heap_node **root, struct heap_node *node, int64_t key);

/* Takes `node` out; nothing happens when it is not in. */
void heap_remove(struct heap_node **root, struct heap_node *node);

/* What the node is part of. */
#define heap_owner(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))
