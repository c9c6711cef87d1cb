#include "init/answer.h"
#include "init/generation.h"
#include "init/shutdown.h"
#include <errno.h>
#include <stdio.h>

static bool reread_row(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row)
{
    /* A row holds so many names; a longer answer takes several rows of the same kind. */
    const struct names *lists[] = {&s->diff.added, &s->diff.changed, &s->diff.removed};
    static const enum field fields[] = {FIELD_ADDED, FIELD_CHANGED, FIELD_REMOVED};
    size_t skip = n * (ROW_ITEMS_MAX - 1);

    (void)a;
    *ret_row = (struct row){.n = 0};
    for (size_t l = 0; l < 3; l++) {
        for (size_t i = 0; i < lists[l]->n && ret_row->n < ROW_ITEMS_MAX - 1; i++) {
            if (skip > 0)
                skip--;
            else
                row_text(ret_row, fields[l], lists[l]->v[i]);
        }
    }
    return true;
}

/* supervisord's sentence names the file at its end; ours begins with file and line. */
static void end_unread(const struct supervisor *s, struct answer *a, const struct err *e)
{
    char line[PROTO_TEXT_MAX];

    err_format(e, line, sizeof line);
    answer_end_with(a, FAULT_CANT_REREAD, s->request.as_supervisord ? e->text : line);
}

void answer_reread(struct supervisor *s, struct answer *a)
{
    struct generation *g;
    struct err e = {0};

    if (generation_load(s, &g, &e) < 0) {
        end_unread(s, a, &e);
        return;
    }
    if (generation_store(s, g) < 0) {
        generation_release(g);
        answer_end_with(a, FAULT_CANT_REREAD, "out of memory");
        return;
    }
    size_t names = s->diff.added.n + s->diff.changed.n + s->diff.removed.n;
    a->row = reread_row;
    a->rows_n = names / (ROW_ITEMS_MAX - 1) + 1;
}

/* The group's name with an end; a request holds no longer one. */
static const char *group_name(const struct answer *a, char *ret_name)
{
    snprintf(ret_name, PROTO_PACKET_MAX, "%.*s", (int)a->target.group.len, a->target.group.ptr);
    return ret_name;
}

void answer_add(struct supervisor *s, struct answer *a)
{
    char memory[PROTO_PACKET_MAX];
    struct err e = {0};
    const char *name = group_name(a, memory);
    int r = group_activate(s, name, &e);

    if (r == 0)
        fleet_boot(&s->fleet, fleet_group_find(&s->fleet, name));
    else if (r == -ENOENT || r == -EEXIST)
        answer_end(a, r == -ENOENT ? FAULT_BAD_NAME : FAULT_ALREADY_ADDED, a->request.name);
    else
        answer_end_with(a, FAULT_FAILED, e.text);
}

void answer_remove(struct supervisor *s, struct answer *a)
{
    char name[PROTO_PACKET_MAX];
    int r = group_deactivate(s, group_name(a, name));

    if (r < 0)
        answer_end(a, r == -ENOENT ? FAULT_BAD_NAME : FAULT_STILL_RUNNING, a->request.name);
}

void answer_reload(struct supervisor *s, struct answer *a)
{
    struct err e = {0};

    if (supervisor_reload(s, &e) < 0)
        end_unread(s, a, &e);
}

void answer_shutdown(struct supervisor *s, struct answer *a)
{
    (void)a;
    shutdown_begin(s, 0);
}
