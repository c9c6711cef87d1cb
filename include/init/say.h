/* A line of the main log, from the table of core/lines.h. */
#pragma once
#include "core/lines.h"

/* Writes the line with its blanks filled in, at its own level. */
void mainlog_say(enum line line, const struct line_facts *facts);
