/* Answers to the control socket's requests, verb by verb: what a request changes at once, and the rows that tell of it
 * (wire/proto.h says what each verb takes and gives). */
#pragma once
#include "core/requests.h"
#include "init/rows.h"
#include "wire/proto.h"

struct supervisor;

/* An answer in the making. */
struct answer {
    struct proto_request request; /* borrows from the connection's packet */
    struct target target;
    uint64_t serial;           /* marks the outcomes of this request on the processes they are of */
    enum fault fault;          /* how it ends */
    char text[PROTO_TEXT_MAX]; /* the end's detail */
    bool (*row)(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row); /* NULL: no rows */
    size_t rows_n; /* row is asked for 0..rows_n-1; false skips one */
    int passed_fd; /* goes with the first packet; -1 = none */
    size_t taken;  /* STDIN: bytes written */
    bool watch;    /* stays subscribed after the answer */
};

/* ---- for the performers ---- */

/* How the answer ends: a fault and its detail, which is copied (and cut to what `text` holds). */
void answer_end(struct answer *a, enum fault fault, struct str text);
void answer_end_with(struct answer *a, enum fault fault, const char *text);

/* The n-th process by (group, name), or NULL. Groups may come and go while a slow client takes its answer. */
struct proc *answer_proc_at(struct supervisor *s, size_t n);

/* The one process that the request names; NULL, and the answer ended with BAD_NAME, when it names none or many. */
struct proc *answer_one(struct supervisor *s, struct answer *a);

/* Whether what the request names exists; else the answer is ended with BAD_NAME. */
bool answer_any(struct supervisor *s, struct answer *a);

/* The answer has a row for each process that `row` says true to. */
void answer_rows(struct supervisor *s, struct answer *a,
                 bool (*row)(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row));

/* Notes how the request ended for one process, and the row that tells it. */
void answer_outcome(struct answer *a, struct proc *p, struct outcome o);
bool answer_outcome_row(struct supervisor *s, struct answer *a, size_t n, struct row *ret_row);

/* ---- the performers ---- */

/* One for each verb; the table in requests.c chooses. */
void answer_state(struct supervisor *s, struct answer *a);
void answer_status(struct supervisor *s, struct answer *a);
void answer_watch(struct supervisor *s, struct answer *a);
void answer_why(struct supervisor *s, struct answer *a);
void answer_config(struct supervisor *s, struct answer *a);
void answer_health(struct supervisor *s, struct answer *a);
void answer_start(struct supervisor *s, struct answer *a);
void answer_stop(struct supervisor *s, struct answer *a);
void answer_signal(struct supervisor *s, struct answer *a);
void answer_run(struct supervisor *s, struct answer *a);
void answer_stdin(struct supervisor *s, struct answer *a);
void answer_reread(struct supervisor *s, struct answer *a);
void answer_add(struct supervisor *s, struct answer *a);
void answer_remove(struct supervisor *s, struct answer *a);
void answer_reload(struct supervisor *s, struct answer *a);
void answer_shutdown(struct supervisor *s, struct answer *a);
void answer_log(struct supervisor *s, struct answer *a);
void answer_clear(struct supervisor *s, struct answer *a);
void answer_clearall(struct supervisor *s, struct answer *a);
