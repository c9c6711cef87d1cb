/* supervisord's own types, with supervisord's own error texts (supervisord contract §2), and the table of all types. */
#include "config/types.h"
#include "base/log.h"
#include "base/num.h"
#include "config/pairs.h"
#include "config/pytext.h"
#include "config/role.h"
#include "config/types_ours.h"
#include <errno.h>
#include <string.h>

struct names type_list(struct arena *a, const char *text, const char *separators)
{
    VEC(const char *) list = {0};

    for (size_t n; *text; text += n + 1) {
        n = strcspn(text, separators);
        *vec_push(a, &list) = arena_str(a, py_trim((struct str){text, n}));
        if (text[n] == '\0')
            break;
        if (text[n + 1] == '\0')
            *vec_push(a, &list) = "";
    }
    return (struct names){list.v, list.n};
}

static int parse_nothing(struct loader *l, const char *text, void *field)
{
    (void)l, (void)text, (void)field;
    return 0;
}

static int parse_text(struct loader *l, const char *text, void *field)
{
    *(const char **)field = loader_keep(l, text);
    return 0;
}

static int not_an_int(struct loader *l, const char *text, int code)
{
    if (code == -ERANGE)
        return err_set(l->e, "number out of range: %s", loader_quote(l, text));
    return err_set(l->e, "invalid literal for int() with base 10: %s", loader_quote(l, text));
}

int type_int(struct loader *l, const char *text, void *field)
{
    int r = num_int(py_trim(str_from(text)), field);
    return r < 0 ? not_an_int(l, text, r) : 0;
}

int type_octal(struct loader *l, const char *text, void *field)
{
    if (num_octal(py_trim(str_from(text)), field) < 0)
        return err_set(l->e, "%s can not be converted to an octal type", text);
    return 0;
}

/* The error quotes what int() got to see: lower case, without the unit. */
static int parse_size(struct loader *l, const char *text, void *field)
{
    struct str s = str_from(text);
    int r = num_size(s, field);

    if (r == 0)
        return 0;
    char *lower = arena_strdup(l->tmp, text);
    for (char *c = lower; *c; c++)
        *c = str_lower(*c);
    if (s.len >= 2 && lower[s.len - 1] == 'b' && strchr("kmg", lower[s.len - 2]))
        lower[s.len - 2] = '\0';
    return not_an_int(l, lower, r);
}

static int parse_seconds(struct loader *l, const char *text, void *field)
{
    int64_t seconds;
    int r = type_int(l, text, &seconds);

    if (r == 0)
        *(int64_t *)field = num_mul_sat(seconds, NS_PER_S);
    return r;
}

int type_bool(struct loader *l, const char *text, void *field)
{
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!str_is_nocase(str_from(text), words[i]))
            continue;
        *(bool *)field = i % 2;
        return 0;
    }
    return err_set(l->e, "not a valid boolean value: %s", loader_quote(l, text));
}

static int parse_must_not(struct loader *l, const char *text, void *field)
{
    int r = type_bool(l, text, field);

    if (r < 0 || !*(bool *)field)
        return r;
    return err_set(l->e,
                   "[%s] section sets %s=true but this is not allowed because it will interfere with the eventlistener "
                   "protocol",
                   l->section->name, l->option->key);
}

/* Python plug-ins cannot be loaded; supervisord says the same of one that is not installed. */
static int parse_handler(struct loader *l, const char *text, void *field)
{
    if (strcmp(text, l->option->fallback) == 0)
        return parse_text(l, text, field);
    return err_set(l->e, "%s cannot be resolved within [%s]%s", text, l->section->name,
                   l->request->as_supervisord ? "" : "; take it out, and use log_prefix for prefixed output");
}

static int parse_buffer_size(struct loader *l, const char *text, void *field)
{
    int r = type_int(l, text, field);

    if (r < 0 || *(int64_t *)field >= 1)
        return r;
    return err_set(l->e, "[%s] section sets invalid buffer_size (%lld)", l->section->name,
                   (long long)*(int64_t *)field);
}

static int parse_socket_mode(struct loader *l, const char *text, void *field)
{
    return type_octal(l, text, field) < 0 ? err_set(l->e, "Invalid socket_mode value %s", text) : 0;
}

static int parse_autorestart(struct loader *l, const char *text, void *field)
{
    enum autorestart *autorestart = field;
    bool always = false; /* gcc cannot see that an error leaves no way to it */

    if (str_is_nocase(str_from(text), "unexpected")) {
        *autorestart = RESTART_UNEXPECTED;
    } else if (type_bool(l, text, &always) == 0) {
        *autorestart = always ? RESTART_ALWAYS : RESTART_NEVER;
    } else {
        char *lower = arena_strdup(l->tmp, text);
        for (char *c = lower; *c; c++)
            *c = str_lower(*c);
        return err_set(l->e, "invalid 'autorestart' value %s", loader_quote(l, lower));
    }
    return 0;
}

