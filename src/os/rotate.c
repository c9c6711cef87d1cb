/* Rotation of log files: by size as supervisord's RotatingFileHandler does it (supervisord contract §4), by the clock
 * as container contract §3 and §11 say. A failing rotation never costs the open file. */
#include "base/num.h"
#include "core/civil.h"
#include "dir.h"
#include "sink_parts.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

enum { NAME_SIZE = PATH_MAX + 32, SAME_NAME_MAX = 1000 };

/* ---- a new file in place of the open one ---- */

/* Opens the path anew, empty, with the permissions that the old file had: an AUTO log stays private. */
static int open_empty(struct sink *s)
{
    struct stat old;

    int rc = fstat(s->stream.fd, &old) < 0 ? -errno : sink_attach(s, O_TRUNC);
    if (rc == 0 && s->kind == SINK_FILE)
        fchmod(s->stream.fd, old.st_mode & 07777);
    return rc;
}

static int move(const char *from, const char *to)
{
    return rename(from, to) < 0 && errno != ENOENT ? -errno : 0;
}

/* ---- by size ---- */

static int backup_name(const struct sink *s, int64_t number, char *ret_name)
{
    int n = snprintf(ret_name, NAME_SIZE, "%s.%lld", s->path, (long long)number);
    return n < NAME_SIZE ? 0 : -ENAMETOOLONG;
}

static int shift_backups(const struct sink *s)
{
    char from[NAME_SIZE], to[NAME_SIZE];
    int rc = 0;

    for (int64_t i = s->backups; i > 1 && rc == 0; i--) {
        rc = backup_name(s, i, to);
        if (rc == 0)
            rc = backup_name(s, i - 1, from);
        if (rc == 0)
            rc = move(from, to);
    }
    if (rc == 0)
        rc = backup_name(s, 1, to);
    return rc == 0 ? move(s->path, to) : rc;
}

static int rotate_by_size(struct sink *s)
{
    int rc = s->backups > 0 ? shift_backups(s) : 0;
    return rc == 0 ? open_empty(s) : rc;
}

/* ---- by the clock ---- */

static int64_t period_start(enum log_rotate rotate, int64_t local_s)
{
    int64_t day = local_s - ((local_s % SECONDS_PER_DAY) + SECONDS_PER_DAY) % SECONDS_PER_DAY;

    switch (rotate) {
    case ROTATE_HOURLY:
        return local_s - ((local_s % 3600) + 3600) % 3600;
    case ROTATE_WEEKLY: /* from Monday */
        return day - (civil_weekday(day / SECONDS_PER_DAY) + 6) % 7 * SECONDS_PER_DAY;
    case ROTATE_DAILY:
    case ROTATE_SIZE:
        break;
    }
    return day;
}

static int64_t period_length(enum log_rotate rotate)
{
    return rotate == ROTATE_HOURLY ? 3600 : rotate == ROTATE_WEEKLY ? 7 * SECONDS_PER_DAY : SECONDS_PER_DAY;
}

void rotate_set_period(struct sink *s, int64_t wall_s)
{
    s->period_from_s = INT64_MIN;
    s->period_to_s = INT64_MAX;
    if (s->rotate == ROTATE_SIZE)
        return;
    const struct zone *zone = sink_zone(s);
    int64_t start = period_start(s->rotate, wall_s + zone_offset_at(zone, wall_s));
    s->period_from_s = zone_to_utc(zone, start);
    s->period_to_s = zone_to_utc(zone, start + period_length(s->rotate));
    /* Where the clock is put back an hour at the end of a period, its end is still to come. */
    if (s->period_to_s <= wall_s)
        s->period_to_s = wall_s + 1;
}

