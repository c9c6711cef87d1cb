/* Memory that is freed all at once: one arena holds one config generation (DESIGN, Conventions).
 * Allocation never returns NULL: when the maximum or the machine's memory is reached, the arena jumps to the
 * recovery point that its user armed, so that a reload that does not fit fails as a whole and loses nothing. */
#pragma once
#include "base/str.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

struct arena;

/* An arena of at most `max_bytes`, or NULL when there is no memory for its head. */
struct arena *arena_new(size_t max_bytes);

/* Frees the arena and all in it. NULL-safe. */
void arena_free(struct arena *a);

/* The recovery point: arm with `if (setjmp(*arena_recovery(a))) { arena_free(a); return -ENOMEM; }` before the
 * first allocation. Without it, running out ends the process with a line on stderr: right for one-shot applets,
 * never for PID 1. */
jmp_buf *arena_recovery(struct arena *a);

/* `size` zeroed bytes aligned for any type. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((returns_nonnull));

/* NUL-terminated copies. */
char *arena_strdup(struct arena *a, const char *text) __attribute__((returns_nonnull));
char *arena_str(struct arena *a, struct str s) __attribute__((returns_nonnull));
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3), returns_nonnull));

/* Takes back all that was handed out, and keeps one block for the next use: a scratch arena that is reset again and
 * again settles down to no allocation at all. */
void arena_reset(struct arena *a);

/* Bytes handed out so far. */
size_t arena_used(const struct arena *a);
