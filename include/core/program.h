/* What a configuration means once it is read: the program set. The config floor makes it, everything else reads it.
 * Strings are NUL-terminated, never NULL unless said so, and live in the set's arena. Every number is checked at load.
 *
 * A `struct spec` is one process (supervisord's ProcessConfig): a program with numprocs=3 is three specs, each with its
 * own expansion of process_num. Specs of one group stand together, in the order in which supervisord starts them. */
#pragma once
#include "base/arena.h"
#include "core/types.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum program_kind { KIND_PROGRAM, KIND_EVENTLISTENER, KIND_FCGI };
enum autorestart { RESTART_NEVER, RESTART_ALWAYS, RESTART_UNEXPECTED };
enum on_end { ON_END_IGNORE, ON_END_EXIT }; /* on_fatal, on_exit; on_done's `stay` and `exit` */
enum on_unhealthy { UNHEALTHY_NONE, UNHEALTHY_RESTART, UNHEALTHY_EXIT };
enum overlap { OVERLAP_SKIP, OVERLAP_REPLACE };
enum notify { NOTIFY_NONE, NOTIFY_FD, NOTIFY_SYSTEMD };
enum log_target { LOG_TO_NOWHERE, LOG_TO_AUTO, LOG_TO_FILE };
enum log_rotate { ROTATE_SIZE, ROTATE_HOURLY, ROTATE_DAILY, ROTATE_WEEKLY };
enum log_format { FORMAT_RAW, FORMAT_JSON };
enum condition { NEED_STARTED, NEED_HEALTHY, NEED_COMPLETED };

/* A number that no configuration can set: "unset" where 0 and -1 mean something. */
#define UNSET INT64_MIN

struct names {
    const char **v;
    size_t n;
};

struct env_pair {
    const char *name, *value;
};

struct env_list {
    struct env_pair *v;
    size_t n;
};

/* Where a section or value stands, for `check --explain` and error lines. */
struct origin {
    const char *file; /* NULL: a default */
    unsigned line;
};

/* One output stream, stdout or stderr (supervisord contract §2, §4; container contract §3). */
struct log_spec {
    enum log_target target;
    const char *path; /* as configured, absolute or relative to PID 1's directory; "" unless LOG_TO_FILE */
    int64_t maxbytes; /* 0 = no rotation by size */
    int64_t backups;
    int64_t capture_maxbytes;
    bool events_enabled;
    bool syslog;
    enum log_rotate rotate;
    int64_t max_age_ns; /* of rotated files; 0 = keep */
    const char *tee;    /* second sink's path, "" = none */
};

/* One edge of depends_on: a program section's name (all its processes) or a group's. */
struct need {
    const char *name;
    enum condition condition; /* the default by kind is already put in */
};

struct exit_codes {
    uint64_t bits[4]; /* code n: bits[n / 64] >> (n % 64) & 1 */
};

struct healthcheck {
    struct names checks; /* one check of container contract §4 each, as text */
    int64_t interval_ns, timeout_ns, start_period_ns, start_interval_ns;
    int64_t retries;
};

struct limit {
    const char *name;    /* setrlimit(2)'s, lower case, without RLIMIT_: `nofile` */
    uint64_t soft, hard; /* UINT64_MAX = unlimited */
};

struct spec {
    const char *name;    /* process name, `laravel-queue_00` */
    const char *group;   /* its group's name */
    const char *program; /* its section's name, `laravel-queue` */
    enum program_kind kind;
    struct origin origin; /* of the section */
    int64_t process_num;

    const char *command;         /* unsplit: splitting happens at each start (supervisord contract §1) */
    const char *directory;       /* "" = unset */
    int64_t priority;            /* the process's own */
    int64_t umask;               /* UNSET, or the mask */
    int64_t uid;                 /* UNSET, or the uid */
    const char *user;            /* as configured, "" = unset */
    struct env_list environment; /* [supervisord] environment, then its own */
    const char *serverurl;       /* "" = AUTO */

