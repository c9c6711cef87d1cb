/* Where log bytes go: files that rotate, the container's stdout, devices, syslog (supervisord contract §4; container
 * contract §3, §11; DESIGN, How things flow, 3). Programs that name the same file share one sink. Writing never blocks
 * on a pipe, terminal or socket and never allocates. */
#pragma once
#include "core/program.h"
#include "core/types.h"
#include "core/zone.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct sink;

/* All sinks that are open. Starts zeroed; sinks_finish closes what is left. */
struct sinks {
    struct sink *first;
    struct zone *zone; /* for days and hours; the container's own, loaded when first needed */
};

enum { SINK_PARTS_MAX = 256 };

struct sink_plan {
    const char *path; /* as configured; borrowed during the call. SINK_SYSLOG for /dev/log */
    int64_t maxbytes; /* rotation after the write that reaches this; 0 = never */
    int64_t backups;  /* .1 … .backups; 0 truncates instead */
    enum log_rotate rotate;
    int64_t max_age_ns; /* of rotated files; 0 = keep */
};

#define SINK_SYSLOG "\1syslog"

enum sink_kind {
    SINK_FILE,   /* a regular file of ours: rotates, can be cleared */
    SINK_STREAM, /* our own stdout and the like, pipes, terminals, devices: bytes pass, nothing else */
    SINK_LINES   /* syslog: takes whole lines, each is one message; the caller puts `NAME ` before (contract §4) */
};

/* Opens a sink, or takes another hold of the open one that is the same file, whose rotation becomes the plan's. Rotates
 * a file that is from an earlier period. 0 or -errno. */
int sink_open(struct sinks *all, const struct sink_plan *plan, struct moment now, struct sink **ret_sink);

/* Gives the hold back; the last one closes it. NULL-safe. */
void sink_release(struct sinks *all, struct sink *s);
void sinks_finish(struct sinks *all);

/* What it is; a file that somebody replaced by a fifo is one after sink_reopen. */
enum sink_kind sink_kind(const struct sink *s);

/* How many hold it: above 1, only whole lines may be written. */
unsigned sink_users(const struct sink *s);

/* The path it was opened by. */
const char *sink_path(const struct sink *s);

/* Writes the parts (at most SINK_PARTS_MAX) in order and rotates if that is due. The number of bytes that are dealt
 * with: written, or dropped because the target is broken (see sink_trouble). Fewer than all only when a stream is full;
 * -EAGAIN when it takes none. Then wait for sink_wait_fd to become writable and come again with the rest. */
ssize_t sink_write(struct sink *s, const struct iovec *parts, int parts_n, struct moment now);

/* The descriptor to poll for writability after a short write. */
int sink_wait_fd(const struct sink *s);

/* Once per episode of failing writes or rotations its -errno, else 0: the caller says it in the main log. An episode
 * ends, silently, with the next write that works. */
int sink_trouble(struct sink *s);

/* Whether the last write failed, so that lines are being lost; a failed rotation loses none. */
bool sink_is_losing(const struct sink *s);

/* Bytes dropped since it was opened. */
uint64_t sink_dropped(const struct sink *s);

/* Closes and opens the path anew (SIGUSR2), after somebody moved the file away. Streams: nothing. 0 or -errno, upon
 * which the old file stays open. */
int sink_reopen(struct sink *s, struct moment now);
void sinks_reopen(struct sinks *all, struct moment now);

/* Empties the log as supervisord does: unlinks and opens anew, regular files only; streams stay as they are
 * (supervisord contract §8). 0 or -errno. */
int sink_clear(struct sink *s, struct moment now);

/* A descriptor to read the log from, at byte 0: for clients that follow it. The descriptor, -ESPIPE for what cannot be
 * read again, or -errno. */
int sink_open_for_reading(const struct sink *s);

/* Creates `DIR/NAME-CHANNEL---IDENTIFIER-xxxxxxxx.log` (eight random characters, mode 0600) for a stream whose logfile
 * is AUTO. `ret_path` holds PATH_MAX bytes. 0 or -errno. */
int autolog_create(const char *dir, const char *name, const char *channel, const char *identifier, char *ret_path);

/* Deletes the AUTO logs of this identifier from an earlier life, with their rotations. 0 or -errno of the directory;
 * what cannot be deleted is counted in `*ret_failed` (may be NULL). */
int autolog_clean(const char *dir, const char *identifier, unsigned *ret_failed);

/* Where AUTO logs go without childlogdir: the first of $TMPDIR, $TEMP, $TMP, /tmp, /var/tmp, /usr/tmp and the working
 * directory that can be written. `ret_dir` holds PATH_MAX bytes. 0 or -ENOENT. */
int autolog_directory(char *ret_dir);
