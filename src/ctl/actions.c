/* The table of actions, and what goes for all of them: finding, checking the words, help. */
#include "ctl/action.h"
#include "ctl/complete.h"
#include "ctl/server.h"
#include <stdio.h>
#include <string.h>

/* By name. The help texts are supervisorctl's, tabs and all. */
static const struct action actions[] = {
    {.name = "EOF", .flags = ACTION_OFFLINE | ACTION_HIDDEN, .run = run_exit},
    {.name = "add",
     .words = WORDS_GROUPS,
     .usage = "GROUP...",
     .brief = "activate groups that reread found",
     .help = "add <name> [...]\tActivates any updates in config for process/group",
     .run = run_add},
    {.name = "avail",
     .flags = ACTION_NO_WORDS,
     .usage = "",
     .brief = "show all configured processes",
     .help = "avail\t\t\tDisplay all configured processes",
     .run = run_avail},
    {.name = "clear",
     .flags = ACTION_NAMES,
     .missing = 1,
     .words = WORDS_PROCESSES,
     .usage = "NAME...|all",
     .brief = "empty log files",
     .help = "clear <name>\t\tClear a process' log files.\n"
             "clear <name> <name>\tClear multiple process' log files\n"
             "clear all\t\tClear all process' log files",
     .run = run_clear},
    {.name = "exit",
     .flags = ACTION_OFFLINE,
     .usage = "",
     .brief = "leave the shell",
     .help = "exit\tExit the supervisor shell.",
     .run = run_exit},
    {.name = "fg",
     .words = WORDS_PROCESSES,
     .usage = "NAME",
     .brief = "type to a process and see what it writes, until Ctrl-C",
     .help = "fg <process>\tConnect to a process in foreground mode\n\t\tCtrl-C to exit",
     .run = run_fg},
    {.name = "health",
     .flags = ACTION_OURS,
     .words = WORDS_PROCESSES,
     .usage = "[--live] [NAME...]",
     .brief = "whether all is well (exit 0) or who is not (exit 1)",
     .run = run_health},
    {.name = "help",
     .flags = ACTION_OFFLINE,
     .words = WORDS_ACTIONS,
     .usage = "[ACTION]",
     .brief = "show all actions, or one",
     .help = "help\t\tPrint a list of available actions\nhelp <action>\tPrint help for <action>",
     .run = run_help},
    {.name = "logs",
     .flags = ACTION_OURS,
     .words = WORDS_PROCESSES,
     .usage = "[-f] [-n LINES] [NAME...]",
     .brief = "last lines of all logs, each with its program's name; -f follows",
     .run = run_logs},
    {.name = "maintail",
     .usage = "[-f|-BYTES]",
     .brief = "the end of the main log; -f follows",
     .help = "maintail -f \tContinuous tail of supervisor main log file (Ctrl-C to exit)\n"
             "maintail -100\tlast 100 *bytes* of supervisord main log file\n"
             "maintail\tlast 1600 *bytes* of supervisor main log file\n",
     .run = run_maintail},
    {.name = "open",
     .flags = ACTION_OFFLINE | ACTION_THEIRS,
     .help = "open <url>\tConnect to a remote supervisord process.\n"
             "\t\t(for UNIX domain socket, use unix:///socket/path)",
     .run = run_open},
    {.name = "pid",
     .words = WORDS_PROCESSES,
     .usage = "[NAME...|all]",
     .brief = "pids: cslsup's own, of processes, or of all",
     .help = "pid\t\t\tGet the PID of supervisord.\n"
             "pid <name>\t\tGet the PID of a single child process by name.\n"
             "pid all\t\t\tGet the PID of every child process, one per line.",
     .run = run_pid},
    {.name = "quit",
     .flags = ACTION_OFFLINE,
     .usage = "",
     .brief = "leave the shell",
     .help = "quit\tExit the supervisor shell.",
     .run = run_exit},
    {.name = "reload",
     .flags = ACTION_NO_WORDS,
     .usage = "",
     .brief = "stop all, read the configuration, start again",
     .help = "reload \t\tRestart the remote supervisord.",
     .run = run_reload},
    {.name = "remove",
     .words = WORDS_GROUPS,
     .usage = "GROUP...",
     .brief = "drop stopped groups",
     .help = "remove <name> [...]\tRemoves process/group from active config",
     .run = run_remove},
    {.name = "reread",
     .flags = ACTION_NO_WORDS,
     .usage = "",
     .brief = "read the configuration and say what differs; changes nothing",
     .help = "reread \t\t\tReload the daemon's configuration files without add/remove",
     .run = run_reread},
    {.name = "restart",
     .flags = ACTION_NAMES,
     .missing = 1,
     .words = WORDS_PROCESSES,
     .usage = "NAME...|all",
     .brief = "stop, then start",
     .help = "restart <name>\t\tRestart a process\n"
             "restart <gname>:*\tRestart all processes in a group\n"
             "restart <name> <name>\tRestart multiple processes or groups\n"
             "restart all\t\tRestart all processes\n"
             "Note: restart does not reread config files. For that, see reread and update.",
     .run = run_restart},
    {.name = "run",
     .flags = ACTION_OURS | ACTION_NAMES,
     .missing = 2,
     .words = WORDS_PROCESSES,
     .usage = "NAME",
     .brief = "run a oneshot or job now, wait, and return its exit code",
     .run = run_run},
    {.name = "shutdown",
     .flags = ACTION_NO_WORDS | ACTION_STOPS,
     .usage = "",
     .brief = "stop all and end",
     .help = "shutdown \tShut the remote supervisord down.",
     .run = run_shutdown},
    {.name = "signal",
     .words = WORDS_PROCESSES,
     .usage = "SIGNAL NAME...|all",
     .brief = "send a signal",
     .help = "signal <signal name> <name>\t\tSignal a process\n"
             "signal <signal name> <gname>:*\t\tSignal all processes in a group\n"
             "signal <signal name> <name> <name>\tSignal multiple processes or groups\n"
             "signal <signal name> all\t\tSignal all processes",
     .run = run_signal},
    {.name = "start",
     .flags = ACTION_NAMES,
     .missing = 2,
     .words = WORDS_PROCESSES,
     .usage = "NAME...|all",
     .brief = "start, and wait until it stays up",
     .help = "start <name>\t\tStart a process\n"
             "start <gname>:*\t\tStart all processes in a group\n"
             "start <name> <name>\tStart multiple processes or groups\n"
             "start all\t\tStart all processes",
     .run = run_start},
    {.name = "status",
     .words = WORDS_PROCESSES,
     .usage = "[NAME...|all]",
     .brief = "what runs and how it does",
     .help = "status <name>\t\tGet status for a single process\n"
             "status <gname>:*\tGet status for all processes in a group\n"
             "status <name> <name>\tGet status for multiple named processes\n"
             "status\t\t\tGet all process status info",
     .unreachable = 4,
     .run = run_status},
    {.name = "stop",
     .flags = ACTION_NAMES,
     .missing = 1,
     .words = WORDS_PROCESSES,
     .usage = "NAME...|all",
     .brief = "stop, and wait until it is stopped",
     .help = "stop <name>\t\tStop a process\n"
             "stop <gname>:*\t\tStop all processes in a group\n"
             "stop <name> <name>\tStop multiple processes or groups\n"
             "stop all\t\tStop all processes",
     .run = run_stop},
    {.name = "tail",
     .words = WORDS_PROCESSES,
     .usage = "[-f|-BYTES] NAME [stdout|stderr]",
     .brief = "the end of a log; -f follows",
     .help = "tail [-f] <name> [stdout|stderr] (default stdout)\n"
             "Ex:\n"
             "tail -f <name>\t\tContinuous tail of named process stdout\n"
             "\t\t\tCtrl-C to exit.\n"
             "tail -100 <name>\tlast 100 *bytes* of process stdout\n"
             "tail <name> stderr\tlast 1600 *bytes* of process stderr",
     .run = run_tail},
    {.name = "update",
     .words = WORDS_GROUPS,
     .usage = "[GROUP...|all]",
     .brief = "read the configuration and apply what differs",
     .help = "update\t\t\tReload config and add/remove as necessary, and will restart affected programs\n"
             "update all\t\tReload config and add/remove as necessary, and will restart affected programs\n"
             "update <gname> [...]\tUpdate specific groups",
     .run = run_update},
    {.name = "version",
     .flags = ACTION_NO_WORDS,
     .usage = "",
     .brief = "the version that runs",
     .help = "version\t\t\tShow the version of the remote supervisord process",
     .run = run_version},
    {.name = "why",
     .flags = ACTION_OURS | ACTION_NAMES,
     .missing = 2,
     .words = WORDS_PROCESSES,
     .usage = "NAME...|all",
     .brief = "how a process ended: exits, signal, uptime, last lines",
     .run = run_why},
};

