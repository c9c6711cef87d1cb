#include "ctl/complete.h"
#include "base/vec.h"
#include "ctl/cells.h"
#include "ctl/namespec.h"
#include <string.h>

struct words {
    const char **v;
    size_t n, cap;
};

/* The blank-free end of the line. */
static struct str last_word(struct str line)
{
    size_t from = line.len;

    while (from > 0 && line.ptr[from - 1] != ' ' && line.ptr[from - 1] != '\t')
        from--;
    return (struct str){line.ptr + from, line.len - from};
}

static void offer(struct arena *a, struct words *list, struct str typed, const char *word)
{
    if (strlen(word) < typed.len || (typed.len && memcmp(word, typed.ptr, typed.len) != 0))
        return;
    for (size_t i = 0; i < list->n; i++)
        if (strcmp(list->v[i], word) == 0)
            return;
    *(const char **)vec_push(a, list) = word;
}

static void offer_actions(struct arena *a, const struct options *o, struct words *list, struct str typed)
{
    const struct action *action;

    for (size_t i = 0; (action = action_at(o, i)); i++)
        if (!(action->flags & ACTION_HIDDEN))
            offer(a, list, typed, action->name);
}

static void offer_groups(struct arena *a, struct words *list, struct str typed, const struct records *processes)
{
    for (size_t i = 0; i < processes->n; i++)
        offer(a, list, typed, record_text(processes->v[i], FIELD_GROUP));
}

/* A process that is its group's only name goes by that; once a colon is typed, or the names differ, by both. */
static void offer_processes(struct arena *a, struct words *list, struct str typed, const struct records *processes)
{
    bool colon = str_find(typed, ':') != NULL;

    for (size_t i = 0; i < processes->n; i++) {
        const char *group = record_text(processes->v[i], FIELD_GROUP), *name = record_text(processes->v[i], FIELD_NAME);
        if (!colon && strcmp(group, name) == 0) {
            offer(a, list, typed, name);
            continue;
        }
        offer(a, list, typed, arena_printf(a, "%s:%s", group, name));
        offer(a, list, typed, arena_printf(a, "%s:*", group));
    }
}

/* What stands before the word that is being typed; blank while that is the action itself. */
static struct str before_last_word(struct str line)
{
    return str_trim((struct str){line.ptr, line.len - last_word(line).len});
}

/* The action whose arguments are being typed; NULL when there is none of that name, or none yet. */
static const struct action *action_of(struct arena *a, const struct options *o, struct str line)
{
    struct str rest = before_last_word(line), word;

    return str_take_word(&rest, &word) ? action_find(o, arena_str(a, word)) : NULL;
}

bool complete_wants_processes(struct arena *a, const struct options *o, struct str line)
{
    const struct action *action = action_of(a, o, line);

    return action && (action->words == WORDS_GROUPS || action->words == WORDS_PROCESSES);
}

struct names complete_line(struct arena *a, const struct options *o, struct str line, const struct records *processes,
                           struct str *ret_typed)
{
    const struct action *action = action_of(a, o, line);
    struct words list = {0};
    struct str typed = last_word(line);

    if (before_last_word(line).len == 0 || (action && action->words == WORDS_ACTIONS))
        offer_actions(a, o, &list, typed);
    else if (action && action->words == WORDS_GROUPS)
        offer_groups(a, &list, typed, processes);
    else if (action && action->words == WORDS_PROCESSES)
        offer_processes(a, &list, typed, processes);
    *ret_typed = typed;
    return (struct names){list.v, list.n};
}

size_t complete_common(const struct names *words)
{
    if (words->n == 0)
        return 0;
    size_t n = strlen(words->v[0]);
    for (size_t i = 1; i < words->n; i++) {
        size_t same = 0;
        while (same < n && words->v[i][same] == words->v[0][same])
            same++;
        n = same;
    }
    while (n > 0 && ((unsigned char)words->v[0][n] & 0xc0) == 0x80)
        n--;
    return n;
}

static size_t column_width(const struct names *words, size_t rows, size_t column)
{
    size_t widest = 0;

    for (size_t i = column * rows; i < (column + 1) * rows && i < words->n; i++) {
        size_t width = cells_width(str_from(words->v[i]));
        widest = width > widest ? width : widest;
    }
    return widest;
}

static bool fits(const struct names *words, size_t rows, size_t width)
{
    size_t total = 0;

    for (size_t column = 0; column * rows < words->n; column++)
        total += column_width(words, rows, column) + 2;
    return total <= width + 2;
}

void columns_format(struct buf *ret_lines, const struct names *words, size_t width)
{
    size_t rows = 1;

    while (rows < words->n && !fits(words, rows, width))
        rows++;
    for (size_t row = 0; row < rows && row < words->n; row++) {
        for (size_t i = row; i < words->n; i += rows) {
            /* a single column is not padded; the last of several is */
            size_t cells = rows < words->n ? column_width(words, rows, i / rows) : 0;
            size_t used = cells_width(str_from(words->v[i]));
            buf_printf(ret_lines, "%s%s%*s", i == row ? "" : "  ", words->v[i], (int)(cells > used ? cells - used : 0),
                       "");
        }
        buf_add_char(ret_lines, '\n');
    }
}
