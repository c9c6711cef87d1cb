#include "ctl/namespec.h"
#include <string.h>

struct namespec namespec_parse(struct arena *a, const char *text)
{
    const char *colon = strchr(text, ':');

    if (!colon)
        return (struct namespec){text, text};
    const char *group = arena_str(a, (struct str){text, (size_t)(colon - text)});
    const char *process = colon + 1;
    return (struct namespec){group, *process && strcmp(process, "*") != 0 ? process : NULL};
}

const char *namespec_text(struct arena *a, const char *group, const char *process)
{
    return strcmp(group, process) == 0 ? arena_strdup(a, process) : arena_printf(a, "%s:%s", group, process);
}

const char *namespec_request(struct arena *a, const struct namespec *n)
{
    return arena_printf(a, "%s:%s", n->group, n->process ? n->process : "*");
}

const char *namespec_of(struct arena *a, const struct record *row)
{
    return namespec_text(a, record_text(row, FIELD_GROUP), record_text(row, FIELD_NAME));
}

bool namespec_matches(const struct namespec *n, const struct record *row)
{
    return strcmp(n->group, record_text(row, FIELD_GROUP)) == 0 &&
           (!n->process || strcmp(n->process, record_text(row, FIELD_NAME)) == 0);
}

bool names_all(const struct names *words)
{
    for (size_t i = 0; i < words->n; i++)
        if (strcmp(words->v[i], "all") == 0)
            return true;
    return false;
}

bool state_is_stopped(const struct record *row)
{
    int64_t state = record_int(row, FIELD_STATE, 0);

    return state == proc_state_code(PROC_STOPPED) || state == proc_state_code(PROC_EXITED) ||
           state == proc_state_code(PROC_FATAL);
}