enum { ACTIONS = sizeof actions / sizeof *actions };

static bool belongs(const struct options *o, const struct action *a)
{
    return !(a->flags & (o->as_supervisorctl ? ACTION_OURS : ACTION_THEIRS));
}

const struct action *action_at(const struct options *o, size_t n)
{
    for (size_t i = 0; i < ACTIONS; i++)
        if (belongs(o, &actions[i]) && n-- == 0)
            return &actions[i];
    return NULL;
}

const struct action *action_find(const struct options *o, const char *name)
{
    for (size_t i = 0; i < ACTIONS; i++)
        if (strcmp(actions[i].name, name) == 0 && belongs(o, &actions[i]))
            return &actions[i];
    return NULL;
}

void action_help(struct ctl *c, const struct action *a)
{
    if (!c->options.as_supervisorctl)
        say(&c->out, "cslsup ctl %s%s%s: %s", a->name, *a->usage ? " " : "", a->usage, a->brief);
    if (a->help)
        say(&c->out, "%s", a->help);
}

/* Whether the words are as the table wants them; says so if not. */
static bool check_words(struct ctl *c, const struct action *a, const struct names *words)
{
    if ((a->flags & ACTION_NO_WORDS) && words->n)
        complain(&c->out, 1, "USAGE", "Error: %s accepts no arguments", a->name);
    else if ((a->flags & ACTION_NAMES) && words->n == 0)
        complain(&c->out, a->missing, "USAGE", "Error: %s requires a process name", a->name);
    else
        return true;
    action_help(c, a);
    return false;
}