    bool autostart;
    enum autorestart autorestart;
    int64_t startsecs;
    int64_t startretries; /* -1: never give up (container contract §3) */
    struct exit_codes exitcodes;
    int stopsignal;
    int64_t stopwait_ns;
    bool stopasgroup, killasgroup;
    bool redirect_stderr;
    struct log_spec out, err;

    /* [eventlistener:x] */
    struct names events;
    int64_t buffer_size;
    const char *result_handler;
    /* [fcgi-program:x] */
    const char *socket, *socket_owner;
    int64_t socket_backlog, socket_mode; /* UNSET, or the number */

    /* container contract §3 */
    bool oneshot;
    const char *schedule; /* "" = none, else a text that schedule_parse accepts */
    enum overlap schedule_overlap;
    const char *schedule_timezone; /* "" = the container's */
    int64_t run_timeout_ns;        /* 0 = none */
    struct need *needs;
    size_t needs_n;
    enum notify notify;
    int notify_fd; /* with NOTIFY_FD */
    struct healthcheck health;
    enum on_unhealthy on_unhealthy;
    enum on_end on_fatal, on_exit;
    bool essential;
    int64_t restart_delay_ns, restart_delay_max_ns; /* UNSET or >= 0 */
    const char *stop_command;                       /* "" = none */
    bool stop_descendants;
    int64_t max_memory; /* bytes, 0 = none */
    int64_t max_age_ns; /* 0 = none */
    struct names env_file, secrets, require_env;
    bool user_env;
    struct limit *limits;
    size_t limits_n;
    int64_t nice, oom_score_adjust; /* UNSET, or the number */
    bool no_new_privileges;
    enum log_format log_format;
    const char *log_prefix; /* "" = none; `true` is already "{name} | " */
};

struct group {
    const char *name;
    enum program_kind kind; /* of its members; a [group:x] is KIND_PROGRAM */
    bool homogeneous;       /* implied by one program section, not a [group:x] */
    int64_t priority;
    struct spec *specs;
    size_t n;
};

/* An HTTP server of the configuration, for the gate. */
struct server {
    bool is_unix;
    const char *name; /* the section's suffix, or "" */
    const char *file; /* unix: absolute or relative path */
    const char *host; /* inet: "" = every address */
    int64_t port;
    int64_t chmod;
    int64_t uid, gid;                /* UNSET = the daemon's own */
    const char *username, *password; /* "" = none */
};

/* [supervisord] and [cslsup]. */
struct daemon {
    const char *logfile; /* absolute path, /dev/stdout, or "syslog" */
    int64_t logfile_maxbytes, logfile_backups;
    int64_t loglevel;    /* enum log_level */
    const char *pidfile; /* "" = none */
    bool nodaemon, silent, nocleanup, strip_ansi;
    int64_t umask;
    const char *user; /* "" = unset */
    int64_t uid;      /* UNSET, or the uid */
    const char *directory;
    int64_t minfds, minprocs;
    const char *childlogdir;
    const char *identifier;
    struct env_list environment;

    int64_t stop_grace_period_ns; /* UNSET, or the time */
    enum on_end on_done;
    bool stop_orphans;
    const char *control_socket;  /* "" = by the rule of container contract §1 */
    const char *http_listen;     /* "" = none */
    const char *termination_log; /* "" = /dev/termination-log where that exists */
    enum log_format termination_format;
    const char *role; /* lower case, comma-joined; "" = none */
};

/* What loading has to say: logged at start (supervisord's CRIT, WARN, INFO lines, in the order of supervisord). */
struct notice {
    int level; /* enum log_level */
    const char *text;
};

/* One config generation. Immutable once loaded. */
struct program_set {
    struct arena *arena;     /* owns all of it, this struct too */
    const char *config_file; /* absolute path of the main file; "" when role files stand alone */
    struct daemon daemon;
    struct group *groups; /* by (priority, name) */
    size_t groups_n;
    struct server *servers;
    size_t servers_n;
    struct notice *notices;
    size_t notices_n;
};

static inline bool exit_code_listed(const struct exit_codes *c, int code)
{
    return code >= 0 && code < 256 && (c->bits[code / 64] >> (code % 64) & 1);
}
