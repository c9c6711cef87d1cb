#include "config/expand.h"
#include "base/vec.h"
#include "config/pytext.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void scope_add(struct scope *s, const char *name, const char *text)
{
    if (s->names_n < SCOPE_NAMES_MAX)
        s->names[s->names_n++] = (struct scope_name){.name = name, .text = text};
}

void scope_add_number(struct scope *s, const char *name, int64_t number)
{
    if (s->names_n < SCOPE_NAMES_MAX)
        s->names[s->names_n++] = (struct scope_name){.name = name, .number = number};
}

void scope_add_env(struct scope *s, const struct env_list *env)
{
    if (s->env_n < SCOPE_ENVS_MAX)
        s->env[s->env_n++] = env;
}

const char *scope_env(const struct scope *s, struct str name)
{
    for (size_t i = s->env_n; i-- > 0;)
        for (size_t j = s->env[i]->n; j-- > 0;)
            if (str_is(name, s->env[i]->v[j].name))
                return s->env[i]->v[j].value;
    return NULL;
}

/* A value that a conversion is applied to: a text, or a number when text.ptr is NULL. */
struct operand {
    struct str text;
    int64_t number;
};

/* flags, width, precision and letter of one conversion. */
struct conversion {
    bool left, zero, sign, blank;
    size_t width, precision;
    bool has_precision;
    char letter;
};

struct expansion {
    struct arena *a;
    struct buf *to;
    const struct scope *scope;
    struct str whole, rest;
    const char *where;
    struct err *e;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *available_names(struct expansion *x)
{
    const struct scope *s = x->scope;
    VEC(const char *) names = {0};
    struct buf list;

