#include "ctl/ctl.h"
#include "ctl/action.h"
#include "ctl/server.h"
#include "ctl/shell.h"
#include "ctl/theirs.h"
#include <stdio.h>
#include <string.h>

/* What options and words take: argv is at most 2 MB. */
enum { MEMORY_BYTES_MAX = 16 << 20 };

static void print_theirs(const char *program)
{
    printf("supervisorctl -- control applications run by supervisord from the cmd line.\n"
           "\n"
           "Usage: %s [options] [action [arguments]]\n"
           "\n"
           "Options:\n"
           "-c/--configuration FILENAME -- configuration file path (searches if not given)\n"
           "-h/--help -- print usage message and exit\n"
           "-i/--interactive -- start an interactive shell after executing commands\n"
           "-s/--serverurl URL -- URL on which supervisord server is listening\n"
           "     (default \"" DEFAULT_SERVERURL "\").\n"
           "-u/--username USERNAME -- username to use for authentication with server\n"
           "-p/--password PASSWORD -- password to use for authentication with server\n"
           "-r/--history-file -- keep a readline history (if readline is available)\n"
           "\n"
           "action [arguments] -- see below\n"
           "\n"
           "Actions are commands like \"tail\" or \"stop\".  If -i is specified or no action is\n"
           "specified on the command line, a \"shell\" interpreting actions typed\n"
           "interactively is started.  Use the action \"help\" to find out about available\n"
           "actions.\n"
           "\n",
           program);
}

void help_print(const struct options *o, const char *program)
{
    const struct action *a;

    if (o->as_supervisorctl) {
        print_theirs(program);
        return;
    }
    puts("cslsup ctl: talk to the cslsup that runs in this container.\n"
         "\n"
         "Usage: cslsup ctl [-c FILE] [-i] [-r HISTORY] [--json] [ACTION [WORDS]]\n"
         "\n"
         "  -c FILE     the instance started from FILE; default: PID 1's, else the only one\n"
         "  -i          as in the shell: reload and shutdown ask first\n"
         "  -r HISTORY  keep the shell's lines in this file\n"
         "  --json      anywhere: one JSON object instead of lines\n"
         "\n"
         "NAME is x, g:x or g:* (all of group g). Without an action: a shell.\n");
    for (size_t i = 0; (a = action_at(o, i)); i++)
        if (!(a->flags & ACTION_HIDDEN))
            printf("  %-8s %-31s  %s\n", a->name, a->usage, a->brief);
}

static int bad_use(const struct options *o, const char *program, const struct err *e)
{
    if (o->as_supervisorctl)
        fprintf(stderr, "Error: %s\nFor help, use %s -h\n", e->text, program);
    else
        fprintf(stderr, "cslsup ctl: %s; see cslsup ctl --help\n", e->text);
    return 2;
}

static int run_one(struct ctl *c)
{
    c->arena = arena_new(ACTION_BYTES_MAX);
    if (!c->arena) {
        fputs("out of memory\n", stderr);
        return 1;
    }
    output_init(&c->out, c->options.json);
    action_run(c, c->options.action);
    int status = output_finish(&c->out);
    server_disconnect(c);
    arena_free(c->arena);
    return status;
}

/* Where supervisorctl could do nothing without its section, ours reaches the instance of that configuration. */
static bool own_instance_lives(struct ctl *c)
{
    bool lives = client_connect(&c->client, c->options.config) == 0;

    server_disconnect(c);
    return lives;
}

static int run(struct ctl *c)
{
    struct options *o = &c->options;
    struct err e = {0};

    if (o->help) {
        help_print(o, c->program);
        return 0;
    }
    if (theirs_load(c->memory, o, c->program, &e) < 0)
        return bad_use(o, c->program, &e);
    if (o->no_section && !own_instance_lives(c)) {
        err_set(&e, ".ini file does not include supervisorctl section");
        return bad_use(o, c->program, &e);
    }
    if (*o->action)
        return run_one(c);
    if (o->json) {
        err_set(&e, "--json needs an action");
        return bad_use(o, c->program, &e);
    }
    shell_run(c);
    return 0;
}

int ctl_main(int argc, char **argv, bool as_supervisorctl)
{
    struct ctl c = {.program = argv[0], .client = {.fd = -1}, .url = "cslsup"};
    struct options refused = {.as_supervisorctl = as_supervisorctl};
    struct err e = {0};

    c.memory = arena_new(MEMORY_BYTES_MAX);
    c.scratch = arena_new(ACTION_BYTES_MAX);
    if (!c.memory || !c.scratch) {
        fputs("out of memory\n", stderr);
        return 1;
    }
    bool good = options_parse(c.memory, argc, argv, as_supervisorctl, &c.options, &e) == 0;
    int status = good ? run(&c) : bad_use(&refused, argv[0], &e);
    arena_free(c.scratch);
    arena_free(c.memory);
    return status;
}
