/* The table of options: options.def as data. */
#pragma once
#include "base/str.h"
#include "core/program.h"
#include <stdbool.h>
#include <stddef.h>

/* Kinds of section, as bits. X(bit, header, whether `:name` follows: 'n'o, 'y'es or 'm'aybe) */
#define SECTION_KINDS(X)                                                                                               \
    X(PROGRAM, "program", 'y')                                                                                         \
    X(LISTENER, "eventlistener", 'y')                                                                                  \
    X(FCGI, "fcgi-program", 'y')                                                                                       \
    X(DEFAULTS, "program_defaults", 'n')                                                                               \
    X(SUPERVISORD, "supervisord", 'n')                                                                                 \
    X(CSLSUP, "cslsup", 'n')                                                                                           \
    X(GROUP, "group", 'y')                                                                                             \
    X(INCLUDE, "include", 'n')                                                                                         \
    X(UNIX_SERVER, "unix_http_server", 'm')                                                                            \
    X(INET_SERVER, "inet_http_server", 'm')                                                                            \
    X(RPCINTERFACE, "rpcinterface", 'y')                                                                               \
    X(CTL, "supervisorctl", 'n')                                                                                       \
    X(CTLPLUGIN, "ctlplugin", 'y')

enum section_index {
#define X(name, header, suffix) SECTION_INDEX_##name,
    SECTION_KINDS(X)
#undef X
        SECTION_KIND_COUNT
};

enum section_kind {
#define X(name, header, suffix) SECTION_##name = 1 << SECTION_INDEX_##name,
    SECTION_KINDS(X)
#undef X
};

/* What an option's text is read as (src/config/types.c holds a parser for each), and for supervisord's own types the
 * mend that its error texts lack. X(name, mend) */
#define OPTION_TYPES(X)                                                                                                \
    X(NOTHING, "")                                                                                                     \
    X(TEXT, "")                                                                                                        \
    X(COMMAND, "")                                                                                                     \
    X(PROCESS_NAME, "")                                                                                                \
    X(SERVERURL, "")                                                                                                   \
    X(PREFIX, "")                                                                                                      \
    X(SCHEDULE, "")                                                                                                    \
    X(DIR, "make it, or write another path")                                                                           \
    X(PATH, "make that directory, or write another path")                                                              \
    X(INT, "write a whole number")                                                                                     \
    X(COUNT, "")                                                                                                       \
    X(OCTAL, "write an octal number such as 022")                                                                      \
    X(SIZE, "write a whole number, or one with KB, MB or GB")                                                          \
    X(BYTES, "")                                                                                                       \
    X(SECONDS, "write a whole number of seconds")                                                                      \
    X(DURATION, "")                                                                                                    \
    X(DAYS, "")                                                                                                        \
    X(LEVEL, "write critical, error, warn, info, debug, trace or blather")                                             \
    X(BOOL, "write true or false")                                                                                     \
    X(HANDLER, "")                                                                                                     \
    X(BUFFER_SIZE, "")                                                                                                 \
    X(SOCKET_MODE, "")                                                                                                 \
    X(MUST_NOT, "")                                                                                                    \
    X(ENABLED, "write true or false")                                                                                  \
    X(ORPHANS, "")                                                                                                     \
    X(SIGNAL, "write a name such as TERM, or a number")                                                                \
    X(AUTORESTART, "write true, false or unexpected")                                                                  \
    X(OVERLAP, "")                                                                                                     \
    X(UNHEALTHY, "")                                                                                                   \
    X(ON_END, "")                                                                                                      \
    X(DONE, "")                                                                                                        \
    X(FORMAT, "")                                                                                                      \
    X(REPORT, "")                                                                                                      \
    X(ROTATE, "")                                                                                                      \
    X(NOTIFY, "")                                                                                                      \
    X(EXITCODES, "write numbers from 0 to 255 with commas between")                                                    \
    X(USER, "write a user of /etc/passwd, by name or uid")                                                             \
    X(LOGFILE, "make that directory, or write another path, AUTO or NONE")                                             \
    X(ENVIRONMENT, "write KEY=\"value\",KEY2=\"value\"")                                                               \
    X(NAMES, "")                                                                                                       \
    X(EVENTS, "write types such as PROCESS_STATE,TICK_60")                                                             \
    X(CHECKS, "")                                                                                                      \
    X(NEEDS, "")                                                                                                       \
    X(LIMIT, "")

enum option_type {
#define X(name, mend) AS_##name,
    OPTION_TYPES(X)
#undef X
        OPTION_TYPE_COUNT
};

enum option_names { NAMES_ONCE, NAMES_EACH, NAMES_PLAIN };
enum option_version { VERSION_BASE, VERSION_OURS, VERSION_LATER };

struct option {
    unsigned sections; /* bits of enum section_kind */
    const char *key;
    enum option_type type;
    size_t offset; /* into struct draft (programs) or struct settings ([supervisord], [cslsup]) */
    const char *fallback;
    enum option_names names;
    enum option_version version;
    const char *help;
};

/* A program section while it is read: what becomes a spec, and what only the reading needs. */
struct draft {
    struct spec spec; /* first: an offset below its size is one into struct spec */
    int64_t numprocs, numprocs_start;
    struct names roles;
    bool enabled;
};

/* [supervisord] and [cslsup] while they are read. */
struct settings {
    struct daemon d;
    const char *roles_dir, *role_env, *default_role;
};

/* All options in reading order; ends with a row whose key is NULL. */
extern const struct option option_table[];

/* The kind of a section by its full name, 0 when it is none of ours. */
unsigned section_kind(const char *name);

/* The header of a kind (the lowest bit of `kinds`): `program`. */
const char *section_kind_name(unsigned kinds);

/* The option of that key in one of the section kinds, NULL when there is none. */
const struct option *option_find(unsigned kinds, const char *key);

/* The key nearest to an unknown one within those kinds, or NULL; and the section header nearest to an unknown one. */
const char *option_nearest(unsigned kinds, const char *key);
const char *section_nearest(const char *name);
