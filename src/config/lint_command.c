/* Commands that do not do what they look like: there is no shell between a program and its words. */
#include "config/command.h"
#include "config/lint.h"
#include "config/sections.h"
#include <stdlib.h>
#include <string.h>

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_shell(const char *word)
{
    static const char *const shells[] = {"sh", "bash", "dash", "ash", "zsh", "ksh", "busybox"};

    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(base_name(word), shells[i]) == 0)
            return true;
    return false;
}

/* Whether a word is one that only a shell would act upon: `&`, `&&`, `|`, `>file`, `2>&1`, `x;`, `` `x` ``. A word with
 * a blank was quoted, so it is meant as it stands. */
static bool is_operator(const char *word)
{
    if (strchr(word, ' '))
        return false;
    size_t n = strlen(word);
    const char *redirection = word + strspn(word, "0123456789&");

    if (*redirection == '>' || *redirection == '<' || strcmp(word, "&") == 0 || strcmp(word, "&&") == 0 ||
        strcmp(word, "|") == 0 || strcmp(word, "||") == 0)
        return true;
    return n > 0 && (word[n - 1] == ';' || (word[0] == '`' && word[n - 1] == '`'));
}

/* `$NAME`, `${` or `$(` somewhere in the word. */
static bool has_variable(const char *word)
{
    for (const char *dollar = word; (dollar = strchr(dollar, '$')); dollar++)
        if (dollar[1] == '{' || dollar[1] == '(' || dollar[1] == '_' || (dollar[1] >= 'A' && dollar[1] <= 'Z') ||
            (dollar[1] >= 'a' && dollar[1] <= 'z'))
            return true;
    return false;
}

static void lint_words(struct loader *l, const struct spec *spec, char **words)
{
    struct origin at = spec_origin(l, spec, "command");

    for (char **word = words; *word; word++) {
        if (!is_operator(*word) && !has_variable(*word))
            continue;
        loader_find(l, "shell-syntax", at, "no shell reads %s, it is passed on as it stands; write sh -c 'exec …'%s",
                    loader_quote(l, *word), strchr(*word, '$') ? ", or %(ENV_X)s for a variable" : "");
        return;
    }
}

/* The script of `sh -c SCRIPT`, also of `sh -ec` and the like; NULL when it is none. */
static const char *script_of(char **words)
{
    for (char **word = words + 1; *word && **word == '-'; word++)
        if (strchr(*word, 'c') && (*word)[1] != '-')
            return word[1];
    return NULL;
}

static void lint_shell(struct loader *l, const struct spec *spec, char **words)
{
    const char *script = script_of(words);

    if (script && !strstr(script, "exec ") && !spec->stopasgroup)
        loader_find(
            l, "shell-no-exec", spec_origin(l, spec, "command"),
            "the stop signal reaches the shell, not what it started; write exec before the last command, or set "
            "stopasgroup=true");
}

static bool has_word(char **words, const char *const *wanted)
{
    for (; *words; words++)
        for (const char *const *w = wanted; *w; w++)
            if (strcmp(*words, *w) == 0)
                return true;
    return false;
}

static void lint_daemons(struct loader *l, const struct spec *spec, char **words)
{
    static const char *const foreground[] = {"-F", "--nodaemonize", "-FO", "-OF", "-RF", "-FR", NULL};
    static const char *const asking[] = {"-t", "-tt", "-v", "-i", "-m", "-h", NULL};
    const char *name = base_name(words[0]);

    if (strncmp(name, "php-fpm", strlen("php-fpm")) == 0 && !has_word(words, foreground) && !has_word(words, asking))
        loader_find(l, "fpm-daemon", spec_origin(l, spec, "command"),
                    "php-fpm may leave the foreground, and would be restarted for ever; add -F");
    if (strcmp(name, "nginx") == 0 && !strstr(spec->command, "daemon off") && !has_word(words, asking))
        loader_find(l, "nginx-daemon", spec_origin(l, spec, "command"),
                    "nginx may leave the foreground, and would be restarted for ever; add -g 'daemon off;'");
}

void lint_command(struct loader *l, const struct spec *spec)
{
    size_t n = strlen(spec->command);
    char *text = arena_alloc(l->tmp, n + 1);
    char **words = arena_alloc(l->tmp, (n / 2 + 2) * sizeof *words);
    struct err e = {0};

    int count = command_split(spec->command, text, n + 1, words, n / 2 + 2, &e);
    if (count < 0) {
        loader_find(l, "shell-syntax", spec_origin(l, spec, "command"),
                    "the command cannot be split: %s; it will not start", e.text);
        return;
    }
    if (count == 0)
        return;
    if (is_shell(words[0]))
        lint_shell(l, spec, words);
    else
        lint_words(l, spec, words);
    lint_daemons(l, spec, words);
}
