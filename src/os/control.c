#include "os/control.h"
#include "base/num.h"
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

enum { INSTANCE_MAX = 64, DIRECTORY_MODE = 0711, SOCKET_MODE = 0666 };

static const int64_t alive_ns = 200 * NS_PER_MS;

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

/* Connects to a candidate. 0 and the connection, or why not; -EPERM is a server whose uid we do not trust. */
static int try_server(const char *name, int64_t deadline_mono_ns, struct control_server *ret_server, int *ret_fd)
{
    struct control_server server;
    int fd;

    int rc = os_packets_connect(name, deadline_mono_ns, &fd, &server.peer);
    if (rc < 0)
        return rc;
    if (!trusted(&server.peer)) {
        close(fd);
        return -EPERM;
    }
    snprintf(server.name, sizeof server.name, "%s", name);
    *ret_server = server;
    *ret_fd = fd;
    return 0;
}

/* Calls `visit` for each listening socket of ours whose instance begins with `instance`, until it returns other than 0.
 */
typedef int name_visitor(void *context, const char *name);

static int each_name(const char *instance, name_visitor *visit, void *context)
{
    struct lines lines;
    char *line;

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

struct listing {
    struct control_server *servers;
    size_t max, n;
    int64_t deadline_mono_ns;
    int problem; /* why the last one that did not answer was left out */
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
    int rc = try_server(name, l->deadline_mono_ns, &l->servers[l->n], &fd);
    if (rc < 0) {
        l->problem = rc;
        return 0;
    }
    close(fd);
    l->n++;
    return 0;
}

static int list_instances(const char *config, struct listing *l)
{
    char instance[INSTANCE_MAX];

    instance_name(config, instance);
    return each_name(instance, add_to_listing, l);
}

int control_list(struct control_server *ret_servers, size_t max, int64_t deadline_mono_ns)
{
    struct listing l = {.servers = ret_servers, .max = max, .deadline_mono_ns = deadline_mono_ns};

    int rc = list_instances(NULL, &l);
    return rc < 0 ? rc : (int)l.n;
}

/* PID 1's, else the only one. */
static int choose(const struct listing *l, size_t *ret_index)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->servers[i].peer.pid == 1) {
            *ret_index = i;
            return 0;
        }
    *ret_index = 0;
    if (l->n > 1)
        return -ENOTUNIQ;
    if (l->n == 1)
        return 0;
    return l->problem < 0 ? l->problem : -ENOENT;
}

int control_connect(const char *config, int64_t deadline_mono_ns, struct control_server *ret_server, int *ret_fd)
{
    struct control_server found[CONTROL_SERVERS_MAX];
    struct listing l = {.servers = found, .max = CONTROL_SERVERS_MAX, .deadline_mono_ns = deadline_mono_ns};
    size_t chosen = 0;

    int rc = list_instances(config, &l);
    if (rc == 0)
        rc = choose(&l, &chosen);
    if (rc < 0)
        return rc;
    return try_server(found[chosen].name, deadline_mono_ns, ret_server, ret_fd);
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

    int rc = os_packets_connect(name, clock_deadline(alive_ns), &fd, &peer);
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
    struct control_server other;
    struct listing l = {.servers = &other, .max = 1, .deadline_mono_ns = clock_deadline(alive_ns)};

    if (list_instances(config, &l) == 0 && (l.n > 0 || l.problem == -ETIMEDOUT))
        return -EADDRINUSE;
    instance_name(config, instance);
    snprintf(shm, sizeof shm, SHM_PREFIX "%u", geteuid());
    int rc = take_in_directory("/run/cslsup", instance, ret_name, ret_fd);
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
