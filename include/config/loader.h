/* What the files of this floor share while one configuration is loaded. Outside of it only `check` looks in, by
 * config/report.h. */
#pragma once
#include "base/vec.h"
#include "config/doc.h"
#include "config/expand.h"
#include "config/load.h"
#include "config/options.h"
#include "config/users.h"

/* What `check` says about one place. */
struct finding {
    const char *code;
    struct origin at;
    const char *text; /* `what; the mend` */
};

/* An effective value of one process, for `check --explain`. */
struct effective {
    const char *group, *name; /* the process */
    const struct option *option;
    const char *text; /* expanded */
    struct origin origin;
};

struct role {
    const char *name; /* lower case */
    const char *file; /* NULL: known by a `roles=` key alone */
};

struct loader {
    const struct config_request *request;
    const struct config_host *host;
    struct arena *tmp;  /* lives as long as the loader */
    struct arena *keep; /* becomes the set's */
    struct buf scratch; /* of expansion */
    struct buf file;    /* the file that is being read */
    struct err *e;

    const char *hostname;
    const char *main_file; /* absolute; NULL: role files stand alone */
    const char *here;      /* its directory */
    struct doc doc;
    struct users users;
    struct env_list env; /* the daemon's */
    struct settings settings;

    VEC(struct role) roles; /* that there are */
    struct names selected;  /* of these the chosen ones, lower case */
    bool roles_matter;      /* there are roles, so a section with others is left out */

    VEC(struct group) groups;
    int64_t processes; /* that were read */
    VEC(struct server) servers;
    VEC(struct notice) warnings, infos;
    VEC(struct finding) findings;
    VEC(struct effective) effective;
    VEC(const char *) left_out; /* lines: what is not loaded, and why */
    bool record;                /* fill `effective` */
    struct program_set *set;    /* the result */

    const char *kept_from, *kept_file; /* the last file that was copied into the set, and its copy */

    const char *pairs_text; /* the last environment= that was read, and what it meant */
    struct env_list pairs;

    /* the value that is being read */
    const struct section *section;
    const struct value *value;
    const struct option *option;
    struct draft *draft;
    struct scope *scope;
};

/* A loader for one configuration, or NULL without memory. Borrows `request` and `e`. Both NULL-safe to free. */
struct loader *loader_new(const struct config_request *request, struct err *e);
void loader_free(struct loader *l);

/* Calls `work` so that a full arena makes it return -ENOMEM with a text. */
int loader_guard(struct loader *l, int (*work)(struct loader *l));

/* Reads, merges, selects and builds; the result is in the loader. */
int loader_run(struct loader *l);

/* Takes the result out as l->set, which owns l->keep from then on. Returns 0. */
int loader_finish(struct loader *l);

/* An error that has no place stands in the main file; and ours are one line (container contract §11). */
void loader_place_error(struct loader *l);

/* A string in the set's arena. */
const char *loader_keep(struct loader *l, const char *text);

/* Notices for the start log, and findings for `check`. */
void loader_warn(struct loader *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
void loader_inform(struct loader *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
void loader_find(struct loader *l, const char *code, struct origin at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* repr() of a text, in the loader's own arena. */
const char *loader_quote(struct loader *l, const char *text);

/* `~` and `~user` at the start of a path, as os.path.expanduser; and the absolute path without `.`, `..` and `//`. */
const char *loader_path_expand_user(struct loader *l, const char *path);
const char *loader_path(struct loader *l, const char *path);

/* The part before the last slash: "" when there is none, "/" for a file in the root. */
const char *loader_path_directory(struct loader *l, const char *path);
