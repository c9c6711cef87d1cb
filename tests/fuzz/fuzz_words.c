/* Text that is split into words or variables: `command=`, `environment=`, an env_file. Buffers of the promised size
 * suffice, and all that comes out came in. */
#include "config/command.h"
#include "config/envfile.h"
#include "config/pairs.h"
#include "fuzz.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void expect(bool promise)
{
    if (!promise)
        abort();
}

static void split(const char *text)
{
    size_t n = strlen(text), bytes = 0;
    char *words = malloc(n + 1), **argv = malloc((n / 2 + 2) * sizeof *argv);
    struct err e;

    expect(words && argv);
    int count = command_split(text, words, n + 1, argv, n / 2 + 2, &e);
    expect(count >= 0 || (count == -EINVAL && e.text[0]));
    for (int i = 0; i < count; i++)
        bytes += strlen(argv[i]);
    expect(bytes <= n && (count < 0 || argv[count] == NULL));
    free(words);
    free(argv);
}

static void pairs(const char *text)
{
    struct arena *a = arena_new(16 * 1024 * 1024);
    struct env_list env;
    struct err e;

    expect(a != NULL);
    int r = pairs_parse(a, text, &env, &e);
    expect(r == 0 || (r == -EINVAL && e.text[0]));
    if (r == 0)
        expect(pairs_merge(a, &env, &env).n == env.n);
    arena_free(a);
}

static int count(void *context, const char *name, const char *value)
{
    *(size_t *)context += strlen(name) + strlen(value);
    return *name ? 0 : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);
    size_t bytes = 0;
    struct err e;

    expect(text != NULL);
    split(text);
    pairs(text);
    int r = envfile_parse((struct str){(const char *)data, size}, "env", count, &bytes, &e);
    expect((r == 0 && bytes <= size) || (r == -EINVAL && e.text[0] && e.line > 0));
    free(text);
    return 0;
}
