#include "os/control.h"
#include "lines.h"
#include "os/clock.h"
#include "os/procfs.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The places, as prefixes of names. */
#define RUN_PREFIX "/run/cslsup/"
#define SHM_PREFIX "/dev/shm/cslsup-"
#define ABSTRACT_PREFIX "@cslsup-"

enum { INSTANCE_MAX = 64, BUSY_WAIT_US = 5000, DIRECTORY_MODE = 0711, SOCKET_MODE = 0666 };

/* FNV-1a. Two configurations of one container with the same hash would be taken for one: a matter of 1 in 10^19. */
static uint64_t hash_of(const char *text)
{
    uint64_t h = UINT64_C(14695981039346656037);

    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return h;
}

/* `PIDNS-MNTNS-` and the configuration's hash; without one it is the beginning that all our instances share. */
static void instance_name(const char *config, char *ret_name)
{
    uint64_t pid_ns = 0, mount_ns = 0;

    /* Without /proc the names are the same everywhere, which only matters to containers that share a namespace. */
    if (procfs_namespace("pid", &pid_ns) < 0 || procfs_namespace("mnt", &mount_ns) < 0)
        pid_ns = mount_ns = 0;
    int n = snprintf(ret_name, INSTANCE_MAX, "%" PRIu64 "-%" PRIu64 "-", pid_ns, mount_ns);
    if (config)
        snprintf(ret_name + n, (size_t)(INSTANCE_MAX - n), "%016" PRIx64, hash_of(config));
}

/* What stands behind the place in a socket's name; NULL when it is in none of the places. */
static const char *instance_in(const char *name)
{
    if (strncmp(name, RUN_PREFIX, sizeof RUN_PREFIX - 1) == 0)
        return name + sizeof RUN_PREFIX - 1;
    if (strncmp(name, ABSTRACT_PREFIX, sizeof ABSTRACT_PREFIX - 1) == 0)
        return name + sizeof ABSTRACT_PREFIX - 1;
    if (strncmp(name, SHM_PREFIX, sizeof SHM_PREFIX - 1) == 0) {
        const char *slash = strchr(name + sizeof SHM_PREFIX - 1, '/');
        return slash ? slash + 1 : NULL;
    }
    return NULL;
}

static bool trusted(const struct peer *server)
{
    return server->uid == 0 || server->uid == geteuid();
}

bool control_peer_allowed(const struct peer *peer)
{
    return peer->pid != 0;
}

/* ---- the client: who is there? ---- */

/* Of a line of /proc/net/unix the name, if it is a listening socket of packets:
 * `Num: RefCount Protocol Flags Type St Inode Path`. */
static const char *listening_name(char *line)
{
    unsigned flags, type;
    int path = 0;

    if (sscanf(line, "%*[^:]: %*x %*x %x %x %*x %*u %n", &flags, &type, &path) < 2 || path == 0)
        return NULL;
    bool listens = flags & 0x10000;
    return listens && type == 5 ? line + path : NULL;
}

/* Connects to a candidate without waiting. 0 and the connection; -ETIMEDOUT when it is too busy now; -EPERM when it is
 * a server whose uid we do not trust. Whoever squats on such names in the abstract namespace costs us microseconds. */
static int try_server(const char *name, struct control_server *ret_server, int *ret_fd)
{
    struct control_server server;
    int fd;

    int rc = os_packets_connect(name, 0, &fd, &server.peer);
    if (rc < 0)
        return rc;
    if (!trusted(&server.peer)) {
        close(fd);
        return -EPERM;
    }
    memcpy(server.name, name, strlen(name) + 1); /* it fits: connecting asked for that */
    *ret_server = server;
    *ret_fd = fd;
    return 0;
}

/* Told the name of a listening socket; anything but 0 ends the search. */
typedef int name_visitor(void *context, const char *name);

/* Visits the sockets in our places whose instance is that of `config`, or any of ours for NULL. */
static int each_name(const char *config, name_visitor *visit, void *context)
{
    char instance[INSTANCE_MAX];
    struct lines lines;
    char *line;

    instance_name(config, instance);
    int rc = lines_open(&lines, "/proc/net/unix");
    if (rc < 0)
        return rc;
    while (rc == 0 && (line = lines_next(&lines))) {
        const char *name = listening_name(line);
        const char *found = name && strlen(name) <= SOCKET_NAME_MAX ? instance_in(name) : NULL;
        if (found && strncmp(found, instance, strlen(instance)) == 0)
            rc = visit(context, name);
    }
    lines_close(&lines);
    return rc;
}

struct search {
    struct control_server best; /* PID 1's, else the first */
    int fd;                     /* the connection to it, or -1 */
    bool several;               /* and none of them PID 1's */
    int problem;                /* why others were left out; a busy one may be had later */
};

static int weigh(void *context, const char *name)
{
    struct search *s = context;
    struct control_server server;
    int fd;

    if (s->fd >= 0 && strcmp(s->best.name, name) == 0)
        return 0;
    int rc = try_server(name, &server, &fd);
    if (rc < 0) {
        if (s->problem != -ETIMEDOUT)
            s->problem = rc;
        return 0;
    }
    s->several = s->fd >= 0 && server.peer.pid != 1;
    if (s->several) {
        close(fd);
        return 0;
    }
    if (s->fd >= 0)
        close(s->fd);
    s->best = server;
    s->fd = fd;
    return server.peer.pid == 1;
}

