/* What /proc knows about processes; nothing is allocated. 0 or -errno; -ESRCH when the process is gone. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct procfs_stat {
    pid_t pid, ppid, group, session;
    char state;       /* R S D Z T … */
    int64_t cpu_ns;   /* user and system time, of the process itself, in clock ticks' precision */
    int64_t start_ns; /* since boot */
    int64_t resident_bytes;
};

/* /proc/PID/stat. */
int procfs_stat(pid_t pid, struct procfs_stat *ret);

/* Time on a processor to the nanosecond, of all its living threads (schedstat): for `cpu:` checks. */
int procfs_run_ns(pid_t pid, int64_t *ret_ns);

/* Anonymous resident memory (RssAnon of /proc/PID/status): for max_memory. */
int procfs_anon_bytes(pid_t pid, int64_t *ret_bytes);

/* The mark that os_spawn gave and descendants inherit: the hard RLIMIT_RTTIME in /proc/PID/limits, UINT64_MAX for none.
 */
int procfs_mark(pid_t pid, uint64_t *ret_mark);

/* Number of open descriptors. */
int procfs_fds(pid_t pid, int64_t *ret_count);

/* Called for each process; anything but 0 ends the walk and becomes its result. */
typedef int procfs_visitor(void *context, const struct procfs_stat *process);

/* Visits every process of the pid namespace that we can see. */
int procfs_each(procfs_visitor *visit, void *context);

/* Visits every descendant of `ancestor` whose line of parents is unbroken; with a subreaper at its head none can break,
 * and what `docker exec` brought in (parent 0) is none of ours. Zombies are visited, too. */
int procfs_each_descendant(pid_t ancestor, procfs_visitor *visit, void *context);

/* Inode of one of our namespaces: `pid`, `mnt`, `net`, … */
int procfs_namespace(const char *kind, uint64_t *ret_inode);
