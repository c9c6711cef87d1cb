/* The control protocol: how ctl, health and the gate talk to PID 1 over one AF_UNIX SOCK_SEQPACKET connection.
 * Bytes and structs only; sockets, credentials and descriptors are the os floor's.
 *
 * REQUEST: one packet of at most PROTO_PACKET_MAX bytes: a fixed header, then the name's and the argument's bytes.
 *   name  what it is about: `name`, `group:name`, `group:*`, or empty for all. A name without colon means group=name.
 *         HEALTH takes several names, one blank between them.
 *   arg   see the table; a, b: numbers, which no verb uses yet.
 *
 * REPLY: items packed into packets of at most PROTO_PACKET_MAX bytes, an item never crossing packets:
 *   item := u16 tag | u16 length | bytes       (host byte order: both ends are the same machine)
 *   A field item holds a value of fields.def: INT and DOUBLE 8 bytes, BOOL 1 byte, STR any bytes. A STR longer than
 *   the packet's rest goes on in the next item, of the same tag; all but its last item carry PROTO_MORE.
 *   A mark item (no bytes) closes the record made of the fields before it:
 *     MARK_RECORD  one row of the answer
 *     MARK_END     the answer is complete; its fields are FAULT (enum fault, SUCCESS when fine) and TEXT: the detail
 *                  alone, `foo` for `BAD_NAME: foo`
 *     MARK_EVENT   a change that WATCH subscribed to; stands between answers, never inside one
 *   Requests of a connection are answered in order, one at a time, and a connection may carry many.
 *   A reply that breaks off (end of file before MARK_END) has failed. A peer that may not command gets NOT_PERMITTED;
 *   while shutting down every command but LOG, WHY and WATCH gets SHUTDOWN_STATE.
 *   A subscriber that does not keep up loses no outcome: of each process that changed meanwhile it hears how it is by
 *   then, once.
 */
/* clang-format off */
/*
 * verb      name      arg, flags   rows before the end
 * STATE                            PID VERSION (cslsup's) IDENTIFICATION STATECODE STATENAME CONFIG_FILE ROLE
 * STATUS    any form               "info", by (group, name): NAME … DESCRIPTION of getProcessInfo, then PROGRAM READY
 *                                  RESTARTS REASON ESSENTIAL ONESHOT JOB DONE; PENDING while a request has not changed
 *                                  the state yet; NEXT_RUN of a job that is due; EXIT_CODE and SIGNAL once it has ended
 * HEALTH    names     LIVE         first READY LIVE STARTING TEXT (the one line), then a row for each culprit: PROGRAM
 *                                  STATE_WORD REASON. The end's FAULT is SUCCESS or FAILED; BAD_NAME has no row
 * CONFIG                           getAllConfigInfo's names, by name
 * WATCH     any form               as STATUS; after the end each change as an event: the info of the process after it,
 *                                  and EVENT. Unknown names give no fault: they may be added later
 * WHY       any form               NAME GROUP STATENAME EXITS UNWANTED EXIT_CODE SIGNAL UPTIME STOP REASON LINES*
 * START     any form               "outcomes": NAME GROUP STATUS DESCRIPTION PENDING
 * STOP      any form               outcomes
 * SIGNAL    any form  the signal   outcomes
 * RUN       one                    one outcome
 * REREAD                           rows of ADDED* CHANGED* REMOVED*: one list of each when taken together
 * ADD       group                  none
 * REMOVE    group                  none
 * RELOAD                           none; the end comes once the configuration has loaded
 * SHUTDOWN                         none
 * LOG       one, ""   STDERR       PATH SIZE; the open, readable file travels by SCM_RIGHTS with the first packet.
 *                                  Empty name: the main log. Not seekable, or none: NO_FILE
 * CLEAR     one                    none
 * CLEARALL                         outcomes
 * STDIN     one       the bytes    SIZE: how many were taken (the rest would block)
 */
