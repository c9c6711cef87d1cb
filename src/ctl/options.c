#include "ctl/options.h"
#include "base/str.h"
#include "base/vec.h"
#include <errno.h>
#include <string.h>

enum { SUPERVISORCTL = 1, CTL = 2, BOTH = 3 };

/* One option; `-?` is help as well. */
struct option {
    char letter;
    const char *word; /* supervisorctl's own long names, `--history_file` too */
    unsigned faces;
    bool takes_value;
    size_t offset; /* of a const char *, or a bool without a value */
};

#define AT(field) offsetof(struct options, field)

static const struct option table[] = {
    {'c', "configuration", BOTH, true, AT(config)},
    {'h', "help", BOTH, false, AT(help)},
    {'?', NULL, BOTH, false, AT(help)},
    {'i', "interactive", BOTH, false, AT(interactive)},
    {'s', "serverurl", SUPERVISORCTL, true, AT(serverurl)},
    {'u', "username", SUPERVISORCTL, true, AT(username)},
    {'p', "password", SUPERVISORCTL, true, AT(password)},
    {'r', "history_file", BOTH, true, AT(history_file)},
};

enum { OPTIONS = sizeof table / sizeof *table };

struct reader {
    int argc, next; /* argv[next] is not yet read */
    char **argv;
    unsigned face;
    struct options *options;
    bool seen[OPTIONS];
    struct err *e;
};

/* Python's urlparse: a scheme and a place, or unix:// and a path. */
static bool is_url(const char *value)
{
    const char *place = strstr(value, "://");

    return place && place != value && place[3];
}

/* `spelled` is the option as supervisorctl would name it: `-s` or `--serverurl`. */
static int set(struct reader *r, const struct option *o, const char *spelled, const char *value)
{
    char *field = (char *)r->options + o->offset;

    if (o->offset == AT(help)) {
        r->options->help = true;
        return 0;
    }
    if (o->offset == AT(serverurl) && !is_url(value))
        return err_set(r->e, "invalid value for %s '%s': value '%s' is not a URL", spelled, value, value);
    if (r->seen[o - table])
        return err_set(r->e, "conflicting command line option '%s'", spelled);
    r->seen[o - table] = true;
    if (o->takes_value)
        *(const char **)(void *)field = value;
    else
        *(bool *)(void *)field = true;
    return 0;
}

/* By its name or a beginning that is no other's. */
static int find_word(struct reader *r, struct str word, const struct option **ret_option)
{
    const struct option *found = NULL;

    for (const struct option *o = table; o < table + OPTIONS; o++) {
        if (!(o->faces & r->face) || !o->word || strncmp(o->word, word.ptr, word.len) != 0)
            continue;
        if (found && strlen(o->word) != word.len)
            return err_set(r->e, "option --%.*s not a unique prefix", (int)word.len, word.ptr);
        found = o;
    }
    if (!found)
        return err_set(r->e, "option --%.*s not recognized", (int)word.len, word.ptr);
    *ret_option = found;
    return 0;
}

static int read_word(struct reader *r, struct arena *a, const char *text)
{
    const char *equals = strchr(text, '=');
    struct str word = {text, equals ? (size_t)(equals - text) : strlen(text)};
    const char *value = equals ? equals + 1 : NULL;
    const struct option *o = NULL;
    int found = find_word(r, word, &o);

    if (found < 0)
        return found;
    if (value && !o->takes_value)
        return err_set(r->e, "option --%s must not have an argument", o->word);
    if (!value && o->takes_value) {
        if (r->next == r->argc)
            return err_set(r->e, "option --%s requires argument", o->word);
        value = r->argv[r->next++];
    }
    return set(r, o, arena_printf(a, "--%s", o->word), value);
}

static int read_letters(struct reader *r, struct arena *a, const char *letters)
{
    while (*letters) {
        char letter = *letters++;
        const struct option *o = table;
        while (o < table + OPTIONS && (o->letter != letter || !(o->faces & r->face)))
            o++;
        if (o == table + OPTIONS)
            return err_set(r->e, "option -%c not recognized", letter);
        const char *value = NULL;
        if (o->takes_value) {
            value = *letters ? letters : r->next < r->argc ? r->argv[r->next++] : NULL;
            if (!value)
                return err_set(r->e, "option -%c requires argument", letter);
            letters = "";
        }
        int done = set(r, o, arena_printf(a, "-%c", letter), value);
        if (done < 0)
            return done;
    }
    return 0;
}

static const char *join(struct arena *a, char **words, int n)
{
    size_t len = 1;

    for (int i = 0; i < n; i++)
        len += strlen(words[i]) + 1;
    char *line = arena_alloc(a, len), *at = line;
    for (int i = 0; i < n; i++) {
        size_t word = strlen(words[i]);
        memcpy(at, words[i], word);
        at += word;
        *at++ = i + 1 < n ? ' ' : '\0';
    }
    return line;
}

/* `--json` stands anywhere: it is taken out before all else looks at the words. */
static char **without_json(struct arena *a, int *argc, char **argv, bool *ret_json)
{
    char **kept = arena_alloc(a, sizeof *kept * ((size_t)*argc + 1));
    int n = 0;

    for (int i = 0; i < *argc; i++) {
        if (i > 0 && strcmp(argv[i], "--json") == 0)
            *ret_json = true;
        else
            kept[n++] = argv[i];
    }
    *argc = n;
    return kept;
}

int options_parse(struct arena *a, int argc, char **argv, bool as_supervisorctl, struct options *ret_options,
                  struct err *e)
{
    struct options o = {.as_supervisorctl = as_supervisorctl, .prompt = "supervisor", .action = ""};

    if (!as_supervisorctl)
        argv = without_json(a, &argc, argv, &o.json);
    struct reader r = {argc, 1, argv, as_supervisorctl ? SUPERVISORCTL : CTL, &o, {false}, e};
    while (r.next < argc && argv[r.next][0] == '-' && argv[r.next][1]) {
        const char *word = argv[r.next++];
        if (strcmp(word, "--") == 0)
            break;
        int done = word[1] == '-' ? read_word(&r, a, word + 2) : read_letters(&r, a, word + 1);
        if (done < 0)
            return done;
    }
    o.action = join(a, argv + r.next, argc - r.next);
    *ret_options = o;
    return 0;
}

static bool is_word_char(char c)
{
    return (c >= '0' && c <= '9') || c == '_' || (str_lower(c) >= 'a' && str_lower(c) <= 'z');
}

void action_split(struct arena *a, const char *line, const char **ret_word, const char **ret_rest)
{
    struct str text = str_trim(str_from(line));
    size_t n = 0;

    if (text.len && text.ptr[0] == '?') {
        *ret_word = "help";
        *ret_rest = arena_str(a, str_trim((struct str){text.ptr + 1, text.len - 1}));
        return;
    }
    while (n < text.len && is_word_char(text.ptr[n]))
        n++;
    *ret_word = arena_str(a, (struct str){text.ptr, n});
    *ret_rest = arena_str(a, str_trim((struct str){text.ptr + n, text.len - n}));
}

struct names words_split(struct arena *a, const char *text)
{
    VEC(const char *) words = {0};
    struct str cursor = str_from(text), word;

    while (str_take_word(&cursor, &word)) {
        const char **slot = vec_push(a, &words);
        *slot = arena_str(a, word);
    }
    return (struct names){words.v, words.n};
}
