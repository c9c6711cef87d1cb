/* What Tab offers: actions, groups or processes, by what the action takes. Pure. */
#pragma once
#include "ctl/action.h"

/* The words that may stand where the line ends (at the cursor), sorted as the server sorts; `ret_typed` is the part of
 * one that is typed already. `processes` are the rows of STATUS; only asked for where `complete_wants` says so. */
struct names complete_line(struct arena *a, const struct options *o, struct str line, const struct records *processes,
                           struct str *ret_typed);

/* Whether completing this line needs the processes. */
bool complete_wants_processes(struct arena *a, const struct options *o, struct str line);

/* How many bytes all words have in common at their beginning; never ends inside a character. */
size_t complete_common(const struct names *words);

/* Words in columns, filled downwards, as Python's cmd module sets them: each line with its newline. */
void columns_format(struct buf *ret_lines, const struct names *words, size_t width);
