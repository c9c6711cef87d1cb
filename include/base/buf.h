/* A growable byte buffer that is born with a maximum. It stays NUL-terminated behind `len`. */
#pragma once
#include "base/str.h"
#include <stdbool.h>
#include <stddef.h>

struct buf {
    char *ptr;
    size_t len, cap, max;
    bool failed; /* sticky: an append did not fit (max or memory); `ptr[0..len)` is what did */
};

/* An empty buffer of at most `max` bytes; allocates on first use. */
void buf_init(struct buf *b, size_t max);
void buf_finish(struct buf *b);

/* Append; 0, or -EMSGSIZE (max) or -ENOMEM, upon which nothing of this append is kept and `failed` is set. */
int buf_add(struct buf *b, const void *bytes, size_t n);
int buf_add_str(struct buf *b, struct str s);
int buf_add_text(struct buf *b, const char *text);
int buf_add_char(struct buf *b, char c);
int buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Room for `n` more bytes at `ptr + len`, or NULL. */
char *buf_room(struct buf *b, size_t n);

/* Drops the first `n` bytes. */
void buf_drop(struct buf *b, size_t n);
void buf_clear(struct buf *b);
struct str buf_str(const struct buf *b);
