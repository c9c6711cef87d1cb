#include "os/zones.h"
#include "os/pages.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 128 * 1024 };

/* A zone and its table in one piece of memory. */
struct loaded {
    struct zone zone;
    struct zone_shift shifts[];
};

/* What reading a file takes, given back at once: by the page, so that it never becomes part of PID 1's heap. */
struct workspace {
    struct zone_shift shifts[ZONE_SHIFTS_MAX];
    char bytes[FILE_BYTES_MAX];
};

static int keep(const struct zone *z, struct zone **ret_zone)
{
    struct loaded *l = malloc(sizeof *l + z->n * sizeof *l->shifts);
    if (!l)
        return -ENOMEM;
    l->zone = *z;
    l->zone.shifts = l->shifts;
    l->zone.cap = z->n;
    if (z->n > 0)
        memcpy(l->shifts, z->shifts, z->n * sizeof *l->shifts);
    *ret_zone = &l->zone;
    return 0;
}

static int read_file(const char *path, char *bytes, size_t *ret_len)
{
    struct stat st;
    size_t len = 0;
    ssize_t n = 0;

    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    int rc = fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) && st.st_size <= FILE_BYTES_MAX ? 0 : -EINVAL;
    while (rc == 0 && len < FILE_BYTES_MAX && (n = read(fd, bytes + len, FILE_BYTES_MAX - len)) > 0)
        len += (size_t)n;
    close(fd);
    *ret_len = len;
    return rc == 0 && n < 0 ? -EIO : rc;
}

static int load_file(const char *path, struct zone **ret_zone)
{
    size_t len = 0;

    struct workspace *w = os_pages(sizeof *w);
    if (!w)
        return -ENOMEM;
    struct zone zone = {.shifts = w->shifts, .cap = ZONE_SHIFTS_MAX};
    int rc = read_file(path, w->bytes, &len);
    if (rc == 0)
        rc = zone_from_tzif(w->bytes, len, &zone);
    if (rc == 0)
        rc = keep(&zone, ret_zone);
    os_pages_free(w, sizeof *w);
    return rc;
}

/* Neither outside of the tree of zones nor a file in it that is no zone by its name. */
static bool is_name(const char *name)
{
    if (*name == '\0' || *name == '/' || strstr(name, ".."))
        return false;
    for (; *name; name++)
        if (*name <= ' ' || *name > '~' || *name == '\\')
            return false;
    return true;
}

static int load_name(const char *name, struct zone **ret_zone)
{
    static const char *const trees[] = {"/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo"};
    char path[PATH_MAX];
    int rc = -ENOENT;

    if (!is_name(name))
        return -EINVAL;
    for (size_t i = 0; i < sizeof trees / sizeof *trees && rc == -ENOENT; i++) {
        if (snprintf(path, sizeof path, "%s/%s", trees[i], name) >= PATH_MAX)
            return -ENAMETOOLONG;
        rc = load_file(path, ret_zone);
    }
    return rc == -ENOTDIR || rc == -EISDIR ? -ENOENT : rc;
}

static int load_posix(const char *text, struct zone **ret_zone)
{
    struct zone zone = {0};

    int rc = zone_from_posix(str_from(text), &zone);
    return rc == 0 ? keep(&zone, ret_zone) : rc;
}

static int load_utc(struct zone **ret_zone)
{
    return keep(&zone_utc, ret_zone);
}

/* $TZ: `Europe/Berlin`, `:Europe/Berlin`, a path, or a POSIX rule, which a file of the same name beats. */
static int load_own(struct zone **ret_zone)
{
    const char *tz = getenv("TZ");

    if (!tz)
        return load_file("/etc/localtime", ret_zone);
    if (*tz == ':')
        tz++;
    if (*tz == '/')
        return load_file(tz, ret_zone);
    int rc = load_name(tz, ret_zone);
    return rc < 0 && rc != -ENOMEM ? load_posix(tz, ret_zone) : rc;
}

int zone_new(const char *name, struct zone **ret_zone)
{
    if (name && strcmp(name, "UTC") == 0)
        return load_utc(ret_zone);
    if (name)
        return load_name(name, ret_zone);
    int rc = load_own(ret_zone);
    return rc < 0 && rc != -ENOMEM ? load_utc(ret_zone) : rc;
}

void zone_free(struct zone *zone)
{
    if (zone)
        free((char *)zone - offsetof(struct loaded, zone));
}
