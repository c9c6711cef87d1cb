#include "ctl/edit.h"
#include "ctl/cells.h"
#include <stdint.h>
#include <string.h>

void edit_init(struct edit *e, const struct history *history)
{
    e->len = e->cursor = e->key_len = 0;
    e->text[0] = e->draft[0] = e->killed[0] = '\0';
    e->history = history;
    e->shown = history->n;
}

/* Where the character before or after the cursor begins or ends. */
static size_t before(const struct edit *e)
{
    size_t at = e->cursor;

    while (at > 0 && ((unsigned char)e->text[--at] & 0xc0) == 0x80)
        ;
    return at;
}

static size_t after(const struct edit *e)
{
    size_t at = e->cursor;

    if (at < e->len)
        at++;
    while (at < e->len && ((unsigned char)e->text[at] & 0xc0) == 0x80)
        at++;
    return at;
}

static size_t word_before(const struct edit *e)
{
    size_t at = e->cursor;

    while (at > 0 && e->text[at - 1] == ' ')
        at--;
    while (at > 0 && e->text[at - 1] != ' ')
        at--;
    return at;
}

static size_t word_after(const struct edit *e)
{
    size_t at = e->cursor;

    while (at < e->len && e->text[at] == ' ')
        at++;
    while (at < e->len && e->text[at] != ' ')
        at++;
    return at;
}

static enum edit_event move(struct edit *e, size_t to)
{
    if (to == e->cursor)
        return EDIT_BELL;
    e->cursor = to;
    return EDIT_MORE;
}

static enum edit_event erase(struct edit *e, size_t from, size_t to)
{
    if (from == to)
        return EDIT_BELL;
    memmove(e->text + from, e->text + to, e->len - to + 1);
    e->len -= to - from;
    e->cursor = from;
    return EDIT_MORE;
}

static enum edit_event kill(struct edit *e, size_t from, size_t to)
{
    if (from == to)
        return EDIT_BELL;
    memcpy(e->killed, e->text + from, to - from);
    e->killed[to - from] = '\0';
    return erase(e, from, to);
}

bool edit_insert(struct edit *e, struct str s)
{
    if (s.len > sizeof e->text - 1 - e->len)
        return false;
    memmove(e->text + e->cursor + s.len, e->text + e->cursor, e->len - e->cursor + 1);
    memcpy(e->text + e->cursor, s.ptr, s.len);
    e->len += s.len;
    e->cursor += s.len;
    return true;
}

/* Shows history line `to`; the line being written is kept aside and comes back behind the newest one. A remembered
 * line longer than a line can be (another program wrote the file) is not shown. */
static enum edit_event show(struct edit *e, size_t to)
{
    if (to > e->history->n)
        return EDIT_BELL;
    const char *line = to == e->history->n ? e->draft : e->history->lines[to];
    size_t len = strlen(line);
    if (len >= sizeof e->text)
        return EDIT_BELL;
    if (e->shown == e->history->n)
        memcpy(e->draft, e->text, e->len + 1);
    memcpy(e->text, line, len + 1);
    e->len = e->cursor = len;
    e->shown = to;
    return EDIT_MORE;
}

typedef enum edit_event command(struct edit *e);

static enum edit_event left(struct edit *e)
{
    return move(e, before(e));
}

static enum edit_event right(struct edit *e)
{
    return move(e, after(e));
}

static enum edit_event to_start(struct edit *e)
{
    return move(e, 0);
}

static enum edit_event to_end(struct edit *e)
{
    return move(e, e->len);
}

static enum edit_event word_left(struct edit *e)
{
    return move(e, word_before(e));
}

static enum edit_event word_right(struct edit *e)
{
    return move(e, word_after(e));
}

static enum edit_event older(struct edit *e)
{
    return e->shown ? show(e, e->shown - 1) : EDIT_BELL;
}

static enum edit_event newer(struct edit *e)
{
    return e->shown < e->history->n ? show(e, e->shown + 1) : EDIT_BELL;
}

static enum edit_event backspace(struct edit *e)
{
    return erase(e, before(e), e->cursor);
}

static enum edit_event erase_next(struct edit *e)
{
    return erase(e, e->cursor, after(e));
}

static enum edit_event erase_or_eof(struct edit *e)
{
    return e->len ? erase_next(e) : EDIT_EOF;
}

static enum edit_event kill_to_end(struct edit *e)
{
    return kill(e, e->cursor, e->len);
}

static enum edit_event kill_to_start(struct edit *e)
{
    return kill(e, 0, e->cursor);
}

static enum edit_event kill_word(struct edit *e)
{
    return kill(e, word_before(e), e->cursor);
}

static enum edit_event kill_next_word(struct edit *e)
{
    return kill(e, e->cursor, word_after(e));
}

static enum edit_event yank(struct edit *e)
{
    return e->killed[0] && edit_insert(e, str_from(e->killed)) ? EDIT_MORE : EDIT_BELL;
}

/* Moves the character before the cursor behind the one at it. */
static enum edit_event transpose(struct edit *e)
{
    char moved[8];

