#include "init/say.h"

void mainlog_say(enum line line, const struct line_facts *facts)
{
    TEXT(text, LOG_LINE_MAX);
    enum log_level level = line_text(&text, line, facts);

    log_line(level, "%s", text.ptr);
}
