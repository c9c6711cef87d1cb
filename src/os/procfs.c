#include "os/procfs.h"
#include "base/num.h"
#include "dir.h"
#include "lines.h"
#include "small.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 64, TEXT_SIZE = 4096, TREE_DEPTH_MAX = 4096 };

static int gone(int rc)
{
    return rc == -ENOENT ? -ESRCH : rc;
}

static int read_of(pid_t pid, const char *name, char *ret_text)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    return gone(small_read(path, ret_text, TEXT_SIZE));
}

static int64_t ticks_to_ns(uint64_t ticks)
{
    return num_mul_sat((int64_t)ticks, NS_PER_S / sysconf(_SC_CLK_TCK));
}

int procfs_stat(pid_t pid, struct procfs_stat *ret)
{
    char text[TEXT_SIZE];
    struct procfs_stat s = {.pid = pid};
    uint64_t user, system, start;
    int64_t pages;

    int rc = read_of(pid, "stat", text);
    if (rc < 0)
        return rc;
    /* The name in parentheses may hold anything, parentheses too. */
    const char *rest = strrchr(text, ')');
    if (!rest || sscanf(rest + 1,
                        " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64
                        " %*d %*d %*d %*d %*d %*d %" SCNu64 " %*u %" SCNd64,
                        &s.state, &s.ppid, &s.group, &s.session, &user, &system, &start, &pages) != 8)
        return -EIO;
    s.cpu_ns = ticks_to_ns(user + system);
    s.start_ns = ticks_to_ns(start);
    s.resident_bytes = num_mul_sat(pages, sysconf(_SC_PAGESIZE));
    *ret = s;
    return 0;
}

/* The sum over the threads; a kernel without schedstat leaves the coarser clock of stat. */
int procfs_run_ns(pid_t pid, int64_t *ret_ns)
{
    char path[PATH_SIZE], text[TEXT_SIZE];
    struct procfs_stat coarse;
    struct dir tasks;
    const char *task;
    int64_t sum = 0, ns;
    bool known = false;

    int rc = procfs_stat(pid, &coarse);
    if (rc < 0)
        return rc;
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    rc = gone(dir_open(&tasks, AT_FDCWD, path));
    if (rc < 0)
        return rc;
    while ((task = dir_next(&tasks))) {
        snprintf(path, sizeof path, "/proc/%d/task/%.16s/schedstat", pid, task);
        if (small_read(path, text, sizeof text) < 0 || sscanf(text, "%" SCNd64, &ns) != 1)
            continue;
        known = true;
        sum = num_add_sat(sum, ns);
    }
    dir_close(&tasks);
    *ret_ns = known ? sum : coarse.cpu_ns;
    return 0;
}

int procfs_anon_bytes(pid_t pid, int64_t *ret_bytes)
{
    char path[PATH_SIZE];
    struct lines lines;
    const char *line;
    int64_t kib = 0;

    snprintf(path, sizeof path, "/proc/%d/status", pid);
    int rc = gone(lines_open(&lines, path));
    if (rc < 0)
        return rc;
    /* A zombie has no memory, and no such line. */
    while ((line = lines_next(&lines)) && sscanf(line, "RssAnon: %" SCNd64, &kib) != 1)
        ;
    lines_close(&lines);
    *ret_bytes = num_mul_sat(kib, 1024);
    return 0;
}

int procfs_mark(pid_t pid, uint64_t *ret_mark)
{
    static const char head[] = "\nMax realtime timeout";
    char text[TEXT_SIZE];

    int rc = read_of(pid, "limits", text);
    if (rc < 0)
        return rc;
    const char *line = strstr(text, head);
    if (!line)
        return -EIO;
    /* `unlimited` is no number and leaves this as it is. */
    *ret_mark = UINT64_MAX;
    sscanf(line + sizeof head - 1, "%*s %" SCNu64, ret_mark);
    return 0;
}

int procfs_fds(pid_t pid, int64_t *ret_count)
{
    char path[PATH_SIZE];
    struct dir d;
    int64_t n = 0;

    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    int rc = gone(dir_open(&d, AT_FDCWD, path));
    if (rc < 0)
        return rc;
    while (dir_next(&d))
        n++;
    dir_close(&d);
    *ret_count = n;
    return 0;
}

int procfs_each(procfs_visitor *visit, void *context)
{
    struct procfs_stat process;
    struct dir d;
    const char *name;

    int rc = dir_open(&d, AT_FDCWD, "/proc");
    if (rc < 0)
        return rc;
    while (rc == 0 && (name = dir_next(&d))) {
        long pid = strtol(name, NULL, 10);
        if (pid > 0 && procfs_stat((pid_t)pid, &process) == 0)
            rc = visit(context, &process);
    }
    dir_close(&d);
    return rc;
}

/* Climbs from parent to parent; the bound is for a tree that changes while we look. */
static bool descends_from(const struct procfs_stat *process, pid_t ancestor)
{
    struct procfs_stat p = *process;

    for (int depth = 0; depth < TREE_DEPTH_MAX; depth++) {
        if (p.ppid == ancestor)
            return true;
        if (p.ppid <= 1 || procfs_stat(p.ppid, &p) < 0)
            return false;
    }
    return false;
}

struct family {
    pid_t ancestor;
    procfs_visitor *visit;
    void *context;
};

static int visit_descendant(void *context, const struct procfs_stat *process)
{
    struct family *f = context;

    if (process->pid == f->ancestor || !descends_from(process, f->ancestor))
        return 0;
    return f->visit(f->context, process);
}

int procfs_each_descendant(pid_t ancestor, procfs_visitor *visit, void *context)
{
    struct family family = {ancestor, visit, context};

    return procfs_each(visit_descendant, &family);
}

int procfs_namespace(const char *kind, uint64_t *ret_inode)
{
    char path[PATH_SIZE];
    struct stat st;

    snprintf(path, sizeof path, "/proc/self/ns/%s", kind);
    if (stat(path, &st) < 0)
        return -errno;
    *ret_inode = st.st_ino;
    return 0;
}
