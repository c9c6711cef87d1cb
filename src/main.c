/* The table of applets: chosen by argv[0] or by the first word (container contract §1). */
#include "base/buf.h"
#include "base/str.h"
#include "check/check.h"
#include "config/manual.h"
#include "ctl/ctl.h"
#include "exec/exec.h"
#include "health/health.h"
#include "init/init.h"
#include "os/spawn.h"
#include "probe/probe.h"
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
typedef int applet_main(int argc, char **argv);

static applet_main help_main, version_main;

static int as_init(int argc, char **argv)
{
    return init_main(argc, argv, false);
}

static int as_ctl(int argc, char **argv)
{
    return ctl_main(argc, argv, false);
}

static const struct applet {
    const char *word;
    applet_main *run; /* argv[0] is the word */
    const char *help;
} applets[] = {
    {"init", as_init, "supervise programs in the foreground; what cslsup does without a word"},
    {"ctl", as_ctl, "talk to the running supervisor: status, start, stop, tail, ..."},
    {"health", health_main, "0 or 1: are all essential programs well, and why not"},
    {"probe", probe_main, "run health checks once, or until they pass"},
    {"check", check_main, "read the configuration, warn, and print what would run"},
    {"exec", exec_main, "run one command as PID 1"},
    {"help", help_main, "this, or the help of one word: an applet, a key, a section, or `keys` for all of these"},
    {"version", version_main, "print the version"},
};

/* Longest text of `help keys`. */
enum { MANUAL_MAX = 1 << 18 };

#define APPLETS_N (sizeof applets / sizeof *applets)

static const struct applet *find(const char *word)
{
    for (size_t i = 0; i < APPLETS_N; i++)
        if (!strcmp(word, applets[i].word))
            return &applets[i];
    return NULL;
}

static int version_main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("cslsup " CSLSUP_VERSION);
    return 0;
}

static void print_help(void)
{
    puts("cslsup " CSLSUP_VERSION ": init and process supervisor for containers\n"
         "\n"
         "  cslsup [-c FILE]      supervise the programs of a configuration\n"
         "  cslsup COMMAND...     run one command as PID 1\n"
         "  cslsup WORD --help    one of these words:\n");
    for (size_t i = 0; i < APPLETS_N; i++)
        printf("    %-8s %s\n", applets[i].word, applets[i].help);
    puts("\nCalled as supervisord or supervisorctl it behaves as these do.");
}

static int unknown(const char *word, const char *what)
{
    const char *words[APPLETS_N + 1] = {NULL}, *nearest;

    for (size_t i = 0; i < APPLETS_N; i++)
        words[i] = applets[i].word;
    nearest = str_nearest(str_from(word), words);
    fprintf(stderr, "cslsup: '%s' is %s; %s%s%s\n", word, what, nearest ? "did you mean '" : "see 'cslsup help'",
            nearest ? nearest : "", nearest ? "'?" : "");
    return 2;
}

/* A word that is no applet may be a key or a section of the configuration. */
static int help_with_keys(const char *word)
{
    struct buf text;
    const char *nearest = manual_nearest(word);

    buf_init(&text, MANUAL_MAX);
    if (manual_write(word, &text))
        return fputs(text.ptr, stdout) < 0;
    if (!nearest)
        return unknown(word, "no word of cslsup");
    fprintf(stderr, "cslsup: '%s' is no word or key of cslsup; did you mean '%s'?\n", word, nearest);
    return 2;
}

static int help_main(int argc, char **argv)
{
    const struct applet *a = argc > 1 ? find(argv[1]) : NULL;
    char option[] = "--help";

    if (argc > 1 && !a)
        return help_with_keys(argv[1]);
    if (!a || a->run == help_main || a->run == version_main) {
        print_help();
        return 0;
    }
    return a->run(2, (char *[]){argv[1], option, NULL});
}

/* A word that is no applet is a command, when there is one. */
static int run_command(int argc, char **argv)
{
    char path[PATH_MAX], text[FIND_TEXT_MAX];

    if (!strchr(argv[1], '/') && os_find_command(argv[1], NULL, path, text) == -ENOENT)
        return unknown(argv[1], "neither a word of cslsup nor a command");
    return exec_command(argc - 1, argv + 1);
}

static bool is_option(const char *word)
{
    return word[0] == '-';
}

int main(int argc, char **argv)
{
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    const char *name = slash ? slash + 1 : argc > 0 ? argv[0] : "";
    const struct applet *a;

    if (!strcmp(name, "supervisord"))
        return init_main(argc, argv, true);
    if (!strcmp(name, "supervisorctl"))
        return ctl_main(argc, argv, true);
    if (argc > 1 && !strcmp(argv[1], "--version"))
        return version_main(argc, argv);
    if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
        print_help();
        return 0;
    }
    if (argc > 1 && !is_option(argv[1])) {
        a = find(argv[1]);
        return a ? a->run(argc - 1, argv + 1) : run_command(argc, argv);
    }
    return init_main(argc, argv, false);
}
