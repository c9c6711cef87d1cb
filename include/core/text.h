/* Text into memory of a fixed size. What does not fit is cut and marked with "..." at the end, never silently. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

struct text {
    char *ptr; /* the caller's; NUL-terminated from text_init on */
    size_t size, len;
    bool cut; /* sticky: something did not fit */
};

/* An empty text in `memory` of `size` bytes, at least 4. */
void text_init(struct text *t, char *memory, size_t size);

/* Append. Upon what does not fit the text ends in "..." and takes nothing more. */
void text_add(struct text *t, const char *more);
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A text in an array of its own: TEXT(line, 256); text_add(&line, …); */
#define TEXT(name, bytes)                                                                                              \
    char name##_memory[bytes];                                                                                         \
    struct text name;                                                                                                  \
    text_init(&name, name##_memory, sizeof name##_memory)
