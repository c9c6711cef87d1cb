#include "ctl/output.h"
#include "ctl/terminal.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* 1,000 processes with all their fields are below a megabyte; a log's lines may be more. */
enum { RESULTS_MAX = 64 << 20 };

static void start(struct output *o)
{
    o->json = json_to(&o->results);
    json_open(&o->json, '[');
}

void output_init(struct output *o, bool as_json)
{
    *o = (struct output){.as_json = as_json};
    buf_init(&o->results, as_json ? RESULTS_MAX : 0); /* nothing is gathered for people */
    start(o);
}

static void print_json(struct output *o)
{
    struct buf tail;
    struct json end;

    json_close(&o->json, ']');
    buf_init(&tail, 4 * sizeof o->text);
    end = json_to(&tail);
    if (o->code) {
        json_open(&end, '{');
        json_text(json_key(&end, "code"), o->code);
        json_text(json_key(&end, "text"), o->text);
        json_close(&end, '}');
    } else {
        json_null(&end);
    }
    printf("{\"ok\":%s,\"results\":%s,\"error\":%s}\n", o->code ? "false" : "true", o->results.ptr, tail.ptr);
    buf_finish(&tail);
}

int output_finish(struct output *o)
{
    int status = o->status;

    terminal_progress_end();
    if (o->as_json && o->results.failed) {
        complain(o, 1, "TOO_LARGE", "the answer is larger than %d MB", RESULTS_MAX >> 20);
        buf_clear(&o->results);
        start(o);
        status = 1;
    }
    if (o->as_json)
        print_json(o);
    if (fflush(stdout) != 0)
        status = 1;
    buf_finish(&o->results);
    return status;
}

static void print_line(const char *format, va_list args)
{
    terminal_progress_end();
    vprintf(format, args);
    putchar('\n');
}

void say(struct output *o, const char *format, ...)
{
    va_list args;

    if (o->as_json)
        return;
    va_start(args, format);
    print_line(format, args);
    va_end(args);
}

void complain(struct output *o, int status, const char *code, const char *format, ...)
{
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    if (!o->as_json)
        print_line(format, args);
    int n = vsnprintf(o->text, sizeof o->text, format, again);
    if (n >= (int)sizeof o->text)
        memcpy(o->text + sizeof o->text - 4, "...", 4);
    va_end(again);
    va_end(args);
    o->status = status;
    o->code = code;
}

struct json *result_open(struct output *o)
{
    json_open(&o->json, '{');
    return &o->json;
}

void result_close(struct output *o)
{
    json_close(&o->json, '}');
}

void result_record(struct output *o, const struct record *r)
{
    json_record(result_open(o), r);
    result_close(o);
}
