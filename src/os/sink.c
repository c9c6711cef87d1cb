#include "os/zones.h"
#include "sink_parts.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* ---- the table ---- */

static struct sink *find_path(const struct sinks *all, const char *path)
{
    struct sink *s = all->first;

    while (s && strcmp(s->path, path) != 0)
        s = s->next;
    return s;
}

static struct sink *find_file(const struct sinks *all, const struct sink *same)
{
    struct sink *s = all->first;

    while (s && (s->kind == SINK_LINES || s->device != same->device || s->inode != same->inode))
        s = s->next;
    return s;
}

static void set_rotation(struct sink *s, const struct sink_plan *plan, struct moment now)
{
    s->maxbytes = s->rotate_at = plan->maxbytes;
    s->backups = plan->backups;
    s->rotate = plan->rotate;
    s->max_age_ns = plan->max_age_ns;
    if (s->kind == SINK_FILE)
        rotate_at_start(s, now);
}

static struct sink *new_sink(struct sinks *all, const char *path)
{
    size_t size = strlen(path) + 1;
    struct sink *s = calloc(1, sizeof *s + size);

    if (!s)
        return NULL;
    s->all = all;
    s->period_to_s = INT64_MAX;
    s->stream.fd = -1;
    memcpy(s->path, path, size);
    return s;
}

static void free_sink(struct sink *s)
{
    stream_close(&s->stream);
    free(s);
}

/* A syslog that is not there is no error: it may come, and supervisord does not ask either. */
static int open_target(struct sink *s)
{
    if (strcmp(s->path, SINK_SYSLOG) != 0)
        return sink_attach(s, 0);
    s->kind = SINK_LINES;
    sink_note(s, DEED_WRITE, syslog_connect(s));
    return 0;
}

int sink_open(struct sinks *all, const struct sink_plan *plan, struct moment now, struct sink **ret_sink)
{
    struct sink *s = find_path(all, plan->path);

    if (!s) {
        s = new_sink(all, plan->path);
        if (!s)
            return -ENOMEM;
        int rc = open_target(s);
        if (rc < 0) {
            free_sink(s);
            return rc;
        }
        struct sink *same = s->kind == SINK_LINES ? NULL : find_file(all, s);
        if (same) {
            free_sink(s);
            s = same;
        } else {
            s->next = all->first;
            all->first = s;
        }
    }
    s->users++;
    set_rotation(s, plan, now);
    *ret_sink = s;
    return 0;
}

void sink_release(struct sinks *all, struct sink *s)
{
    if (!s || --s->users > 0)
        return;
    for (struct sink **at = &all->first; *at; at = &(*at)->next)
        if (*at == s) {
            *at = s->next;
            break;
        }
    free_sink(s);
}

void sinks_finish(struct sinks *all)
{
    while (all->first) {
        struct sink *s = all->first;
        all->first = s->next;
        free_sink(s);
    }
    zone_free(all->zone);
    all->zone = NULL;
}

const struct zone *sink_zone(struct sink *s)
{
    if (!s->all->zone && zone_new(NULL, &s->all->zone) < 0)
        return &zone_utc;
    return s->all->zone;
}

/* ---- what is it ---- */

enum sink_kind sink_kind(const struct sink *s)
{
    return s->kind;
}

unsigned sink_users(const struct sink *s)
{
    return s->users;
}

const char *sink_path(const struct sink *s)
{
    return s->path;
}

int sink_wait_fd(const struct sink *s)
{
    return s->stream.fd;
}

uint64_t sink_dropped(const struct sink *s)
{
    return s->dropped;
}

void sink_note(struct sink *s, enum sink_deed deed, int rc)
{
    if (rc < 0 && !s->failing[deed])
        s->trouble = rc;
    s->failing[deed] = rc < 0;
}

bool sink_is_losing(const struct sink *s)
{
    return s->failing[DEED_WRITE];
}

int sink_trouble(struct sink *s)
{
    int rc = s->trouble;
    s->trouble = 0;
    return rc;
}

/* ---- opening ---- */

/* A fifo is opened for reading, too: it need not have a reader yet, and may lose it without breaking the pipe. */
static int open_path(const char *path, int flags)
{
    const int usual = O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    struct stat st;

    bool fifo = stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
    int fd = open(path, usual | flags | (fifo ? O_RDWR : O_WRONLY | O_CREAT), 0666);
    return fd < 0 ? -errno : fd;
}

