#include "core/lines.h"
#include "base/str.h"
#include "core/types.h"

static const struct {
    enum log_level level;
    const char *format;
} lines[LINE_COUNT] = {
#define X(name, level, format) {LVL_##level, format},
    LINES(X)
#undef X
};

void signal_text(struct text *out, int signal)
{
    const char *name = signal_name(signal);

    if (name)
        text_add(out, name);
    else
        text_printf(out, "signal %d", signal);
}

void ending_text(struct text *out, int exit_code, int signal, bool core_dumped)
{
    if (signal == 0) {
        text_printf(out, "exit status %d", exit_code);
        return;
    }
    text_add(out, "terminated by ");
    signal_text(out, signal);
    if (core_dumped)
        text_add(out, " (core dumped)");
}

static void put_name(struct text *out, const struct line_facts *f)
{
    text_add(out, f->name);
}

static void put_text(struct text *out, const struct line_facts *f)
{
    text_add(out, f->text);
}

static void put_pid(struct text *out, const struct line_facts *f)
{
    text_printf(out, "%d", f->pid);
}

static void put_number(struct text *out, const struct line_facts *f)
{
    text_printf(out, "%lld", (long long)f->number);
}

static void put_signal(struct text *out, const struct line_facts *f)
{
    signal_text(out, f->signal);
}

static void put_group(struct text *out, const struct line_facts *f)
{
    text_add(out, f->as_group ? "process group " : "");
}

static void put_how(struct text *out, const struct line_facts *f)
{
    ending_text(out, f->exit_code, f->exit_signal, f->core_dumped);
}

static void fill(struct text *out, struct str blank, const struct line_facts *facts)
{
    static const struct {
        const char *name;
        void (*put)(struct text *, const struct line_facts *);
    } blanks[] = {
        {"name", put_name},     {"text", put_text},   {"pid", put_pid}, {"number", put_number},
        {"signal", put_signal}, {"group", put_group}, {"how", put_how},
    };

    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++)
        if (str_is(blank, blanks[i].name))
            blanks[i].put(out, facts);
}

enum log_level line_text(struct text *out, enum line line, const struct line_facts *facts)
{
    struct str rest = str_from(lines[line].format), words, blank;

    while (str_take_until(&rest, "{", &words)) {
        text_printf(out, "%.*s", (int)words.len, words.ptr);
        if (str_take_until(&rest, "}", &blank))
            fill(out, blank, facts);
    }
    return lines[line].level;
}
