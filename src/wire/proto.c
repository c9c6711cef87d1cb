#include "wire/proto.h"
#include <errno.h>
#include <string.h>

#define MAGIC (0x43534c00u | PROTO_VERSION) /* "CSL" and the version */
#define MAGIC_VERSION 0xffu
/* Laid out without holes, so that it can be copied to and from the packet as it stands. */
struct head {
    uint32_t magic;
    uint16_t verb, flags;
    int64_t a, b;
    uint16_t name_len, arg_len;
    uint32_t zero;
};
_Static_assert(sizeof(struct head) == 32, "the request header has no padding");
_Static_assert(FIELD_COUNT < PROTO_MARK, "a field number leaves the two upper bits free");

enum field_type field_type(enum field f)
{
    static const unsigned char types[] = {
        [FIELD_NONE] = TYPE_STR,
#define FIELD(tag, json, type) [FIELD_##tag] = TYPE_##type,
#include "wire/fields.def"
#undef FIELD
    };
    return types[f];
}

const char *field_json(enum field f)
{
    static const char *const names[] = {
        [FIELD_NONE] = "",
#define FIELD(tag, json, type) [FIELD_##tag] = json,
#include "wire/fields.def"
#undef FIELD
    };
    return names[f];
}

bool field_is_list(enum field f)
{
    enum field_type type = field_type(f);

    return type == TYPE_INTS || type == TYPE_STRS;
}

int proto_request_encode(const struct proto_request *r, void *packet, size_t size, size_t *ret_len)
{
    struct head head = {.magic = MAGIC, .a = r->a, .b = r->b};
    uint8_t *out = packet;

    if (size > PROTO_PACKET_MAX)
        size = PROTO_PACKET_MAX;
    if (size < sizeof head || r->name.len > size - sizeof head || r->arg.len > size - sizeof head - r->name.len)
        return -EMSGSIZE;
    head.verb = (uint16_t)r->verb;
    head.flags = (uint16_t)r->flags;
    head.name_len = (uint16_t)r->name.len;
    head.arg_len = (uint16_t)r->arg.len;
    memcpy(out, &head, sizeof head);
    if (r->name.len)
        memcpy(out + sizeof head, r->name.ptr, r->name.len);
    if (r->arg.len)
        memcpy(out + sizeof head + r->name.len, r->arg.ptr, r->arg.len);
    *ret_len = sizeof head + r->name.len + r->arg.len;
    return 0;
}

int proto_request_decode(const void *packet, size_t len, struct proto_request *ret_request)
{
    const char *in = packet;
    struct head head;

    if (len < sizeof head || len > PROTO_PACKET_MAX)
        return -EBADMSG;
    memcpy(&head, in, sizeof head);
    if (head.magic != MAGIC)
        return (head.magic ^ MAGIC) & ~MAGIC_VERSION ? -EBADMSG : -EPROTONOSUPPORT;
    if (head.zero || len != sizeof head + head.name_len + head.arg_len || memchr(in + sizeof head, 0, head.name_len))
        return -EBADMSG;
    if (head.verb == VERB_NONE || head.verb >= VERB_COUNT)
        return -ENOSYS;
    if (head.flags & ~verb_flags(head.verb))
        return -EINVAL;
    *ret_request = (struct proto_request){
        .verb = head.verb,
        .flags = head.flags,
        .a = head.a,
        .b = head.b,
        .name = {in + sizeof head, head.name_len},
        .arg = {in + sizeof head + head.name_len, head.arg_len},
    };
    return 0;
}

static bool put(struct proto_writer *w, unsigned tag, const void *bytes, size_t len)
{
    uint16_t head[2] = {(uint16_t)tag, (uint16_t)len};

    if (w->size - w->used < PROTO_ITEM_HEAD + len)
        return false;
    memcpy(w->buf + w->used, head, PROTO_ITEM_HEAD);
    if (len)
        memcpy(w->buf + w->used + PROTO_ITEM_HEAD, bytes, len);
    w->used += PROTO_ITEM_HEAD + len;
    return true;
}

/* As much of the text behind `*offset` as the packet takes; true when that was the rest. */
static bool put_text(struct proto_writer *w, enum field field, struct str s, size_t *offset)
{
    size_t rest = s.len > *offset ? s.len - *offset : 0;
    size_t room = w->size - w->used;

    if (room >= PROTO_ITEM_HEAD + rest)
        return put(w, field, rest ? s.ptr + *offset : NULL, rest);
    if (room > PROTO_ITEM_HEAD) {
        put(w, field | PROTO_MORE, s.ptr + *offset, room - PROTO_ITEM_HEAD);
        *offset += room - PROTO_ITEM_HEAD;
    }
    return false;
}

static bool put_item(struct proto_writer *w, const struct proto_item *item, size_t *offset)
{
    uint8_t flag = item->i != 0;

    switch (field_type(item->field)) {
    case TYPE_BOOL:
        return put(w, item->field, &flag, sizeof flag);
    case TYPE_INT:
    case TYPE_INTS:
        return put(w, item->field, &item->i, sizeof item->i);
    case TYPE_DOUBLE:
        return put(w, item->field, &item->d, sizeof item->d);
    case TYPE_STR:
    case TYPE_STRS:
        break;
    }
    return put_text(w, item->field, item->s, offset);
}

int proto_put_row(struct proto_writer *w, struct proto_cursor *c, enum proto_mark mark, proto_items *items,
                  void *context)
{
    size_t used_before = w->used;
    bool at_start = c->item == 0 && c->offset == 0;
    struct proto_item item;

    for (; items(context, c->row, c->item, &item); c->item++, c->offset = 0)
        if (!put_item(w, &item, &c->offset))
            goto full;
    if (!put(w, PROTO_MARK | mark, NULL, 0))
        goto full;
    *c = (struct proto_cursor){.row = c->row + 1};
    return 0;
full:
    if (at_start && used_before) { /* behind other rows: try it whole in a packet of its own */
        w->used = used_before;
        *c = (struct proto_cursor){.row = c->row};
    }
    return -EAGAIN;
}

struct array {
    const struct proto_item *items;
    size_t n;
};

static bool array_items(void *context, size_t row, size_t n, struct proto_item *ret_item)
{
    const struct array *a = context;

    (void)row;
    if (n >= a->n)
        return false;
    *ret_item = a->items[n];
    return true;
}

int proto_put_items(struct proto_writer *w, struct proto_cursor *c, enum proto_mark mark,
                    const struct proto_item *items, size_t n)
{
    struct array a = {items, n};

    return proto_put_row(w, c, mark, array_items, &a);
}

int proto_put_end(struct proto_writer *w, int fault, struct str text)
{
    char cut[PROTO_TEXT_MAX];
    struct proto_cursor c = {0};

    if (text.len > sizeof cut) {
        memcpy(cut, text.ptr, sizeof cut);
        memcpy(cut + sizeof cut - 3, "...", 3);
        text = (struct str){cut, sizeof cut};
    }
    struct proto_item items[] = {
        {.field = FIELD_FAULT, .i = fault},
        {.field = FIELD_TEXT, .s = text},
    };
    return proto_put_items(w, &c, MARK_END, items, 2);
}
