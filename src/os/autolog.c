/* AUTO log files: names nobody chose (supervisord contract §4). */
#include "base/str.h"
#include "dir.h"
#include "os/sink.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

enum { RANDOM_CHARS = 8, ATTEMPTS = 100 };

static int random_text(char *ret_text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_"; /* Python's tempfile */
    unsigned char bytes[RANDOM_CHARS];

    if (getrandom(bytes, sizeof bytes, GRND_NONBLOCK) != sizeof bytes)
        return -EAGAIN;
    for (int i = 0; i < RANDOM_CHARS; i++)
        ret_text[i] = letters[bytes[i] % (sizeof letters - 1)];
    ret_text[RANDOM_CHARS] = '\0';
    return 0;
}

int autolog_create(const char *dir, const char *name, const char *channel, const char *identifier, char *ret_path)
{
    char path[PATH_MAX], random[RANDOM_CHARS + 1];

    for (int i = 0; i < ATTEMPTS; i++) {
        int rc = random_text(random);
        if (rc < 0)
            return rc;
        if (snprintf(path, sizeof path, "%s/%s-%s---%s-%s.log", dir, name, channel, identifier, random) >= PATH_MAX)
            return -ENAMETOOLONG;
        int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0 && errno == EEXIST)
            continue;
        if (fd < 0)
            return -errno;
        close(fd);
        memcpy(ret_path, path, sizeof path);
        return 0;
    }
    return -EEXIST;
}

/* supervisord's pattern `.+?---IDENTIFIER-\S+\.log\.{0,1}\d{0,4}` in its two particulars: the identifier is a regular
 * expression, of which `.` is the one that names have, and nothing is asked of what follows `.log`. */
static bool matches_identifier(const char *text, const char *identifier)
{
    for (; *identifier; identifier++, text++)
        if (*text == '\0' || (*identifier != '.' && *identifier != *text))
            return false;
    return true;
}

static bool is_autolog(const char *name, const char *identifier)
{
    size_t n = strlen(identifier);

    for (const char *at = strstr(name, "---"); at; at = strstr(at + 1, "---")) {
        const char *rest = at + 3;
        if (at == name || !matches_identifier(rest, identifier) || rest[n] != '-')
            continue;
        const char *random = rest + n + 1, *log = *random ? strstr(random + 1, ".log") : NULL;
        if (log && strcspn(random, " \t\n\v\f\r") > (size_t)(log - random))
            return true;
    }
    return false;
}

int autolog_clean(const char *dir, const char *identifier, unsigned *ret_failed)
{
    struct dir d;
    const char *name;
    unsigned failed = 0;

    int rc = dir_open(&d, AT_FDCWD, dir);
    if (rc < 0)
        return rc;
    while ((name = dir_next(&d)))
        if (is_autolog(name, identifier) && unlinkat(d.fd, name, 0) < 0)
            failed++;
    dir_close(&d);
    if (ret_failed)
        *ret_failed = failed;
    return 0;
}

/* Python's test: a file can be made there. */
static bool is_writable(const char *dir)
{
    char path[PATH_MAX];

    if (autolog_create(dir, "cslsup", "probe", "directory", path) < 0)
        return false;
    unlink(path);
    return true;
}

int autolog_directory(char *ret_dir)
{
    char cwd[PATH_MAX];
    const char *const candidates[] = {getenv("TMPDIR"), getenv("TEMP"), getenv("TMP"),          "/tmp",
                                      "/var/tmp",       "/usr/tmp",     getcwd(cwd, sizeof cwd)};

    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
        if (candidates[i] && *candidates[i] && is_writable(candidates[i]))
            return snprintf(ret_dir, PATH_MAX, "%s", candidates[i]) < PATH_MAX ? 0 : -ENAMETOOLONG;
    return -ENOENT;
}