static int search_once(const char *config, struct search *s)
{
    *s = (struct search){.fd = -1};
    int rc = each_name(config, weigh, s);
    if (rc < 0)
        return rc;
    if (s->several) {
        close(s->fd);
        return -ENOTUNIQ;
    }
    if (s->fd >= 0)
        return 0;
    return s->problem < 0 && s->problem != -ECONNREFUSED ? s->problem : -ENOENT;
}

int control_connect(const char *config, int64_t deadline_mono_ns, struct control_server *ret_server, int *ret_fd)
{
    struct search s;
    int rc;

    while ((rc = search_once(config, &s)) == -ETIMEDOUT && clock_poll_ms(deadline_mono_ns) != 0)
        usleep(BUSY_WAIT_US);
    if (rc < 0)
        return rc;
    *ret_server = s.best;
    *ret_fd = s.fd;
    return 0;
}

struct listing {
    struct control_server *servers;
    size_t max, n;
    bool busy; /* one could not take us now */
};

static int add_to_listing(void *context, const char *name)
{
    struct listing *l = context;
    int fd;

    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->servers[i].name, name) == 0)
            return 0;
    if (l->n == l->max)
        return 0;
    int rc = try_server(name, &l->servers[l->n], &fd);
    l->busy |= rc == -ETIMEDOUT;
    if (rc < 0)
        return 0;
    close(fd);
    l->n++;
    return 0;
}

int control_list(struct control_server *ret_servers, size_t max, int64_t deadline_mono_ns)
{
    struct listing l = {.servers = ret_servers, .max = max};

    for (;;) {
        l.busy = false;
        int rc = each_name(NULL, add_to_listing, &l);
        if (rc < 0)
            return rc;
        if (!l.busy || clock_poll_ms(deadline_mono_ns) == 0)
            return (int)l.n;
        usleep(BUSY_WAIT_US);
    }
}

/* ---- the server: taking a place ---- */

/* Opens a directory for sockets, making it where it is missing, and locks it against another start at the same time.
 * Refused unless it is ours alone to write. The descriptor or -errno. */
static int own_directory(const char *path)
{
    struct stat st;

    if (mkdir(path, DIRECTORY_MODE) < 0 && errno != EEXIST)
        return -errno;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0 || st.st_uid != geteuid())
        goto refused;
    if ((st.st_mode & 07777) != DIRECTORY_MODE && fchmod(fd, DIRECTORY_MODE) < 0)
        goto refused;
    if (flock(fd, LOCK_EX) == 0)
        return fd;
refused:
    close(fd);
    return -EPERM;
}

/* Whether somebody listens at a name; one that is too busy to take us does. */
static bool alive(const char *name)
{
    struct peer peer;
    int fd;

    int rc = os_packets_connect(name, 0, &fd, &peer);
    if (rc == 0)
        close(fd);
    return rc == 0 || rc == -ETIMEDOUT;
}

/* Binds a name; a socket file that a dead one left behind is replaced. */
static int take_name(const char *name, int *ret_fd)
{
    struct stat st;

    int rc = os_packets_listen(name, SOCKET_MODE, ret_fd);
    if (rc != -EADDRINUSE || name[0] == '@')
        return rc;
    if (lstat(name, &st) < 0)
        return -errno;
    if (!S_ISSOCK(st.st_mode))
        return -EEXIST;
    if (alive(name))
        return -EADDRINUSE;
    if (unlink(name) < 0)
        return -errno;
    return os_packets_listen(name, SOCKET_MODE, ret_fd);
}

/* A socket of this instance in one of the directories. */
static int take_in_directory(const char *directory, const char *instance, char *ret_name, int *ret_fd)
{
    char name[SOCKET_NAME_MAX + 1];

    int lock = own_directory(directory);
    if (lock < 0)
        return lock;
    snprintf(name, sizeof name, "%s/%s", directory, instance);
    int rc = take_name(name, ret_fd);
    close(lock);
    if (rc == 0)
        memcpy(ret_name, name, sizeof name);
    return rc;
}

static int take_abstract(const char *instance, char *ret_name, int *ret_fd)
{
    snprintf(ret_name, SOCKET_NAME_MAX + 1, ABSTRACT_PREFIX "%s", instance);
    return os_packets_listen(ret_name, SOCKET_MODE, ret_fd);
}

int control_listen(const char *config, char *ret_name, int *ret_fd)
{
    char instance[INSTANCE_MAX], shm[64];
    struct search s;

    /* Wherever it listens: it may have had another choice of places. */
    int rc = search_once(config, &s);
    if (rc == 0)
        close(s.fd);
    if (rc == 0 || rc == -ETIMEDOUT || rc == -ENOTUNIQ)
        return -EADDRINUSE;
    instance_name(config, instance);
    snprintf(shm, sizeof shm, SHM_PREFIX "%u", geteuid());
    rc = take_in_directory("/run/cslsup", instance, ret_name, ret_fd);
    if (rc < 0 && rc != -EADDRINUSE)
        rc = take_in_directory(shm, instance, ret_name, ret_fd);
    if (rc < 0 && rc != -EADDRINUSE)
        rc = take_abstract(instance, ret_name, ret_fd);
    return rc;
}

int control_listen_at(const char *path, int *ret_fd)
{
    return take_name(path, ret_fd);
}

void control_remove(const char *name)
{
    if (name[0] != '@')
        unlink(name);
}
