#include "core/verbs.h"

enum right { LOOK, COMMAND };

static const struct {
    const char *word, *help;
    enum right right;
} verbs[VERB_COUNT] = {[VERB_NONE] = {"", "", COMMAND},
#define X(name, word, right, help) [VERB_##name] = {word, help, right},
                       VERBS(X)
#undef X
};

static bool known(enum verb v)
{
    return (unsigned)v < VERB_COUNT;
}

const char *verb_word(enum verb v)
{
    return known(v) ? verbs[v].word : "";
}

const char *verb_help(enum verb v)
{
    return known(v) ? verbs[v].help : "";
}

bool verb_is_command(enum verb v)
{
    return !known(v) || verbs[v].right == COMMAND;
}

unsigned verb_flags(enum verb v)
{
    switch (v) {
    case VERB_HEALTH:
        return VERB_FLAG_LIVE;
    case VERB_LOG:
        return VERB_FLAG_STDERR;
    default:
        return 0;
    }
}
