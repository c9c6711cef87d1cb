/* The rows of the control protocol's answers: what is known about a process, put into fields (wire/proto.h). */
#pragma once
#include "core/fleet.h"
#include "wire/proto.h"

struct supervisor;

enum { ROW_ITEMS_MAX = 64, ROW_TEXT_MAX = 6144 };

/* One row under construction; its texts stand in `text` or are borrowed from the configuration. */
struct row {
    struct proto_item items[ROW_ITEMS_MAX];
    size_t n;
    char text[ROW_TEXT_MAX];
    size_t used;
};

void row_int(struct row *r, enum field f, int64_t value);
void row_text(struct row *r, enum field f, const char *text); /* borrowed */
void row_copy(struct row *r, enum field f, const char *text); /* copied */

/* getProcessInfo and what ctl shows beyond it. */
void row_info(struct row *r, const struct supervisor *s, const struct proc *p);
/* getAllConfigInfo. */
void row_config(struct row *r, const struct spec *spec, const struct group *group, bool in_use);
/* How it ended. */
void row_why(struct row *r, const struct supervisor *s, const struct proc *p);
/* The supervisor itself. */
void row_state(struct row *r, const struct supervisor *s);
