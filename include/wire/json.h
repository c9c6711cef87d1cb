/* JSON (RFC 8259), written only. Text that is not UTF-8 becomes U+FFFD; control characters are escaped; everything
 * else stays as it is. */
#pragma once
#include "base/buf.h"
#include "wire/record.h"
#include <stdint.h>

#define JSON_DEPTH_MAX 63

/* A writer that puts the commas. Errors are sticky in `out->failed`, so only the end needs a look. Nesting deeper
 * than JSON_DEPTH_MAX is a mistake of the caller's and sets it too. */
struct json {
    struct buf *out; /* borrowed */
    uint64_t filled; /* bit n: level n holds something already */
    unsigned depth;
    bool after_key;
};

/* A writer at the end of `out`, which is borrowed. */
struct json json_to(struct buf *out);

/* The level's opening and closing: `{` `}` `[` `]`. */
void json_open(struct json *j, char bracket);
void json_close(struct json *j, char bracket);

/* A member's name; returns `j`, so that the value can follow: json_int(json_key(j, "pid"), 7). */
struct json *json_key(struct json *j, const char *name);

void json_str(struct json *j, struct str s);
void json_text(struct json *j, const char *text);
void json_int(struct json *j, int64_t value);
void json_bool(struct json *j, bool value);
void json_double(struct json *j, double value); /* null when it is no number */
void json_null(struct json *j);

/* The fields of a reply's record as members of the open object, lists as arrays. */
void json_record(struct json *j, const struct record *r);

/* What log_format=json says beside the message (container contract §3, §11). */
struct json_log {
    struct str time; /* RFC 3339 with milliseconds */
    struct str program;
    struct str stream; /* `stdout` or `stderr` */
    int64_t pid;
};

/* Smallest buffer that json_log_line works in. */
#define JSON_LOG_MIN 4096

/* Writes one complete line, newline included, with as much of `*message` as fits, taken from it by whole characters.
 * Call again while some is left: nothing is lost. Allocates nothing. Returns the line's length; 0 only when `size` is
 * below JSON_LOG_MIN. The message must not hold its own newline; over-long time, program and stream are cut. */
size_t json_log_line(char *out, size_t size, const struct json_log *log, struct str *message);
