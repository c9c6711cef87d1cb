/* Lines to /dev/log as Python's syslog module sends them: facility user, priority info. */
#include "address.h"
#include "base/num.h"
#include "base/str.h"
#include "core/civil.h"
#include "sink_parts.h"
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { PRIORITY = 1 * 8 + 6, LINE_PARTS_MAX = 64, HEAD_SIZE = 64 };

int syslog_connect(struct sink *s)
{
    struct sockaddr_un address;
    socklen_t len;

    stream_close(&s->stream);
    int rc = unix_address("/dev/log", &address, &len);
    if (rc < 0)
        return rc;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (struct sockaddr *)&address, len) < 0) {
        rc = -errno;
        close(fd);
        return rc;
    }
    s->stream = (struct stream){.fd = fd, .owned = true, .way = WAY_SEND};
    return 0;
}

/* `<14>Nov 24 17:28:05 supervisord: `: the name by which rsyslog's rules know these lines. */
static size_t make_head(struct sink *s, struct moment now, char *ret_head)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int64_t wall_s = now.wall_ns / NS_PER_S;
    struct civil c = civil_from_seconds(wall_s + zone_offset_at(sink_zone(s), wall_s));

    return (size_t)snprintf(ret_head, HEAD_SIZE, "<%d>%.3s %2d %02d:%02d:%02d supervisord: ", PRIORITY,
                            months + (c.month - 1) * 3, c.day, c.hour, c.minute, c.second);
}

/* A daemon that was restarted has a new socket behind the old name. */
static int send_line(struct sink *s, const struct iovec *parts, int parts_n)
{
    ssize_t n = s->stream.fd < 0 ? -ENOTCONN : stream_write(&s->stream, parts, parts_n);
    if (n == -ENOTCONN || n == -ECONNREFUSED || n == -ECONNRESET || n == -ENOENT) {
        int rc = syslog_connect(s);
        if (rc < 0)
            return rc;
        n = stream_write(&s->stream, parts, parts_n);
    }
    return n < 0 ? (int)n : 0;
}

/* The line being gathered from parts, behind its head. */
struct message {
    struct iovec parts[LINE_PARTS_MAX];
    int n;
    size_t bytes; /* of the caller's, newline included */
};

/* Sends what was gathered and begins anew. 0 when it is dealt with, sent or dropped; -EAGAIN. */
static int finish_line(struct sink *s, struct message *m)
{
    int rc = send_line(s, m->parts, m->n);
    if (rc == -EAGAIN)
        return rc;
    sink_note(s, DEED_WRITE, rc);
    if (rc < 0)
        s->dropped += m->bytes;
    m->n = 1;
    m->bytes = 0;
    return 0;
}

/* Takes up to the next newline, or all. True when the line is complete. */
static bool gather(struct message *m, struct str *rest)
{
    const char *end = str_find(*rest, '\n');
    size_t len = end ? (size_t)(end - rest->ptr) : rest->len;
    size_t taken = len + (end != NULL);

    m->parts[m->n++] = (struct iovec){(char *)(uintptr_t)rest->ptr, len};
    m->bytes += taken;
    *rest = (struct str){rest->ptr + taken, rest->len - taken};
    return end || m->n == LINE_PARTS_MAX;
}

ssize_t syslog_write(struct sink *s, const struct iovec *parts, int parts_n, struct moment now)
{
    char head[HEAD_SIZE];
    struct message m = {.parts = {{head, make_head(s, now, head)}}, .n = 1};
    size_t done = 0, bytes;

    for (int i = 0; i < parts_n; i++)
        for (struct str rest = {parts[i].iov_base, parts[i].iov_len}; rest.len > 0;) {
            if (!gather(&m, &rest))
                continue;
            bytes = m.bytes;
            if (finish_line(s, &m) < 0)
                return done > 0 ? (ssize_t)done : -EAGAIN;
            done += bytes;
        }
    bytes = m.bytes;
    if (bytes > 0 && finish_line(s, &m) < 0)
        return done > 0 ? (ssize_t)done : -EAGAIN;
    return (ssize_t)(done + bytes);
}
