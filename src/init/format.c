#include "init/format.h"
#include "base/num.h"
#include "wire/json.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

bool format_is_raw(const struct format *f)
{
    return f->kind == FORMAT_RAW && f->prefix[0] == '\0';
}

/* RFC 3339 with milliseconds and the zone's offset. */
static struct str time_text(struct moment now, char *text, size_t size)
{
    time_t seconds = now.wall_ns / NS_PER_S;
    struct tm local = {0};
    char zone[8] = "+0000";

    localtime_r(&seconds, &local);
    size_t n = strftime(text, size, "%Y-%m-%dT%H:%M:%S", &local);
    strftime(zone, sizeof zone, "%z", &local);
    snprintf(text + n, size - n, ".%03d%.3s:%.2s", (int)(now.wall_ns / NS_PER_MS % 1000), zone, zone + 3);
    return str_from(text);
}

struct fill {
    char *text;
    size_t size, len;
    bool full;
};

static void add(struct fill *to, struct str s)
{
    if (to->full || s.len > to->size - to->len) {
        to->full = true;
        return;
    }
    if (s.len)
        memcpy(to->text + to->len, s.ptr, s.len);
    to->len += s.len;
}

/* `{name}` and its kin; what is no placeholder stays as it is. The length of the placeholder, 0 for none. */
static size_t add_placeholder(const struct format *f, const char *at, struct moment now, struct fill *to)
{
    char stamp[48], pid[16];
    struct str s;

    snprintf(pid, sizeof pid, "%d", f->pid);
    const struct {
        const char *word, *value;
    } words[] = {{"{name}", f->name}, {"{group}", f->group}, {"{stream}", f->stream}, {"{pid}", pid}, {"{time}", NULL}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i].word);
        if (strncmp(at, words[i].word, n) != 0)
            continue;
        s = words[i].value ? str_from(words[i].value) : time_text(now, stamp, sizeof stamp);
        add(to, s);
        return n;
    }
    return 0;
}

static void add_prefix(const struct format *f, struct moment now, struct fill *to)
{
    for (const char *at = f->prefix; *at;) {
        size_t n = *at == '{' ? add_placeholder(f, at, now, to) : 0;
        if (n == 0) {
            add(to, (struct str){at, 1});
            n = 1;
        }
        at += n;
    }
}

/* A line too long for one object becomes several (container contract §11, Logs). */
static void add_json(const struct format *f, struct str line, struct moment now, struct fill *to)
{
    char stamp[48];
    struct json_log log = {time_text(now, stamp, sizeof stamp), str_from(f->name), str_from(f->stream), f->pid};

    do {
        size_t n = json_log_line(to->text + to->len, to->size - to->len, &log, &line);
        if (n == 0) {
            to->full = true;
            return;
        }
        to->len += n;
    } while (line.len);
}

size_t format_line(const struct format *f, struct str line, struct moment now, char *ret_text, size_t size)
{
    struct fill to = {.text = ret_text, .size = size};

    if (f->kind == FORMAT_JSON) {
        add_json(f, line, now, &to);
    } else {
        add_prefix(f, now, &to);
        add(&to, line);
        add(&to, STR("\n"));
    }
    return to.full ? 0 : to.len;
}
