/* What an action says: lines for people, or with --json one object at its end (container contract §11):
 * `{"ok":bool,"results":[…],"error":null or {"code","text"}}`. `ok` is true exactly when
 * the error is null: what was asked was done. What it found may still give an exit code, 3 of `status` for one. */
#pragma once
#include "base/buf.h"
#include "wire/json.h"
#include "wire/record.h"
#include <stdbool.h>

struct output {
    bool as_json;
    int status; /* exit code so far: the last finding's or failure's */
    struct buf results;
    struct json json; /* writes into results, inside the array */
    const char *code; /* of the last failure; NULL = none */
    char text[PROTO_TEXT_MAX + 256];
};

/* Nothing said yet, exit code 0. */
void output_init(struct output *o, bool as_json);

/* Prints the JSON object, if it is wanted, and frees what is held. Returns the exit code. */
int output_finish(struct output *o);

/* One line for people; nothing with --json. */
void say(struct output *o, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A failure: its line, exit code, and the error of the JSON object: `code` is a fault's name or a word of ours
 * (USAGE, NO_SERVER, NO_ANSWER, NOT_UP) and must be static. */
void complain(struct output *o, int status, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A row of the JSON results: fields go between the two. The writer is there in either form. */
struct json *result_open(struct output *o);
void result_close(struct output *o);

/* A row that is a record of the server's. */
void result_record(struct output *o, const struct record *r);
