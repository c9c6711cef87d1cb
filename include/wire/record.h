/* Replies of the control protocol (wire/proto.h) as its clients read them: packets in, records out. Uses the heap. */
#pragma once
#include "base/arena.h"
#include "base/buf.h"
#include "wire/proto.h"

/* A larger record is refused. */
#define RECORD_BYTES_MAX (4u << 20)
#define RECORD_ITEMS_MAX 65536u

/* One record. Strings are NUL-terminated behind their length. */
struct record {
    enum proto_mark mark;
    size_t n;
    const struct proto_item *items;
};

struct record_reader {
    struct str packet; /* what is not yet read of the packet fed last; borrowed */
    struct buf bytes;  /* the record's texts */
    struct proto_item *items;
    size_t n, cap;
    bool more;   /* the last item's text goes on */
    bool closed; /* the record was handed out: the next byte starts a new one */
};

/* A reader before its first packet; finish frees what it kept. */
void record_reader_init(struct record_reader *r);
void record_reader_finish(struct record_reader *r);

/* Gives the next packet, which must stay until record_next has said 0. */
void record_feed(struct record_reader *r, const void *packet, size_t len);

/* 1: `ret_record` is the next record, valid until the next call; 0: feed another packet; negative: the reply is broken
 * (-EBADMSG) or too large (-EMSGSIZE, -ENOMEM), and the connection is of no more use. */
int record_next(struct record_reader *r, struct record *ret_record);

/* A copy that lives in the arena. */
struct record *record_keep(struct arena *a, const struct record *r);

/* The first value of the field, or the default: "" for texts (never NULL, NUL-terminated). */
const char *record_text(const struct record *r, enum field f);
struct str record_str(const struct record *r, enum field f);
int64_t record_int(const struct record *r, enum field f, int64_t otherwise);
bool record_bool(const struct record *r, enum field f);
double record_double(const struct record *r, enum field f, double otherwise);
bool record_has(const struct record *r, enum field f);
