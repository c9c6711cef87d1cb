/* A line editor: keys in, a line out, and what the terminal has to show. Pure: it neither reads nor writes; the shell
 * feeds it bytes and prints what edit_render says.
 *
 * Keys as everywhere: arrows, Home/End/Delete, ctrl-a/e/b/f left and right, ctrl-p/n history, ctrl-d/h delete,
 * ctrl-k/u/w kill, ctrl-y yank, ctrl-t transpose, alt-b/f/d words, ctrl-l redraw, Tab completes. */
#pragma once
#include "base/buf.h"
#include "base/str.h"
#include "ctl/history.h"
#include <stddef.h>

/* Longest line, NUL included: what a request can hold. A full line takes no more keys: EDIT_BELL. */
#define EDIT_MAX 4096

enum edit_event {
    EDIT_MORE,      /* shown state may have changed: render */
    EDIT_BELL,      /* that key did nothing: beep */
    EDIT_LINE,      /* Enter: `text` is the line */
    EDIT_COMPLETE,  /* Tab: complete what stands before the cursor */
    EDIT_REDRAW,    /* ctrl-l: clear the screen, render */
    EDIT_INTERRUPT, /* ctrl-c */
    EDIT_EOF,       /* ctrl-d on an empty line */
};

struct edit {
    char text[EDIT_MAX]; /* NUL-terminated */
    size_t len, cursor;  /* bytes; the cursor stands before a character or at the end */
    const struct history *history;
    size_t shown; /* index of the history line shown; history->n = the line being written */
    char draft[EDIT_MAX];
    char killed[EDIT_MAX];
    unsigned char key[16]; /* a key of several bytes, so far */
    size_t key_len;
};

/* An empty line. Borrows `history`. */
void edit_init(struct edit *e, const struct history *history);

/* Takes one byte of input. */
enum edit_event edit_feed(struct edit *e, unsigned char byte);

/* Puts `s` before the cursor; false when the line is full, and then nothing is put. */
bool edit_insert(struct edit *e, struct str s);

/* The bytes that draw prompt, line and cursor in one row of `columns` cells, scrolled sideways where it is longer. */
void edit_render(const struct edit *e, struct str prompt, unsigned columns, struct buf *ret_bytes);
