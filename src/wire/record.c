#include "wire/record.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void record_reader_init(struct record_reader *r)
{
    *r = (struct record_reader){0};
    buf_init(&r->bytes, RECORD_BYTES_MAX);
}

void record_reader_finish(struct record_reader *r)
{
    buf_finish(&r->bytes);
    free(r->items);
    *r = (struct record_reader){0};
}

void record_feed(struct record_reader *r, const void *packet, size_t len)
{
    r->packet = (struct str){packet, len};
}

static bool is_text(enum field f)
{
    enum field_type type = field_type(f);

    return type == TYPE_STR || type == TYPE_STRS;
}

/* A new item, zeroed. NULL: no memory, or too many. */
static struct proto_item *push(struct record_reader *r)
{
    if (r->n == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 64;
        struct proto_item *items = cap > RECORD_ITEMS_MAX ? NULL : realloc(r->items, cap * sizeof *items);

        if (!items)
            return NULL;
        r->items = items;
        r->cap = cap;
    }
    return memset(&r->items[r->n++], 0, sizeof *r->items);
}

/* A text, or its next part. Until the record is complete `bytes` may move, so `s.ptr` stays NULL and only the length
 * is kept: texts lie in `bytes` in the order of the items, a NUL behind each. */
static int take_text(struct record_reader *r, struct proto_item *item, struct str value, bool more)
{
    if (more && value.len == 0)
        return -EBADMSG;
    item->s.len += value.len;
    r->more = more;
    if (buf_add_str(&r->bytes, value) < 0 || (!more && buf_add_char(&r->bytes, 0) < 0))
        return -EMSGSIZE;
    return 0;
}

static int take_number(struct proto_item *item, struct str value, bool more)
{
    uint8_t flag;

    if (more)
        return -EBADMSG;
    if (field_type(item->field) != TYPE_BOOL) {
        if (value.len != sizeof item->i)
            return -EBADMSG;
        memcpy(&item->i, value.ptr, sizeof item->i); /* INT or DOUBLE: the same eight bytes */
        return 0;
    }
    if (value.len != sizeof flag)
        return -EBADMSG;
    memcpy(&flag, value.ptr, sizeof flag);
    item->i = flag;
    return flag > 1 ? -EBADMSG : 0;
}

static int take_field(struct record_reader *r, unsigned tag, struct str value)
{
    bool more = tag & PROTO_MORE;
    enum field field = tag & ~PROTO_MORE;
    struct proto_item *item;

    if (field == FIELD_NONE || field >= FIELD_COUNT)
        return -EBADMSG;
    if (r->more) {
        item = &r->items[r->n - 1];
        return item->field == field ? take_text(r, item, value, more) : -EBADMSG;
    }
    item = push(r);
    if (!item)
        return -EMSGSIZE;
    item->field = field;
    return is_text(field) ? take_text(r, item, value, more) : take_number(item, value, more);
}

static int take_mark(struct record_reader *r, unsigned tag, struct str value, struct record *ret_record)
{
    unsigned mark = tag & ~PROTO_MARK;
    const char *text = r->bytes.ptr;

    if (r->more || value.len || mark > MARK_END)
        return -EBADMSG;
    for (size_t i = 0; i < r->n; i++) {
        struct proto_item *item = &r->items[i];

        if (is_text(item->field)) {
            item->s.ptr = text;
            text += item->s.len + 1;
        }
    }
    *ret_record = (struct record){mark, r->n, r->items};
    r->closed = true;
    return 1;
}

int record_next(struct record_reader *r, struct record *ret_record)
{
    int rc = 0;

    if (r->closed) {
        buf_clear(&r->bytes);
        r->n = 0;
        r->closed = false;
    }
    while (rc == 0 && r->packet.len) {
        uint16_t head[2];
        struct str value;

        if (r->packet.len < PROTO_ITEM_HEAD)
            return -EBADMSG;
        memcpy(head, r->packet.ptr, PROTO_ITEM_HEAD);
        if (head[1] > r->packet.len - PROTO_ITEM_HEAD)
            return -EBADMSG;
        value = (struct str){r->packet.ptr + PROTO_ITEM_HEAD, head[1]};
        r->packet.ptr += PROTO_ITEM_HEAD + value.len;
        r->packet.len -= PROTO_ITEM_HEAD + value.len;
        rc = head[0] & PROTO_MARK ? take_mark(r, head[0], value, ret_record) : take_field(r, head[0], value);
    }
    return rc;
}

struct record *record_keep(struct arena *a, const struct record *r)
{
    struct record *copy = arena_alloc(a, sizeof *copy);
    struct proto_item *items = arena_alloc(a, (r->n ? r->n : 1) * sizeof *items);

    for (size_t i = 0; i < r->n; i++) {
        items[i] = r->items[i];
        if (is_text(items[i].field))
            items[i].s.ptr = arena_str(a, items[i].s);
    }
    *copy = (struct record){r->mark, r->n, items};
    return copy;
}

static const struct proto_item *find(const struct record *r, enum field f)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->items[i].field == f)
            return &r->items[i];
    return NULL;
}

struct str record_str(const struct record *r, enum field f)
{
    const struct proto_item *item = find(r, f);

    return item ? item->s : STR("");
}

const char *record_text(const struct record *r, enum field f)
{
    return record_str(r, f).ptr;
}

int64_t record_int(const struct record *r, enum field f, int64_t otherwise)
{
    const struct proto_item *item = find(r, f);

    return item ? item->i : otherwise;
}

bool record_bool(const struct record *r, enum field f)
{
    return record_int(r, f, 0) != 0;
}

double record_double(const struct record *r, enum field f, double otherwise)
{
    const struct proto_item *item = find(r, f);

    return item ? item->d : otherwise;
}

bool record_has(const struct record *r, enum field f)
{
    return find(r, f) != NULL;
}