    if (e->cursor == e->len && e->cursor > 0)
        e->cursor = before(e);
    size_t from = before(e), n = e->cursor - from, to = after(e);
    if (n == 0 || to == e->cursor || n > sizeof moved)
        return EDIT_BELL;
    memcpy(moved, e->text + from, n);
    memmove(e->text + from, e->text + e->cursor, to - e->cursor);
    memcpy(e->text + to - n, moved, n);
    e->cursor = to;
    return EDIT_MORE;
}

static enum edit_event enter(struct edit *e)
{
    (void)e;
    return EDIT_LINE;
}

static enum edit_event interrupt(struct edit *e)
{
    (void)e;
    return EDIT_INTERRUPT;
}

static enum edit_event complete(struct edit *e)
{
    (void)e;
    return EDIT_COMPLETE;
}

static enum edit_event redraw(struct edit *e)
{
    (void)e;
    return EDIT_REDRAW;
}

static const struct {
    const char *key;
    command *run;
} bindings[] = {
    {"\x01", to_start},        {"\x02", left},           {"\x03", interrupt},
    {"\x04", erase_or_eof},    {"\x05", to_end},         {"\x06", right},
    {"\x08", backspace},       {"\t", complete},         {"\n", enter},
    {"\x0b", kill_to_end},     {"\x0c", redraw},         {"\r", enter},
    {"\x0e", newer},           {"\x10", older},          {"\x14", transpose},
    {"\x15", kill_to_start},   {"\x17", kill_word},      {"\x19", yank},
    {"\x7f", backspace},       {"\033[A", older},        {"\033[B", newer},
    {"\033[C", right},         {"\033[D", left},         {"\033[H", to_start},
    {"\033[F", to_end},        {"\033[1~", to_start},    {"\033[3~", erase_next},
    {"\033[4~", to_end},       {"\033[7~", to_start},    {"\033[8~", to_end},
    {"\033[1;5C", word_right}, {"\033[1;5D", word_left}, {"\033[1;3C", word_right},
    {"\033[1;3D", word_left},  {"\033OA", older},        {"\033OB", newer},
    {"\033OC", right},         {"\033OD", left},         {"\033OH", to_start},
    {"\033OF", to_end},        {"\033b", word_left},     {"\033f", word_right},
    {"\033d", kill_next_word}, {"\033\x7f", kill_word},
};

/* Bytes of the character that `lead` begins; 1 for what begins none. */
static size_t character_length(unsigned char lead)
{
    if (lead >= 0xf0)
        return 4;
    if (lead >= 0xe0)
        return 3;
    return lead >= 0xc2 ? 2 : 1;
}

/* Whether the bytes so far are a whole key: a control sequence ends with a byte from @ to ~, an alt key after two
 * bytes, a character after as many as its first byte says. */
static bool key_is_whole(const struct edit *e)
{
    size_t n = e->key_len;

    if (e->key[0] != 0x1b)
        return n >= character_length(e->key[0]);
    if (n < 2)
        return false;
    if (e->key[1] == '[')
        return n > 2 && e->key[n - 1] >= '@' && e->key[n - 1] <= '~';
    return e->key[1] != 'O' || n == 3;
}

enum edit_event edit_feed(struct edit *e, unsigned char byte)
{
    bool in_character = e->key_len && e->key[0] != 0x1b;

    if ((in_character && (byte & 0xc0) != 0x80) || e->key_len == sizeof e->key)
        e->key_len = 0; /* the unfinished key was rubbish: it is dropped, this byte counts */
    e->key[e->key_len++] = byte;
    if (!key_is_whole(e))
        return EDIT_MORE;
    struct str key = {(const char *)e->key, e->key_len};
    e->key_len = 0;
    for (size_t i = 0; i < sizeof bindings / sizeof *bindings; i++)
        if (str_is(key, bindings[i].key))
            return bindings[i].run(e);
    if ((unsigned char)key.ptr[0] < ' ')
        return EDIT_BELL;
    return edit_insert(e, key) ? EDIT_MORE : EDIT_BELL;
}

/* The longest run of whole characters from `from` on that fits in `cells`. */
static struct str fitting(const struct edit *e, size_t from, size_t cells)
{
    struct str rest = {e->text + from, e->len - from};
    size_t used = 0;

    while (rest.len) {
        struct str next = rest;
        used += cells_take(&next);
        if (used > cells)
            break;
        rest = next;
    }
    return (struct str){e->text + from, e->len - from - rest.len};
}

/* The first byte to show so that the cursor, with one cell to stand on, is seen. */
static size_t scrolled(const struct edit *e, size_t cells)
{
    struct str shown = {e->text, e->cursor};

    for (size_t width = cells_width(shown); shown.len && width + 1 > cells;)
        width -= cells_take(&shown);
    return (size_t)(shown.ptr - e->text);
}

void edit_render(const struct edit *e, struct str prompt, unsigned columns, struct buf *ret_bytes)
{
    size_t used = cells_width(prompt);
    size_t cells = columns > used + 8 ? columns - used : 8;
    size_t from = scrolled(e, cells);
    struct str before_cursor = {e->text + from, e->cursor - from};

    buf_add_char(ret_bytes, '\r');
    buf_add_str(ret_bytes, prompt);
    buf_add_str(ret_bytes, fitting(e, from, cells - 1));
    buf_add_text(ret_bytes, "\033[K\r");
    used += cells_width(before_cursor);
    if (used)
        buf_printf(ret_bytes, "\033[%zuC", used);
}
