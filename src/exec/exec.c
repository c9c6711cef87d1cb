#include "exec/exec.h"
#include "base/opt.h"
#include "exec/as.h"
#include "exec/run.h"
#include <errno.h>
#include <stdio.h>

#define EXIT_WRONG_CALL 2
#define EXIT_CANNOT_RUN 126
#define EXIT_NOT_FOUND 127

extern char **environ;

static const char help[] =
    "cslsup exec [--as NAME] [-c FILE] [--] COMMAND...\n"
    "\n"
    "Runs one command as PID 1: passes signals on, reaps orphans, and ends with the command's exit code\n"
    "(128+N for a signal, 127 not found, 126 not executable). `cslsup COMMAND...` is short for it.\n"
    "\n"
    "  --as NAME  with the user, directory, environment, secrets and limits of the program NAME\n"
    "  -c FILE    the configuration that NAME is in, of whatever role\n"
    "\n"
    "For example: docker compose run --rm app php artisan migrate\n";

/* Finds the command by the plan's own PATH, and runs it. */
static int run(struct spawn_plan *plan, const char *search, char **argv)
{
    char path[PATH_MAX], text[FIND_TEXT_MAX];
    int r = os_find_command(argv[0], search, path, text);

    if (r < 0) {
        fprintf(stderr, "cslsup: %s\n", text);
        return r == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
    }
    plan->path = path;
    plan->argv = (const char *const *)argv;
    return run_to_the_end(plan);
}

int exec_command(int argc, char **argv)
{
    struct spawn_plan plan = SPAWN_PLAN_NONE;

    (void)argc;
    plan.envp = (const char *const *)environ;
    return run(&plan, NULL, argv);
}

static int wrong_call(const struct err *e)
{
    char line[4096];

    err_format(e, line, sizeof line);
    fprintf(stderr, e->file[0] ? "%s\n" : "cslsup exec: %s\n", line);
    return EXIT_WRONG_CALL;
}

int exec_main(int argc, char **argv)
{
    bool wants_help = false;
    const char *name = NULL, *config = NULL, *search = NULL;
    const struct opt opts[] = {
        {.name = "--as", .text = &name},
        {.name = "-c", .text = &config},
        {.name = "--help", .flag = &wants_help},
        {.name = "-h", .flag = &wants_help},
    };
    struct spawn_plan plan = SPAWN_PLAN_NONE;
    struct err e = {0};

    argc = opt_take(opts, sizeof opts / sizeof *opts, argc, argv, true, &e);
    if (argc > 0 && wants_help) {
        fputs(help, stdout);
        return 0;
    }
    if (argc == 1)
        err_set(&e, "which command? for example: cslsup exec -- php artisan migrate");
    if (argc <= 1)
        return wrong_call(&e);
    if (!name)
        return exec_command(argc - 1, argv + 1);
    if (plan_as(&plan, name, config, &search, &e) < 0)
        return wrong_call(&e);
    return run(&plan, search, argv + 1);
}
