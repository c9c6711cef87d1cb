/* What one run of ctl knows, and the table of its actions. */
#pragma once
#include "ctl/client.h"
#include "ctl/history.h"
#include "ctl/options.h"
#include "ctl/output.h"

struct ctl {
    struct options options;
    const char *program; /* argv[0], for messages */
    struct output out;
    struct arena *memory;  /* as long as the program */
    struct arena *arena;   /* of the action that runs */
    struct arena *scratch; /* reset by each that uses it: waits and followers ask again and again, for months */
    struct client client;  /* fd -1 while not connected */
    const char *url;       /* how messages call the server */
    const char *watched;   /* the name that server_watch had last */
    bool leave;            /* the shell shall end */
};

/* An action's arena: 1,000 processes with all their texts, and a log's last lines. */
#define ACTION_BYTES_MAX (256u << 20)

enum action_flag {
    ACTION_OFFLINE = 1,  /* needs no server */
    ACTION_OURS = 2,     /* not one of supervisorctl's */
    ACTION_NO_WORDS = 4, /* takes no arguments */
    ACTION_NAMES = 8,    /* wants a name at least */
    ACTION_THEIRS = 16,  /* supervisorctl's alone */
    ACTION_HIDDEN = 32,  /* works, but help does not list it */
    ACTION_STOPS = 64,   /* no server is nearly what it wants */
};

/* What its arguments are, for completion. */
enum action_words { WORDS_NONE, WORDS_ACTIONS, WORDS_GROUPS, WORDS_PROCESSES };

struct action {
    const char *name;
    unsigned flags; /* enum action_flag */
    int missing;    /* exit code without a name, with ACTION_NAMES */
    enum action_words words;
    const char *usage; /* the words behind its name: `NAME…` */
    const char *brief; /* what it does, in a line */
    const char *help;  /* supervisorctl's text, to the letter; NULL for ours */
    int unreachable;   /* exit code without a server; 0 = by the reason */
    void (*run)(struct ctl *c, const struct names *words);
};

/* The help of ctl or supervisorctl itself. */
void help_print(const struct options *o, const char *program);

/* The action of that name as this face (ctl or supervisorctl) has it, or NULL. */
const struct action *action_find(const struct options *o, const char *name);

/* The n-th action in the order of names, NULL behind the last. */
const struct action *action_at(const struct options *o, size_t n);

/* Runs one line of words; the exit code is then in `c->out.status`. The caller calls output_finish and only then
 * server_disconnect: after `shutdown` PID 1 waits for the end of the connection, and all in its pid namespace die with
 * it, ourselves before we have said a word. */
void action_run(struct ctl *c, const char *line);

/* What `help ACTION` prints. */
void action_help(struct ctl *c, const struct action *a);

/* Stops all processes of a group and waits, silently. 0 and how many could not be stopped; or negative, said already.
 */
int control_stop_group(struct ctl *c, const char *group, size_t *ret_failed);

/* The actions, one file a family; each reports through `c->out`. */
void run_status(struct ctl *c, const struct names *words);
void run_pid(struct ctl *c, const struct names *words);
void run_version(struct ctl *c, const struct names *words);
void run_avail(struct ctl *c, const struct names *words);
void run_health(struct ctl *c, const struct names *words);
void run_why(struct ctl *c, const struct names *words);
void run_start(struct ctl *c, const struct names *words);
void run_stop(struct ctl *c, const struct names *words);
void run_restart(struct ctl *c, const struct names *words);
void run_signal(struct ctl *c, const struct names *words);
void run_run(struct ctl *c, const struct names *words);
void run_clear(struct ctl *c, const struct names *words);
void run_reread(struct ctl *c, const struct names *words);
void run_update(struct ctl *c, const struct names *words);
void run_add(struct ctl *c, const struct names *words);
void run_remove(struct ctl *c, const struct names *words);
void run_reload(struct ctl *c, const struct names *words);
void run_shutdown(struct ctl *c, const struct names *words);
void run_tail(struct ctl *c, const struct names *words);
void run_maintail(struct ctl *c, const struct names *words);
void run_logs(struct ctl *c, const struct names *words);
void run_fg(struct ctl *c, const struct names *words);
void run_open(struct ctl *c, const struct names *words);
void run_help(struct ctl *c, const struct names *words);
void run_exit(struct ctl *c, const struct names *words);