static int parse_signal(struct loader *l, const char *text, void *field)
{
    int64_t number;

    if (signal_from_text(text, field))
        return 0;
    bool is_number = num_int(py_trim(str_from(text)), &number) != -EINVAL;
    return err_set(l->e, "value %s is not a valid signal %s", loader_quote(l, text), is_number ? "number" : "name");
}

static int parse_exitcodes(struct loader *l, const char *text, void *field)
{
    struct exit_codes codes = {0};
    struct str rest = str_from(text), part;
    bool good = rest.len == 0 || rest.ptr[rest.len - 1] != ',';
    int64_t code;

    while (good && str_take_until(&rest, ",", &part)) {
        good = num_int(py_trim(part), &code) == 0 && code >= 0 && code <= 255;
        if (good)
            codes.bits[code / 64] |= UINT64_C(1) << (code % 64);
    }
    if (!good)
        return err_set(l->e, "not a valid list of exit codes: %s", loader_quote(l, text));
    *(struct exit_codes *)field = codes;
    return 0;
}

static int parse_user(struct loader *l, const char *text, void *field)
{
    struct spec *spec = field;
    int64_t number;

    spec->user = loader_keep(l, text);
    if (users_find(&l->users, text, &spec->uid, NULL))
        return 0;
    const char *what = num_int(py_trim(str_from(text)), &number) == 0 ? "id" : "name";
    if (!l->request->no_env)
        return err_set(l->e, "Invalid user %s %s", what, text);
    loader_find(l, "unknown-user", l->value ? l->value->origin : l->section->origin,
                "invalid user %s %s here; it must exist where this runs", what, text);
    return 0;
}

static int parse_dir(struct loader *l, const char *text, void *field)
{
    const char *path = loader_path_expand_user(l, text);

    if (!l->host->is_dir(l->host->context, path))
        return err_set(l->e, "%s is not an existing directory", text);
    return parse_text(l, path, field);
}

/* A role's tasks make its directories (container contract §2), so there a file is missed when it is opened. */
static int parse_path(struct loader *l, const char *text, void *field)
{
    const char *path = loader_path_expand_user(l, text), *directory = loader_path_directory(l, path);
    bool made_later = l->value && role_is_file(l, l->value->origin.file);

    if (*directory && !made_later && !l->host->is_dir(l->host->context, directory))
        return err_set(l->e, "The directory named as part of the path %s does not exist", text);
    return parse_text(l, path, field);
}

/* supervisord expands a log file's name twice, and the second time its errors name the bare key. */
static int parse_logfile(struct loader *l, const char *text, void *field)
{
    struct log_spec *log = field;
    const char *path;

    int r = expand_text(l->tmp, &l->scratch, l->scope, text, l->option->key, &path, l->e);
    if (r < 0)
        return r;
    struct str word = str_from(path);
    log->path = "";
    log->target = LOG_TO_NOWHERE;
    if (word.len == 0 || str_is_nocase(word, "none") || str_is_nocase(word, "off"))
        return 0;
    if (str_is_nocase(word, "auto")) {
        log->target = LOG_TO_AUTO;
    } else if (str_is_nocase(word, "syslog")) {
        log->syslog = true;
        loader_warn(l,
                    "For [%s], %s=syslog but this is deprecated and will be removed.  Use %.6s_syslog=true to enable "
                    "syslog instead.",
                    l->section->name, l->option->key, l->option->key);
    } else {
        log->target = LOG_TO_FILE;
        return parse_path(l, path, &log->path);
    }
    return 0;
}

static int parse_level(struct loader *l, const char *text, void *field)
{
    static const struct {
        const char *name;
        enum log_level level;
    } levels[] = {{"critical", LVL_CRIT}, {"error", LVL_ERRO}, {"warn", LVL_WARN},   {"info", LVL_INFO},
                  {"debug", LVL_DEBG},    {"trace", LVL_TRAC}, {"blather", LVL_BLAT}};

    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (!str_is_nocase(str_from(text), levels[i].name))
            continue;
        *(int64_t *)field = levels[i].level;
        return 0;
    }
    return err_set(l->e, "bad logging level name %s", loader_quote(l, text));
}

static int parse_serverurl(struct loader *l, const char *text, void *field)
{
    return parse_text(l, str_is_nocase(py_trim(str_from(text)), "auto") ? "" : text, field);
}

static int parse_environment(struct loader *l, const char *text, void *field)
{
    /* supervisord expands its own environment a second time */
    int r = l->draft ? 0 : expand_text(l->tmp, &l->scratch, l->scope, text, l->option->key, &text, l->e);
    if (r == 0 && !(l->pairs_text && strcmp(l->pairs_text, text) == 0)) {
        r = pairs_parse(l->keep, text, &l->pairs, l->e);
        l->pairs_text = r == 0 ? text : NULL;
    }
    if (r == 0)
        *(struct env_list *)field = l->pairs; /* mostly the same for all processes of a program: they share it */
    return r;
}

