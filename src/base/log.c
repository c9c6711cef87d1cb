#include "base/log.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static struct {
    enum log_level threshold;
    log_writer *writer;
    void *context;
} sink = {.threshold = LVL_INFO};

void log_to(enum log_level threshold, log_writer *writer, void *context)
{
    sink.threshold = threshold;
    sink.writer = writer;
    sink.context = context;
}

int log_enabled(enum log_level level)
{
    return level >= sink.threshold;
}

const char *log_level_tag(enum log_level level)
{
    switch (level) {
    case LVL_CRIT:
        return "CRIT";
    case LVL_ERRO:
        return "ERRO";
    case LVL_WARN:
        return "WARN";
    case LVL_INFO:
        return "INFO";
    case LVL_DEBG:
        return "DEBG";
    case LVL_TRAC:
        return "TRAC";
    case LVL_BLAT:
        return "BLAT";
    }
    return "INFO";
}

static size_t add_head(char *line, size_t size, enum log_level level)
{
    struct timespec now = {0};
    struct tm local = {0};
    char stamp[32];

    clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &local);
    strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &local);
    int n = snprintf(line, size, "%s,%03d %s ", stamp, (int)(now.tv_nsec / 1000000), log_level_tag(level));
    return n > 0 ? (size_t)n : 0;
}

void log_line(enum log_level level, const char *format, ...)
{
    char line[LOG_LINE_MAX];
    va_list args;

    if (!log_enabled(level))
        return;
    size_t head = add_head(line, sizeof line, level);
    va_start(args, format);
    int n = vsnprintf(line + head, sizeof line - head - 1, format, args);
    va_end(args);
    size_t len = head + (n > 0 ? (size_t)n : 0);
    if (len > sizeof line - 2) {
        len = sizeof line - 2;
        memcpy(line + len - 3, "...", 3);
    }
    line[len++] = '\n';
    if (sink.writer)
        sink.writer(sink.context, level, line, len);
    else
        fwrite(line, 1, len, stderr);
}