    for (size_t i = 0; i < s->names_n; i++)
        *vec_push(x->a, &names) = s->names[i].name;
    for (size_t i = 0; i < s->env_n; i++)
        for (size_t j = 0; j < s->env[i]->n; j++)
            *vec_push(x->a, &names) = arena_printf(x->a, "ENV_%s", s->env[i]->v[j].name);
    if (names.n)
        qsort(names.v, names.n, sizeof *names.v, by_name);
    buf_init(&list, sizeof x->e->text);
    for (size_t i = 0; i < names.n; i++)
        if (i == 0 || strcmp(names.v[i], names.v[i - 1]) != 0)
            buf_printf(&list, "%s%s", list.len ? ", " : "", names.v[i]);
    char *copy = arena_str(x->a, buf_str(&list));
    buf_finish(&list);
    return copy;
}

static const char *repr(struct expansion *x, struct str s)
{
    struct buf quoted;

    buf_init(&quoted, 4 * s.len + 8);
    py_repr(&quoted, s);
    char *copy = arena_str(x->a, buf_str(&quoted));
    buf_finish(&quoted);
    return copy;
}

static int badly_formatted(struct expansion *x, const char *why)
{
    return err_set(x->e, "Format string %s for %s is badly formatted: %s", repr(x, x->whole),
                   repr(x, str_from(x->where)), why);
}

static int unknown_in_own_words(struct expansion *x, struct str name)
{
    const char *names[SCOPE_NAMES_MAX + 1] = {0};
    int n = (int)name.len;

    if (str_starts(name, "ENV_"))
        return err_set(x->e, "%%(%.*s)s: the variable is not set; set it, or write %%(%.*s:-default)s", n, name.ptr, n,
                       name.ptr);
    for (size_t i = 0; i < x->scope->names_n; i++)
        names[i] = x->scope->names[i].name;
    const char *nearest = str_nearest(name, names);
    if (nearest)
        return err_set(x->e, "%%(%.*s)s is no name here; did you mean %%(%s)s?", n, name.ptr, nearest);
    return err_set(x->e, "%%(%.*s)s is no name here; write %%%% for a percent sign, %%(ENV_X)s for a variable", n,
                   name.ptr);
}

static int unknown_name(struct expansion *x, struct str name)
{
    if (x->scope->own_words)
        return unknown_in_own_words(x, name);
    return err_set(x->e, "Format string %s for %s contains names (%s) which cannot be expanded. Available names: %s",
                   repr(x, x->whole), repr(x, str_from(x->where)), repr(x, name), available_names(x));
}

static char peek(const struct expansion *x)
{
    return x->rest.len ? x->rest.ptr[0] : '\0';
}

static void skip(struct expansion *x, size_t n)
{
    x->rest = (struct str){x->rest.ptr + n, x->rest.len - n};
}

/* `ENV_X:-word`: the operator character when `key` (which runs to the end of the text) begins so, else 0. */
static char env_operator(struct str key, struct str *ret_variable, struct str *ret_rest)
{
    size_t n = 4;

    if (!str_starts(key, "ENV_"))
        return 0;
    while (n < key.len && key.ptr[n] != ':' && key.ptr[n] != ')')
        n++;
    if (n + 1 >= key.len || key.ptr[n] != ':' || !strchr("-+?", key.ptr[n + 1]) || key.ptr[n + 1] == '\0')
        return 0;
    *ret_variable = (struct str){key.ptr + 4, n - 4};
    *ret_rest = (struct str){key.ptr + n + 2, key.len - n - 2};
    return key.ptr[n + 1];
}

/* The word of `:-`, `:+` and `:?` ends at `)s` and is not expanded; empty counts as unset, as in a shell. */
static int expand_operator(struct expansion *x, char operator, struct str variable, struct str rest)
{
    const char *value = scope_env(x->scope, variable);
    bool set = value && *value;
    size_t n = 0;

    while (n + 1 < rest.len && !(rest.ptr[n] == ')' && rest.ptr[n + 1] == 's'))
        n++;
    if (n + 1 >= rest.len)
        return badly_formatted(x, "incomplete format key");
    struct str word = {rest.ptr, n};
    skip(x, (size_t)(rest.ptr + n + 2 - x->rest.ptr));
    if (operator== '-')
        return set ? buf_add_text(x->to, value) : buf_add_str(x->to, word);
    if (operator== '+')
        return set ? buf_add_str(x->to, word) : 0;
    if (set)
        return buf_add_text(x->to, value);
    if (x->scope->missing) {
        *x->scope->missing = true;
        return 0;
    }
    return err_set(x->e, "%.*s is not set: %.*s", (int)variable.len, variable.ptr, (int)word.len, word.ptr);
}

static int look_up(struct expansion *x, struct str name, struct operand *ret_operand)
{
    const struct scope *s = x->scope;
    const char *value;

    for (size_t i = s->names_n; i-- > 0;) {
        if (!str_is(name, s->names[i].name))
            continue;
        *ret_operand = (struct operand){str_from(s->names[i].text), s->names[i].number};
        return 0;
    }
    if (str_starts(name, "ENV_")) {
        value = scope_env(s, (struct str){name.ptr + 4, name.len - 4});
        if (!value && s->missing) {
            *s->missing = true;
            value = "";
        }
        if (value) {
            *ret_operand = (struct operand){.text = str_from(value)};
            return 0;
        }
    }
    return unknown_name(x, name);
}

/* The name between the parentheses, which may nest. */
static int take_key(struct expansion *x, struct str *ret_name)
{
    size_t depth = 1, n = 1;

    while (n < x->rest.len && depth > 0) {
        depth += x->rest.ptr[n] == '(';
        depth -= x->rest.ptr[n] == ')';
        n++;
    }
    if (depth > 0)
        return badly_formatted(x, "incomplete format key");
    *ret_name = (struct str){x->rest.ptr + 1, n - 2};
    skip(x, n);
    return 0;
}

static size_t take_number(struct expansion *x)
{
    size_t value = 0;

    for (; peek(x) >= '0' && peek(x) <= '9'; skip(x, 1))
        if (value <= EXPANDED_MAX)
            value = value * 10 + (size_t)(peek(x) - '0');
    return value;
}

static void take_flags(struct expansion *x, struct conversion *c)
{
    for (; peek(x) && strchr("-0+ #", peek(x)); skip(x, 1)) {
        c->left |= peek(x) == '-';
        c->zero |= peek(x) == '0';
        c->sign |= peek(x) == '+';
        c->blank |= peek(x) == ' ';
    }
}

static int take_conversion(struct expansion *x, struct conversion *ret_conversion)
{
    struct conversion c = {0};

    take_flags(x, &c);
    c.width = take_number(x);
    if (peek(x) == '.') {
        skip(x, 1);
        c.has_precision = true;
        c.precision = take_number(x);
    }
    if (peek(x) && strchr("hlL", peek(x)))
        skip(x, 1);
    if (x->rest.len == 0)
        return badly_formatted(x, "incomplete format");
    c.letter = peek(x);
    *ret_conversion = c;
    return 0;
}

static int pad(struct expansion *x, size_t n, char with)
{
    char *room = buf_room(x->to, n);
    if (!room)
        return -EMSGSIZE;
    memset(room, with, n);
    x->to->len += n;
    x->to->ptr[x->to->len] = '\0';
    return 0;
}

/* `s`, at most `precision` characters of it, filled up to `width` characters. */
static int add_text(struct expansion *x, const struct conversion *c, struct str s)
{
    size_t characters = 0, bytes = 0;

    while (bytes < s.len && !(c->has_precision && characters == c->precision)) {
        bytes += py_char((struct str){s.ptr + bytes, s.len - bytes});
        characters++;
    }
    size_t fill = c->width > characters ? c->width - characters : 0;
    if (!c->left && fill && pad(x, fill, ' ') < 0)
        return -EMSGSIZE;
    int r = buf_add(x->to, s.ptr, bytes);
    return r < 0 || !c->left || !fill ? r : pad(x, fill, ' ');
}

/* Sign, then zeros up to the precision or (flag 0) the width, then the digits. */
static int add_digits(struct expansion *x, const struct conversion *c, bool negative, const char *digits)
{
    size_t n = strlen(digits), zeros = 0;
    const char *sign = negative ? "-" : c->sign ? "+" : c->blank ? " " : "";
    size_t signs = strlen(sign);

    if (c->has_precision && c->precision > n)
        zeros = c->precision - n;
    else if (c->zero && !c->left && c->width > n + signs)
        zeros = c->width - n - signs;
    size_t all = signs + zeros + n, fill = c->width > all ? c->width - all : 0;
    if (!c->left && fill && pad(x, fill, ' ') < 0)
        return -EMSGSIZE;
    if (buf_add_text(x->to, sign) < 0 || (zeros && pad(x, zeros, '0') < 0) || buf_add_text(x->to, digits) < 0)
        return -EMSGSIZE;
    return c->left && fill ? pad(x, fill, ' ') : 0;
}

static int unsupported(struct expansion *x)
{
    struct str before = {x->whole.ptr, (size_t)(x->rest.ptr - x->whole.ptr)};
    size_t index = 0;

    for (size_t n = 0; n < before.len; index++)
        n += py_char((struct str){before.ptr + n, before.len - n});
    char c = peek(x);
    const char *why = arena_printf(x->a, "unsupported format character '%c' (0x%x) at index %zu",
                                   c >= ' ' && c <= '~' ? c : '?', (unsigned char)c, index);
    return badly_formatted(x, why);
}

static int convert_number(struct expansion *x, const struct conversion *c, int64_t number)
{
    uint64_t size = number < 0 ? -(uint64_t)number : (uint64_t)number;
    char digits[32];

    if (c->letter == 'x')
        snprintf(digits, sizeof digits, "%" PRIx64, size);
    else if (c->letter == 'X')
        snprintf(digits, sizeof digits, "%" PRIX64, size);
    else if (c->letter == 'o')
        snprintf(digits, sizeof digits, "%" PRIo64, size);
    else
        snprintf(digits, sizeof digits, "%" PRIu64, size);
    return add_digits(x, c, number < 0, digits);
}

static int convert(struct expansion *x, const struct conversion *c, struct operand o)
{
    bool is_number = o.text.ptr == NULL;
    char digits[32];

    if (c->letter == '%')
        return buf_add_char(x->to, '%');
    if (is_number && strchr("diuxXo", c->letter))
        return convert_number(x, c, o.number);
    if (is_number) {
        snprintf(digits, sizeof digits, "%" PRId64, o.number);
        o.text = str_from(digits);
    }
    if (c->letter == 's')
        return add_text(x, c, o.text);
    if (c->letter == 'r' || c->letter == 'a')
        return add_text(x, c, is_number ? o.text : str_from(repr(x, o.text)));
    if (strchr("diu", c->letter))
        return badly_formatted(x, arena_printf(x->a, "%%%c format: a real number is required, not str", c->letter));
    if (strchr("xXo", c->letter))
        return badly_formatted(x, arena_printf(x->a, "%%%c format: an integer is required, not str", c->letter));
    return unsupported(x);
}

/* One `%…`; the cursor stands behind the percent sign. */
static int expand_one(struct expansion *x)
{
    struct operand operand = {.text = {"", 0}};
    struct conversion conversion;
    struct str key = {0}, variable, rest;
    bool keyed = peek(x) == '(';

    if (keyed) {
        char operator= env_operator((struct str){x->rest.ptr + 1, x->rest.len - 1}, &variable, &rest);
        if (operator)
            return expand_operator(x, operator, variable, rest);
        int r = take_key(x, &key);
        if (r < 0 || (r = look_up(x, key, &operand)) < 0)
            return r;
    }
    int r = take_conversion(x, &conversion);
    if (r < 0)
        return r;
    if (conversion.letter == '\0' || !strchr("%srdiuxXoac", conversion.letter))
        return unsupported(x);
    /* Python would print the whole dictionary for `%s`; that never was what anybody meant. */
    if (!keyed && conversion.letter != '%')
        return badly_formatted(x, "a format needs a name, as in %(here)s; write %% for a percent sign");
    r = convert(x, &conversion, operand);
    skip(x, 1);
    return r;
}

int expand_text(struct arena *a, struct buf *scratch, const struct scope *s, const char *text, const char *where,
                const char **ret_text, struct err *e)
{
    struct expansion x = {a, scratch, s, str_from(text), str_from(text), where, e};
    int r = 0;

    buf_clear(scratch);
    while (r == 0 && x.rest.len > 0) {
        const char *percent = str_find(x.rest, '%');
        size_t n = percent ? (size_t)(percent - x.rest.ptr) : x.rest.len;
        r = buf_add(scratch, x.rest.ptr, n);
        skip(&x, percent ? n + 1 : n);
        if (r == 0 && percent)
            r = expand_one(&x);
    }
    if (r == 0)
        *ret_text = arena_str(a, buf_str(scratch));
    else if (r == -EMSGSIZE)
        r = err_set(e, "%s is longer than %d bytes once expanded", where, EXPANDED_MAX);
    buf_clear(scratch);
    return r;
}
