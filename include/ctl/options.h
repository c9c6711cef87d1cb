/* The command line of ctl and supervisorctl, and supervisorctl's section of the configuration. */
#pragma once
#include "base/arena.h"
#include "base/err.h"
#include "core/program.h"
#include <stdbool.h>

/* Where supervisorctl looks without -s and without a serverurl. */
#define DEFAULT_SERVERURL "http://localhost:9001"

struct options {
    bool as_supervisorctl;
    bool help, interactive, json;
    const char *config;    /* -c, as given, then absolute; NULL = none */
    bool config_was_found; /* by supervisorctl, where supervisord looks: nobody named it */
    bool no_section;       /* … and it has no [supervisorctl] */
    const char *serverurl, *username, *password, *history_file;
    const char *prompt; /* never NULL */
    const char *action; /* the words behind the options, joined by blanks; "" = none */
};

/* Reads argv[1..]. Strings borrow from argv or live in the arena. As ctl, `--json` may stand anywhere. 0, or -EINVAL
 * with Python getopt's words in `e->text`: `option -z not recognized`. */
int options_parse(struct arena *a, int argc, char **argv, bool as_supervisorctl, struct options *ret_options,
                  struct err *e);

/* The first word of `line` and its rest, as Python's cmd module takes them apart: letters, digits and _ make the word,
 * `?x` is `help x`. Both live in the arena; the word is "" when the line does not start with one. */
void action_split(struct arena *a, const char *line, const char **ret_word, const char **ret_rest);

/* The words of `text`, split at blanks. */
struct names words_split(struct arena *a, const char *text);
