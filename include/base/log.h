/* The main log: `YYYY-MM-DD HH:MM:SS,mmm LEVL message`, local time (supervisord contract §4).
 * This floor makes the line; where it goes is the writer's business. Without a writer lines go to stderr. */
#pragma once
#include <stddef.h>

/* supervisord's levels and numbers (loglevel in getAllConfigInfo's sense; python logging plus TRAC and BLAT). */
enum log_level {
    LVL_BLAT = 3,
    LVL_TRAC = 5,
    LVL_DEBG = 10,
    LVL_INFO = 20,
    LVL_WARN = 30,
    LVL_ERRO = 40,
    LVL_CRIT = 50,
};

/* Longest line including newline; a longer message is cut and ends in "...\n". */
#define LOG_LINE_MAX 8192

/* Receives one finished line, newline included. Must not log. */
typedef void log_writer(void *context, enum log_level level, const char *line, size_t len);

/* Sends lines of `threshold` and above to `writer`; NULL = stderr. */
void log_to(enum log_level threshold, log_writer *writer, void *context);

/* Whether a line of this level would be written: guards costly arguments. */
int log_enabled(enum log_level level);

/* One line of the main log, printf-style, without level, time and newline. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `CRIT`, `ERRO`, … */
const char *log_level_tag(enum log_level level);