static bool asks_help(const struct names *words)
{
    for (size_t w = 0; w < words->n; w++)
        if (strcmp(words->v[w], "--help") == 0 || strcmp(words->v[w], "-h") == 0)
            return true;
    return false;
}

static void unknown(struct ctl *c, const char *word, const char *line)
{
    const char *names[ACTIONS + 1];
    size_t n = 0;
    const struct action *a;

    for (size_t i = 0; (a = action_at(&c->options, i)); i++)
        if (!(a->flags & ACTION_HIDDEN))
            names[n++] = a->name;
    names[n] = NULL;
    const char *near = c->options.as_supervisorctl ? NULL : str_nearest(str_from(word), names);
    complain(&c->out, 1, "USAGE", "*** Unknown syntax: %s%s%s%s", line, near ? "; did you mean " : "", near ? near : "",
             near ? "?" : "");
}

void action_run(struct ctl *c, const char *line)
{
    const char *word, *rest, *whole = arena_str(c->arena, str_trim(str_from(line)));

    if (!*whole)
        return;
    action_split(c->arena, whole, &word, &rest);
    const struct action *a = action_find(&c->options, word);
    if (!a) {
        unknown(c, word, whole);
        return;
    }
    struct names words = words_split(c->arena, rest);
    if (!c->options.as_supervisorctl && asks_help(&words)) {
        action_help(c, a);
        return;
    }
    if (a->flags & ACTION_OFFLINE) {
        a->run(c, &words);
        return;
    }
    /* as supervisorctl: without a server nothing else matters */
    if (server_connect(c, a) < 0)
        return;
    if (check_words(c, a, &words))
        a->run(c, &words);
}

void run_exit(struct ctl *c, const struct names *words)
{
    (void)words;
    say(&c->out, "%s", "");
    c->leave = true;
}

void run_open(struct ctl *c, const struct names *words)
{
    const char *url = words->n ? words->v[0] : "";
    struct options *o = &c->options;

    if (strncmp(url, "unix://", 7) != 0 && strncmp(url, "http://", 7) != 0) {
        complain(&c->out, 1, "USAGE", "ERROR: url must be http:// or unix://");
        return;
    }
    o->serverurl = arena_strdup(c->memory, url);
    o->config = NULL; /* another server is meant than that of the configuration */
    action_run(c, "status");
    c->out.status = 0;
}

/* supervisorctl's list: names in columns. */
static void list_theirs(struct ctl *c)
{
    static const char header[] = "default commands (type help <topic>):";
    struct names names = {arena_alloc(c->arena, sizeof *names.v * ACTIONS), 0};
    const struct action *a;
    struct buf lines;

    for (size_t i = 0; (a = action_at(&c->options, i)); i++)
        if (!(a->flags & ACTION_HIDDEN) && a->run != run_help)
            names.v[names.n++] = a->name;
    buf_init(&lines, 8192);
    columns_format(&lines, &names, 79);
    say(&c->out, "\n%s\n%.*s\n%s", header, (int)sizeof header - 1,
        "================================================================", lines.ptr);
    buf_finish(&lines);
}

void run_help(struct ctl *c, const struct names *words)
{
    const struct action *a = words->n == 1 ? action_find(&c->options, words->v[0]) : NULL;

    if (words->n == 0 && c->options.as_supervisorctl)
        list_theirs(c);
    else if (words->n == 0)
        help_print(&c->options, c->program);
    else if (a && !(a->flags & ACTION_HIDDEN))
        action_help(c, a);
    else
        say(&c->out, "*** No help on %s", words->v[0]);
}