/* `PATH.YYYY-MM-DD[-HH]` of the period that holds `wall_s`; behind it a number where that name is taken. */
static int period_name(struct sink *s, int64_t wall_s, char *ret_name)
{
    struct civil c = civil_from_seconds(period_start(s->rotate, wall_s + zone_offset_at(sink_zone(s), wall_s)));
    char hour[8] = "";

    if (s->rotate == ROTATE_HOURLY)
        snprintf(hour, sizeof hour, "-%02d", c.hour);
    int n = snprintf(ret_name, NAME_SIZE, "%s.%04d-%02d-%02d%s", s->path, c.year, c.month, c.day, hour);
    if (n >= NAME_SIZE - 8)
        return -ENAMETOOLONG;
    for (int i = 1; access(ret_name, F_OK) == 0; i++) {
        if (i > SAME_NAME_MAX)
            return -EEXIST;
        snprintf(ret_name + n, (size_t)(NAME_SIZE - n), ".%d", i);
    }
    return 0;
}

static int rotate_by_clock(struct sink *s, int64_t written_s)
{
    char name[NAME_SIZE];

    int rc = period_name(s, written_s, name);
    if (rc == 0)
        rc = move(s->path, name);
    return rc == 0 ? open_empty(s) : rc;
}

/* ---- what is too old ---- */

/* Whether a name is the log's, rotated: `.N`, `.YYYY-MM-DD`, … behind it. */
static bool is_rotated(const char *name, const char *log)
{
    size_t n = strlen(log);

    if (strncmp(name, log, n) != 0 || name[n] != '.' || name[n + 1] == '\0')
        return false;
    return name[n + 1 + strspn(name + n + 1, "0123456789-.")] == '\0';
}

static void delete_old(const struct sink *s, struct moment now)
{
    char parent[PATH_MAX] = ".";
    struct stat st;
    struct dir d;
    const char *name, *slash = strrchr(s->path, '/'), *log = slash ? slash + 1 : s->path;

    if (s->max_age_ns <= 0)
        return;
    if (slash && snprintf(parent, sizeof parent, "%.*s", (int)(slash + 1 - s->path), s->path) >= PATH_MAX)
        return;
    if (dir_open(&d, AT_FDCWD, parent) < 0)
        return;
    while ((name = dir_next(&d)))
        if (is_rotated(name, log) && fstatat(d.fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
            (now.wall_ns - s->max_age_ns) / NS_PER_S > st.st_mtime)
            unlinkat(d.fd, name, 0);
    dir_close(&d);
}

/* ---- when ---- */

void rotate_at_start(struct sink *s, struct moment now)
{
    struct stat st;
    int64_t now_s = now.wall_ns / NS_PER_S;

    rotate_set_period(s, now_s);
    if (s->rotate != ROTATE_SIZE && fstat(s->stream.fd, &st) == 0 && st.st_size > 0 && st.st_mtime < s->period_from_s)
        sink_note(s, DEED_ROTATE, rotate_by_clock(s, st.st_mtime));
    delete_old(s, now);
}

/* The file's period is over, whether anything was written in it or not; an empty file stays. */
void rotate_before_write(struct sink *s, struct moment now)
{
    int64_t now_s = now.wall_ns / NS_PER_S;

    if (now_s < s->period_to_s)
        return;
    if (s->size > 0)
        sink_note(s, DEED_ROTATE, rotate_by_clock(s, s->period_from_s));
    rotate_set_period(s, now_s);
    delete_old(s, now);
}

/* Somebody else may have emptied the file (logrotate's copytruncate): only the file knows how large it is. */
void rotate_after_write(struct sink *s, struct moment now)
{
    struct stat st;

    if (s->maxbytes <= 0 || s->size < s->rotate_at)
        return;
    if (fstat(s->stream.fd, &st) == 0)
        s->size = st.st_size;
    if (s->size < s->rotate_at)
        return;
    int rc = rotate_by_size(s);
    sink_note(s, DEED_ROTATE, rc);
    /* After a failure the next attempt comes only when as much again was written. */
    s->rotate_at = rc < 0 ? num_add_sat(s->size, s->maxbytes) : s->maxbytes;
    delete_old(s, now);
}
