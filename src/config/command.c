#include "config/command.h"
#include <errno.h>
#include <stdbool.h>
#include <string.h>

struct splitting {
    const char *text;
    char *to, *end;
    struct err *e;
};

static bool is_separator(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int put(struct splitting *s, char c)
{
    if (s->to == s->end)
        return -E2BIG;
    *s->to++ = c;
    return 0;
}

/* From behind the opening quote to behind the closing one. In double quotes a backslash escapes only the quote and
 * itself; in single quotes nothing. */
static int quoted(struct splitting *s, char quote)
{
    int r = 0;

    while (r == 0 && *s->text != quote) {
        if (*s->text == '\\' && quote == '"') {
            s->text++;
            if (*s->text == '\0')
                return err_set(s->e, "No escaped character");
            if (*s->text != '\\' && *s->text != quote)
                r = put(s, '\\');
        } else if (*s->text == '\0') {
            return err_set(s->e, "No closing quotation");
        }
        if (r == 0)
            r = put(s, *s->text++);
    }
    s->text++;
    return r;
}

static int word(struct splitting *s)
{
    int r = 0;

    while (r == 0 && *s->text && !is_separator(*s->text)) {
        char c = *s->text++;
        if (c == '"' || c == '\'')
            r = quoted(s, c);
        else if (c != '\\')
            r = put(s, c);
        else if (*s->text == '\0')
            return err_set(s->e, "No escaped character");
        else
            r = put(s, *s->text++);
    }
    return r < 0 ? r : put(s, '\0');
}

int command_split(const char *text, char *words, size_t size, char **ret_argv, size_t max, struct err *e)
{
    struct splitting s = {text, words, words + size, e};
    size_t n = 0;

    for (;;) {
        while (is_separator(*s.text))
            s.text++;
        if (n >= max)
            return -E2BIG;
        ret_argv[n] = NULL;
        if (*s.text == '\0')
            return (int)n;
        ret_argv[n++] = s.to;
        int r = word(&s);
        if (r < 0)
            return r;
    }
}
