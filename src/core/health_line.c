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
#define X(name, class, alone, before, after) {alone, before, after},
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
    text_init(&sum->lost_or_down.text, memory, size / 2);
    text_init(&sum->rising.text, memory + size / 2, size / 2);
}

/* Adds the culprit whole, or not at all: half a name helps nobody. The first one is cut rather than left out. */
static void add_culprit(struct health_culprits *c, const char *culprit)
{
    if (c->text.len > 0 && strlen(culprit) + 2 >= c->text.size - c->text.len)
        c->left_out++;
    else
        text_printf(&c->text, "%s%s", c->text.len > 0 ? "; " : "", culprit);
}

void health_sum_add(struct health_sum *sum, const struct health_verdict *v, const char *name, const char *detail)
{
    TEXT(culprit, REASON_MAX);
    bool rising = health_class(v->reason) == HEALTH_CLASS_RISING;

    sum->ready = sum->ready && v->well;
    sum->live = sum->live && v->live;
    if (v->well)
        return;
    health_reason_text(&culprit, name, v->reason, detail);
    add_culprit(rising ? &sum->rising : &sum->lost_or_down, culprit.ptr);
}

bool health_line(struct text *out, const struct health_sum *sum, bool was_ready, bool stopping)
{
    const struct health_culprits *first = &sum->lost_or_down, *then = &sum->rising;
    bool both = sum->live || was_ready;

    if (stopping) {
        text_add(out, "unhealthy: stopping");
        return false;
    }
    if (sum->ready) {
        text_add(out, "healthy");
        return true;
    }
    text_printf(out, "%s: %s", sum->live && !was_ready ? "starting" : "unhealthy", first->text.ptr);
    if (both)
        text_printf(out, "%s%s", first->text.len > 0 && then->text.len > 0 ? "; " : "", then->text.ptr);
    unsigned left_out = first->left_out + (both ? then->left_out : 0);
    if (left_out > 0)
        text_printf(out, "; and %u more", left_out);
    return false;
}
