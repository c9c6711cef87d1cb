/* Verdicts as text. */
#include "core/health.h"
#include <string.h>

/* The longest reason of one process; a longer one ends in "...". */
enum { REASON_MAX = 1024 };

/* A detail inside brackets loses brackets of its own: `FATAL (Exited too quickly)`, without supervisord's `(process log
 * may have details)`. */
static int shown_length(const char *detail, const char *after)
{
    size_t n = strlen(detail);
    const char *inner = strstr(detail, " (");

    return (int)(after[0] == ')' && inner && detail[n - 1] == ')' ? (size_t)(inner - detail) : n);
}

void health_reason_text(struct text *out, const char *name, enum health_reason reason, const char *detail)
{
    static const struct {
        const char *alone, *before, *after;
    } words[] = {
#define X(name, live, alone, before, after) {alone, before, after},
        HEALTH_REASONS(X)
#undef X
    };

    text_add(out, name);
    if (!detail || !detail[0])
        text_add(out, words[reason].alone);
    else
        text_printf(out, "%s%.*s%s", words[reason].before, shown_length(detail, words[reason].after), detail,
                    words[reason].after);
}

void health_sum_init(struct health_sum *sum, char *memory, size_t size)
{
    *sum = (struct health_sum){.ready = true, .live = true};
    text_init(&sum->culprits, memory, size);
}

/* Adds the culprit whole, or not at all: half a name helps nobody. The first one is cut rather than left out. */
static void add_culprit(struct health_sum *sum, const char *culprit)
{
    struct text *t = &sum->culprits;

    if (t->len > 0 && strlen(culprit) + 2 >= t->size - t->len) {
        sum->left_out++;
        return;
    }
    text_printf(t, "%s%s", t->len > 0 ? "; " : "", culprit);
}

void health_sum_add(struct health_sum *sum, const struct health_verdict *v, const char *name, const char *detail)
{
    TEXT(culprit, REASON_MAX);

    sum->ready = sum->ready && v->well;
    sum->live = sum->live && v->live;
    if (v->well)
        return;
    sum->culprits_n++;
    health_reason_text(&culprit, name, v->reason, detail);
    add_culprit(sum, culprit.ptr);
}

bool health_line(struct text *out, const struct health_sum *sum, bool was_ready, bool stopping)
{
    if (stopping) {
        text_add(out, "unhealthy: stopping");
        return false;
    }
    if (sum->ready) {
        text_add(out, "healthy");
        return true;
    }
    text_printf(out, "%s: %s", sum->live && !was_ready ? "starting" : "unhealthy", sum->culprits.ptr);
    if (sum->left_out > 0)
        text_printf(out, "; and %u more", sum->left_out);
    return false;
}
