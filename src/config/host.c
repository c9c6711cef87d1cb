#include "config/host.h"
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024, WAIT_MS = 1000 };

/* A pattern of [include] may find a pipe that nobody writes to: PID 1 must not hang in a reload. */
static ssize_t read_bounded(int fd, void *to, size_t n)
{
    for (;;) {
        ssize_t got = read(fd, to, n);
        if (got >= 0 || (errno != EINTR && errno != EAGAIN))
            return got < 0 ? -errno : got;
        if (errno == EAGAIN && poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, WAIT_MS) == 0)
            return -ETIMEDOUT;
    }
}

static int read_all(int fd, struct buf *to)
{
    for (;;) {
        size_t left = to->max - to->len, want = left < READ_BYTES ? left + 1 : READ_BYTES;
        char *room = buf_room(to, left < want ? left : want);
        if (!room)
            return -ENOMEM;
        ssize_t n = left ? read_bounded(fd, room, left < want ? left : want) : read_bounded(fd, &(char){0}, 1);
        if (n <= 0)
            return (int)n;
        if (!left)
            return -EMSGSIZE;
        to->len += (size_t)n;
        to->ptr[to->len] = '\0';
    }
}

static int read_file(void *context, const char *path, struct buf *to)
{
    struct stat st;

    (void)context;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    int r = fstat(fd, &st) < 0 ? -errno : S_ISDIR(st.st_mode) ? -EISDIR : read_all(fd, to);
    close(fd);
    return r;
}

static bool exists(void *context, const char *path)
{
    struct stat st;

    (void)context;
    return stat(path, &st) == 0;
}

static bool is_dir(void *context, const char *path)
{
    struct stat st;

    (void)context;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static void find(void *context, const char *pattern, path_taker *take, void *take_context)
{
    glob_t found;

    (void)context;
    if (glob(pattern, GLOB_NOESCAPE, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            take(take_context, found.gl_pathv[i]);
    globfree(&found);
}

static const char *hostname(void *context)
{
    static char name[256];

    (void)context;
    if (gethostname(name, sizeof name - 1) < 0)
        name[0] = '\0';
    return name;
}

static const char *directory(void *context)
{
    static char path[PATH_MAX];

    (void)context;
    return getcwd(path, sizeof path) ? path : "/";
}

static int64_t uid(void *context)
{
    (void)context;
    return geteuid();
}

const struct config_host config_host_system = {
    .read_file = read_file,
    .exists = exists,
    .is_dir = is_dir,
    .glob = find,
    .hostname = hostname,
    .directory = directory,
    .uid = uid,
};
