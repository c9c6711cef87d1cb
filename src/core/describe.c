#include "core/describe.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* snprintf that marks what it had to cut. */
__attribute__((format(printf, 3, 4))) static void put(char *text, size_t size, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int n = vsnprintf(text, size, format, args);
    va_end(args);
    if (n >= 0 && (size_t)n >= size && size > 3)
        memcpy(text + size - 4, "...", 4);
}

void describe_uptime(int64_t seconds, char *ret_text, size_t size)
{
    int64_t s = seconds > 0 ? seconds : 0;
    long long days = s / 86400;
    int hour = (int)(s / 3600 % 24), minute = (int)(s / 60 % 60), second = (int)(s % 60);

    if (days)
        put(ret_text, size, "%lld day%s, %d:%02d:%02d", days, days == 1 ? "" : "s", hour, minute, second);
    else
        put(ret_text, size, "%d:%02d:%02d", hour, minute, second);
}

void describe_time(const struct tm *local, char *ret_text, size_t size)
{
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int hour = local->tm_hour % 12;

    put(ret_text, size, "%s %02d %02d:%02d %s", months[(unsigned)local->tm_mon % 12], local->tm_mday, hour ? hour : 12,
        local->tm_min, local->tm_hour < 12 ? "AM" : "PM");
}

void describe_span(int64_t span_ns, char *ret_text, size_t size)
{
    int64_t tenths = span_ns > 0 ? span_ns / 100000000 : 0;
    long long s = tenths / 10;

    if (s < 60)
        put(ret_text, size, "%lld.%ds", s, (int)(tenths % 10));
    else if (s < 3600)
        put(ret_text, size, "%lldm%02llds", s / 60, s % 60);
    else if (s < 86400)
        put(ret_text, size, "%lldh%02lldm", s / 3600, s / 60 % 60);
    else
        put(ret_text, size, "%lldd%02lldh", s / 86400, s / 3600 % 24);
}

static void describe_job(const struct describe *d, char *text, size_t size)
{
    char when[32] = "", took[32], last[96] = "";

    if (d->next_run)
        describe_time(d->next_run, when, sizeof when);
    if (d->last_run_ns >= 0) {
        describe_span(d->last_run_ns, took, sizeof took);
        put(last, sizeof last, ", last %s %d in %s", d->last_exit < 0 ? "signal" : "exit",
            d->last_exit < 0 ? -d->last_exit : d->last_exit, took);
    }
    put(text, size, "%s%s%s", d->next_run ? "next run " : "no next run", when, last);
}

static void describe_end(const struct describe *d, char *text, size_t size)
{
    if (d->stopped)
        describe_time(d->stopped, text, size);
    else
        put(text, size, "Not started");
}

void describe(const struct describe *d, char *ret_text, size_t size)
{
    char uptime[48];

    switch (d->state) {
    case PROC_RUNNING:
        describe_uptime(d->uptime_s, uptime, sizeof uptime);
        put(ret_text, size, "pid %d, uptime %s", d->pid, uptime);
        return;
    case PROC_BACKOFF:
    case PROC_FATAL:
        if (d->spawnerr && *d->spawnerr)
            put(ret_text, size, "%s", d->spawnerr);
        else
            put(ret_text, size, "unknown error (try \"tail %s\")", d->name);
        return;
    case PROC_EXITED:
        if (d->job) {
            describe_job(d, ret_text, size);
            return;
        }
        describe_end(d, ret_text, size);
        return;
    case PROC_STOPPED:
        describe_end(d, ret_text, size);
        return;
    case PROC_WAITING:
        put(ret_text, size, "waiting for %s", d->waiting_for ? d->waiting_for : "a dependency");
        return;
    default:
        put(ret_text, size, "%s", "");
    }
}