/* clang-format on */
/* Outcomes come for the processes that the call applied to: a running process of `group:*` is not in START's answer,
 * while START of one name that runs ends with FAULT ALREADY_STARTED and no row. DESCRIPTION is `OK` or the fault's
 * text. PENDING says that the request is accepted and its end not yet reached: **long waits live in the client**,
 * which sends WATCH with the same name first, then the request, and reads on; the first events may still tell of what
 * went on before, for the server takes turns. A start is over at RUNNING (started), at SPAWNERR not empty
 * (SPAWN_ERROR), at any state but STARTING (ABNORMAL_TERMINATION); a stop at a stopped state; a run at EXITED or FATAL,
 * with EXIT_CODE. */
#pragma once
#include "base/str.h"
#include "core/verbs.h"
#include <stdint.h>

#define PROTO_VERSION 1
#define PROTO_PACKET_MAX 4096
/* Longest TEXT of an end; a longer one is cut and ends in "...". */
#define PROTO_TEXT_MAX 4000
/* An item's head, and the upper bits of its tag. */
#define PROTO_ITEM_HEAD 4
#define PROTO_MORE 0x8000u
#define PROTO_MARK 0x4000u

enum field {
    FIELD_NONE,
#define FIELD(tag, json, type) FIELD_##tag,
#include "wire/fields.def"
#undef FIELD
    FIELD_COUNT
};

enum field_type { TYPE_INT, TYPE_BOOL, TYPE_DOUBLE, TYPE_STR, TYPE_INTS, TYPE_STRS };

/* `f` must be a field (1..FIELD_COUNT-1). */
enum field_type field_type(enum field f);
const char *field_json(enum field f);
bool field_is_list(enum field f);

/* One field's value: `i` for INT(S) and BOOL (0 or 1), `d` for DOUBLE, `s` for STR(S). */
struct proto_item {
    enum field field;
    union {
        int64_t i;
        double d;
        struct str s;
    };
};

enum proto_mark { MARK_RECORD, MARK_EVENT, MARK_END };

/* ---- requests ---- */

struct proto_request {
    enum verb verb;
    unsigned flags; /* enum verb_flag */
    int64_t a, b;
    struct str name, arg;
};

/* Encodes into `packet`, which holds `size` bytes. 0, or -EMSGSIZE (name and arg too long together). */
int proto_request_encode(const struct proto_request *r, void *packet, size_t size, size_t *ret_len);

/* Decodes one packet; name and arg borrow from it and are not NUL-terminated. 0, or -EBADMSG (no request of ours, or a
 * NUL in the name), -EPROTONOSUPPORT (another PROTO_VERSION), -ENOSYS (unknown verb), -EINVAL (a flag that the verb
 * does not know). */
int proto_request_decode(const void *packet, size_t len, struct proto_request *ret_request);

/* ---- replies: the writer, for PID 1: no allocation, can stop at any byte and go on later ---- */

/* The packet being filled. Send `buf[0..used)` when a put says -EAGAIN or the reply is complete, then zero `used`. */
struct proto_writer {
    uint8_t *buf;
    size_t size; /* at least 64; PROTO_PACKET_MAX */
    size_t used;
};

/* Where an answer of many rows stands: zero at the start. */
struct proto_cursor {
    size_t row;    /* next row */
    size_t item;   /* … its next item */
    size_t offset; /* … of whose text so many bytes are already sent */
};

/* Yields item `n` (from 0) of row `row`, borrowed until the next call; false behind the last item. */
typedef bool proto_items(void *context, size_t row, size_t n, struct proto_item *ret_item);

/* Puts the rest of row `c->row` and its mark. 0: done, `c` is at the next row. -EAGAIN: the packet is full; send it
 * and call again. A row that fits one packet is never spread over two, so only rows of more than a packet (texts that
 * stay the same as long as the configuration) are asked for again half way. */
int proto_put_row(struct proto_writer *w, struct proto_cursor *c, enum proto_mark mark, proto_items *items,
                  void *context);

/* A row given as an array. Same answers. */
int proto_put_items(struct proto_writer *w, struct proto_cursor *c, enum proto_mark mark,
                    const struct proto_item *items, size_t n);

/* Puts the end of a reply. 0, or -EAGAIN: send the packet and call again. */
int proto_put_end(struct proto_writer *w, int fault, struct str text);
