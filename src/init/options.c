#include "init/options.h"
#include "base/str.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* X(short, "long", "value's name" or NULL for a flag, "key of [supervisord]" or NULL, "help") */
#define OPTIONS(X)                                                                                                     \
    X('c', "configuration", "FILE", NULL, "configuration file (searches if not given)")                                \
    X('n', "nodaemon", NULL, "nodaemon", "run in the foreground")                                                      \
    X('s', "silent", NULL, "silent", "no main log on stdout")                                                          \
    X('h', "help", NULL, NULL, "print this and exit")                                                                  \
    X('v', "version", NULL, NULL, "print the version and exit")                                                        \
    X('u', "user", "USER", "user", "run as this user (or numeric uid)")                                                \
    X('m', "umask", "UMASK", "umask", "umask of the daemon (default 022)")                                             \
    X('d', "directory", "DIRECTORY", "directory", "directory to change to when daemonized")                            \
    X('l', "logfile", "FILE", "logfile", "file of the main log")                                                       \
    X('y', "logfile_maxbytes", "BYTES", "logfile_maxbytes", "size at which the main log rotates")                      \
    X('z', "logfile_backups", "NUM", "logfile_backups", "rotated main logs to keep")                                   \
    X('e', "loglevel", "LEVEL", "loglevel", "critical, error, warn, info, debug, trace or blather")                    \
    X('j', "pidfile", "FILE", "pidfile", "file to write the pid to")                                                   \
    X('i', "identifier", "STR", "identifier", "name of this instance")                                                 \
    X('q', "childlogdir", "DIRECTORY", "childlogdir", "directory of AUTO child logs")                                  \
    X('k', "nocleanup", NULL, "nocleanup", "keep old AUTO child logs at the start")                                    \
    X('a', "minfds", "NUM", "minfds", "least number of file descriptors")                                              \
    X('t', "strip_ansi", NULL, "strip_ansi", "remove ANSI escape sequences from child logs")                           \
    X(0, "minprocs", "NUM", "minprocs", "least number of processes")                                                   \
    X(0, "profile_options", "OPTIONS", NULL, "accepted and ignored: there is no Python to profile")

struct option {
    char letter;
    const char *name, *value, *key, *help;
};

static const struct option options[] = {
#define X(letter, name, value, key, help) {letter, name, value, key, help},
    OPTIONS(X)
#undef X
};

#define OPTIONS_N (sizeof options / sizeof *options)

static const struct option *find_letter(char letter)
{
    if (letter == '?')
        letter = 'h';
    for (size_t i = 0; i < OPTIONS_N; i++)
        if (options[i].letter && options[i].letter == letter)
            return &options[i];
    return NULL;
}

/* Long options may be shortened as far as they stay unique, as getopt has it. */
static const struct option *find_name(struct str name, struct err *e)
{
    const struct option *found = NULL;

    for (size_t i = 0; i < OPTIONS_N; i++) {
        if (str_is(name, options[i].name))
            return &options[i];
        if (strncmp(options[i].name, name.ptr, name.len) != 0)
            continue;
        if (found) {
            err_set(e, "option --%.*s not a unique prefix", (int)name.len, name.ptr);
            return NULL;
        }
        found = &options[i];
    }
    if (!found)
        err_set(e, "option --%.*s not recognized", (int)name.len, name.ptr);
    return found;
}

static int take(struct init_options *o, const struct option *option, const char *value, const char *typed,
                struct err *e)
{
    if (option->letter == 'h')
        o->help = true;
    else if (option->letter == 'v')
        o->version = true;
    else if (option->letter == 'c')
        o->file = value;
    if (!option->key)
        return 0;
    if (o->overrides_n == OVERRIDES_MAX)
        return err_set(e, "too many options");
    o->overrides[o->overrides_n++] =
        (struct config_override){.key = option->key, .value = value ? value : "true", .typed = typed};
    return 0;
}

static int take_long(struct init_options *o, char **argv, int *at, struct err *e)
{
    const char *typed = argv[*at], *equals = strchr(typed, '=');
    struct str name = str_from(typed + 2);

    if (equals)
        name.len = (size_t)(equals - typed) - 2;
    const struct option *option = find_name(name, e);
    if (!option)
        return -EINVAL;
    if (!option->value && equals)
        return err_set(e, "option --%s must not have an argument", option->name);
    const char *value = equals ? equals + 1 : NULL;
    if (option->value && !value && !(value = argv[++*at]))
        return err_set(e, "option --%s requires argument", option->name);
    return take(o, option, value, typed, e);
}

/* `-n`, `-nk`, `-c FILE`, `-cFILE`. */
static int take_letters(struct init_options *o, char **argv, int *at, struct err *e)
{
    char *typed = argv[*at];

    for (const char *letter = typed + 1; *letter; letter++) {
        const struct option *option = find_letter(*letter);
        if (!option)
            return err_set(e, "option -%c not recognized", *letter);
        const char *value = NULL;
        if (option->value) {
            value = letter[1] ? letter + 1 : argv[++*at];
            if (!value)
                return err_set(e, "option -%c requires argument", *letter);
        }
        int r = take(o, option, value, typed, e);
        if (r < 0 || value)
            return r;
    }
    return 0;
}

int init_options_parse(int argc, char **argv, struct init_options *ret_options, struct err *e)
{
    int at = 1, r = 0;

    *ret_options = (struct init_options){0};
    for (; at < argc && argv[at][0] == '-' && argv[at][1] && r == 0; at++) {
        if (strcmp(argv[at], "--") == 0) {
            at++;
            break;
        }
        r = argv[at][1] == '-' ? take_long(ret_options, argv, &at, e) : take_letters(ret_options, argv, &at, e);
    }
    if (r == 0 && at < argc)
        return err_set(e, "positional arguments are not supported: ['%s']", argv[at]);
    return r;
}

void init_options_help(const char *program, bool as_supervisord)
{
    if (as_supervisord)
        printf("supervisord -- run a set of applications as daemons.\n\nUsage: %s [options]\n\nOptions:\n", program);
    else
        printf("Usage: cslsup [init] [options]\n\nSupervises the programs of the configuration in the foreground.\n\n"
               "Options:\n");
    for (size_t i = 0; i < OPTIONS_N; i++) {
        const struct option *o = &options[i];
        if (o->letter)
            printf("-%c/", o->letter);
        printf("--%s%s%s -- %s\n", o->name, o->value ? " " : "", o->value ? o->value : "", o->help);
    }
}
