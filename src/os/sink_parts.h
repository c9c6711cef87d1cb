/* What a sink is made of: sink.c holds the table of them and writes, rotate.c is about files, syslog.c about lines.
 * Inside the os floor only. */
#pragma once
#include "os/sink.h"
#include "stream.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* What can fail, each in episodes of its own. */
enum sink_deed { DEED_WRITE, DEED_ROTATE, DEED_COUNT };

struct sink {
    struct sink *next;
    struct sinks *all;
    unsigned users;
    enum sink_kind kind;
    struct stream stream;
    dev_t device; /* of the open file: the identity of a sink */
    ino_t inode;

    /* SINK_FILE */
    int64_t size, maxbytes, backups;
    int64_t rotate_at; /* the size that does it: maxbytes, more after a failure */
    enum log_rotate rotate;
    int64_t max_age_ns;
    int64_t period_from_s, period_to_s; /* the file's period, UTC; period_to_s is INT64_MAX without one */

    bool failing[DEED_COUNT];
    int trouble;
    uint64_t dropped;
    char path[];
};

/* Notes how a deed went: 0 ends an episode of failures, -errno begins or goes on with one. */
void sink_note(struct sink *s, enum sink_deed deed, int rc);

/* local - UTC of the log's zone. */
const struct zone *sink_zone(struct sink *s);

/* Opens the path as a file or stream, in place of what the sink has open; `flags` beside the usual. 0 or -errno, upon
 * which the sink is as before. */
int sink_attach(struct sink *s, int flags);

/* Sets the period that holds `wall_s`. */
void rotate_set_period(struct sink *s, int64_t wall_s);

/* At the opening: rotates what is from an earlier period, deletes what is too old, and sets the period. */
void rotate_at_start(struct sink *s, struct moment now);

/* Before a write: rotates when the period is over. After one: when the file is large enough. */
void rotate_before_write(struct sink *s, struct moment now);
void rotate_after_write(struct sink *s, struct moment now);

/* Connects to /dev/log. 0 or -errno. */
int syslog_connect(struct sink *s);

/* Sends the lines in the parts, each a message, as far as the socket takes them; what cannot be sent is dropped and
 * noted. Bytes or -EAGAIN. */
ssize_t syslog_write(struct sink *s, const struct iovec *parts, int parts_n, struct moment now);