static int open_stream(const char *path, int flags, struct stream *ret)
{
    int own = stream_own_fd(path);
    if (own == -EBADF)
        return -EBADF;
    if (own >= 0)
        return stream_adopt(own, ret);
    int fd = open_path(path, flags);
    if (fd < 0)
        return fd;
    stream_take(fd, ret);
    return 0;
}

int sink_attach(struct sink *s, int flags)
{
    struct stream stream;
    struct stat st;

    int rc = open_stream(s->path, flags, &stream);
    if (rc < 0)
        return rc;
    if (fstat(stream.fd, &st) < 0) {
        rc = -errno;
        stream_close(&stream);
        return rc;
    }
    stream_close(&s->stream);
    s->stream = stream;
    s->device = st.st_dev;
    s->inode = st.st_ino;
    s->size = st.st_size;
    /* A regular file that is our stdout was opened by somebody else, for whom it must stay what it is. */
    s->kind = S_ISREG(st.st_mode) && stream.owned ? SINK_FILE : SINK_STREAM;
    return 0;
}

int sink_reopen(struct sink *s, struct moment now)
{
    if (s->kind != SINK_FILE)
        return 0;
    int rc = sink_attach(s, 0);
    if (rc == 0 && s->kind == SINK_FILE)
        rotate_at_start(s, now);
    return rc;
}

void sinks_reopen(struct sinks *all, struct moment now)
{
    for (struct sink *s = all->first; s; s = s->next)
        sink_note(s, DEED_ROTATE, sink_reopen(s, now));
}

int sink_clear(struct sink *s, struct moment now)
{
    if (s->kind != SINK_FILE)
        return 0;
    if (unlink(s->path) < 0 && errno != ENOENT)
        return -errno;
    return sink_reopen(s, now);
}

int sink_open_for_reading(const struct sink *s)
{
    if (s->kind != SINK_FILE)
        return -ESPIPE;
    int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    return fd < 0 ? -errno : fd;
}

/* ---- writing ---- */

static size_t length(const struct iovec *parts, int parts_n)
{
    size_t sum = 0;

    for (int i = 0; i < parts_n; i++)
        sum += parts[i].iov_len;
    return sum;
}

/* The rest of a write that the file took only in part: a disk that fills up. */
static int write_rest(int fd, const struct iovec *parts, int parts_n, size_t *done)
{
    size_t before = 0;

    for (int i = 0; i < parts_n; before += parts[i++].iov_len)
        while (*done < before + parts[i].iov_len) {
            size_t at = *done - before;
            ssize_t n = write(fd, (char *)parts[i].iov_base + at, parts[i].iov_len - at);
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                return n < 0 ? -errno : -ENOSPC;
            *done += (size_t)n;
        }
    return 0;
}

static ssize_t write_file(struct sink *s, const struct iovec *parts, int parts_n, struct moment now)
{
    size_t all = length(parts, parts_n), done = 0;
    int rc = 0;

    rotate_before_write(s, now);
    ssize_t n = writev(s->stream.fd, parts, parts_n);
    if (n > 0)
        done = (size_t)n;
    if (done < all)
        rc = write_rest(s->stream.fd, parts, parts_n, &done);
    s->size += (int64_t)done;
    s->dropped += all - done;
    sink_note(s, DEED_WRITE, rc);
    rotate_after_write(s, now);
    return (ssize_t)all;
}

static ssize_t write_stream(struct sink *s, const struct iovec *parts, int parts_n)
{
    ssize_t n = stream_write(&s->stream, parts, parts_n);
    if (n == -EAGAIN || n == -EINTR)
        return -EAGAIN;
    sink_note(s, DEED_WRITE, n < 0 ? (int)n : 0);
    if (n >= 0)
        return n;
    size_t lost = length(parts, parts_n);
    s->dropped += lost;
    return (ssize_t)lost;
}

ssize_t sink_write(struct sink *s, const struct iovec *parts, int parts_n, struct moment now)
{
    switch (s->kind) {
    case SINK_FILE:
        return write_file(s, parts, parts_n, now);
    case SINK_LINES:
        return syslog_write(s, parts, parts_n, now);
    case SINK_STREAM:
        break;
    }
    return write_stream(s, parts, parts_n);
}