static int parse_events(struct loader *l, const char *text, void *field)
{
    static const char *const types[] = {"EVENT",
                                        "PROCESS_STATE",
                                        "PROCESS_STATE_STOPPED",
                                        "PROCESS_STATE_EXITED",
                                        "PROCESS_STATE_STARTING",
                                        "PROCESS_STATE_STOPPING",
                                        "PROCESS_STATE_BACKOFF",
                                        "PROCESS_STATE_FATAL",
                                        "PROCESS_STATE_RUNNING",
                                        "PROCESS_STATE_UNKNOWN",
                                        "PROCESS_COMMUNICATION",
                                        "PROCESS_COMMUNICATION_STDOUT",
                                        "PROCESS_COMMUNICATION_STDERR",
                                        "PROCESS_LOG",
                                        "PROCESS_LOG_STDOUT",
                                        "PROCESS_LOG_STDERR",
                                        "REMOTE_COMMUNICATION",
                                        "SUPERVISOR_STATE_CHANGE",
                                        "SUPERVISOR_STATE_CHANGE_RUNNING",
                                        "SUPERVISOR_STATE_CHANGE_STOPPING",
                                        "TICK",
                                        "TICK_5",
                                        "TICK_60",
                                        "TICK_3600",
                                        "PROCESS_GROUP",
                                        "PROCESS_GROUP_ADDED",
                                        "PROCESS_GROUP_REMOVED"};
    char *upper = arena_strdup(l->tmp, text);
    struct names *events = field;

    for (char *c = upper; *c; c++)
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    struct names list = type_list(l->tmp, upper, ",");
    if (list.n == 0)
        return err_set(l->e, "[%s] section requires an \"events\" line", l->section->name);
    *events = (struct names){arena_alloc(l->keep, list.n * sizeof *list.v), 0};
    for (size_t i = 0; i < list.n; i++) {
        size_t known = 0;
        while (known < sizeof types / sizeof *types && strcmp(list.v[i], types[known]) != 0)
            known++;
        if (known == sizeof types / sizeof *types)
            return err_set(l->e, "Unknown event type %s in [%s] events", list.v[i], l->section->name);
        events->v[events->n++] = types[known];
    }
    return 0;
}

typedef int type_parser(struct loader *l, const char *text, void *field);

static type_parser *const parsers[OPTION_TYPE_COUNT] = {
    [AS_NOTHING] = parse_nothing,
    [AS_TEXT] = parse_text,
    [AS_COMMAND] = parse_text,
    [AS_PROCESS_NAME] = parse_text,
    [AS_SERVERURL] = parse_serverurl,
    [AS_PREFIX] = type_prefix,
    [AS_SCHEDULE] = type_schedule,
    [AS_DIR] = parse_dir,
    [AS_PATH] = parse_path,
    [AS_INT] = type_int,
    [AS_COUNT] = type_count,
    [AS_OCTAL] = type_octal,
    [AS_SIZE] = parse_size,
    [AS_BYTES] = type_bytes,
    [AS_SECONDS] = parse_seconds,
    [AS_DURATION] = type_duration,
    [AS_DAYS] = type_days,
    [AS_LEVEL] = parse_level,
    [AS_BOOL] = type_bool,
    [AS_HANDLER] = parse_handler,
    [AS_BUFFER_SIZE] = parse_buffer_size,
    [AS_SOCKET_MODE] = parse_socket_mode,
    [AS_MUST_NOT] = parse_must_not,
    [AS_ENABLED] = type_enabled,
    [AS_ORPHANS] = type_orphans,
    [AS_SIGNAL] = parse_signal,
    [AS_AUTORESTART] = parse_autorestart,
    [AS_OVERLAP] = type_word,
    [AS_UNHEALTHY] = type_word,
    [AS_ON_END] = type_word,
    [AS_DONE] = type_word,
    [AS_FORMAT] = type_word,
    [AS_REPORT] = type_word,
    [AS_ROTATE] = type_word,
    [AS_NOTIFY] = type_notify,
    [AS_EXITCODES] = parse_exitcodes,
    [AS_USER] = parse_user,
    [AS_LOGFILE] = parse_logfile,
    [AS_ENVIRONMENT] = parse_environment,
    [AS_NAMES] = type_names,
    [AS_EVENTS] = parse_events,
    [AS_CHECKS] = type_checks,
    [AS_NEEDS] = type_needs,
    [AS_LIMIT] = type_limit,
};

int type_parse(struct loader *l, const char *text, void *field)
{
    return parsers[l->option->type](l, text, field);
}
