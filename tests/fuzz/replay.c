/* Runs a fuzz target without libFuzzer: `fuzz_proto SEED-DIRECTORY` feeds every seed, and MUTATIONS changed copies of
 * each. Seeds are text (as they stand), or `NAME.hex`: pairs of hexadecimal digits. The same seeds give the same run.
 */
#include "fuzz.h"
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED_MAX 65536
#define MUTATIONS 3000

static uint64_t state = 88172645463325252u;

static size_t below(size_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return n ? (size_t)(state % n) : 0;
}

/* Flips, overwrites, cuts, repeats: a few times. */
static size_t mutate(uint8_t *data, size_t n)
{
    for (size_t changes = 1 + below(4); n && changes; changes--) {
        size_t at = below(n);

        switch (below(4)) {
        case 0:
            data[at] ^= (uint8_t)(1u << below(8));
            break;
        case 1:
            data[at] = (uint8_t)below(256);
            break;
        case 2:
            n = at;
            break;
        default: {
            size_t len = below(n - at + 1);

            if (n + len > SEED_MAX)
                break;
            memmove(data + at + len, data + at, n - at);
            n += len;
        }
        }
    }
    return n;
}

/* A copy of exactly this size, so that a sanitizer sees every byte beyond. */
static void feed(const uint8_t *data, size_t n)
{
    uint8_t *copy = malloc(n ? n : 1);

    if (!copy)
        abort();
    memcpy(copy, data, n);
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
}

static size_t from_hex(uint8_t *data, size_t n)
{
    size_t out = 0, digits = 0;

    for (size_t i = 0; i < n; i++) {
        if (!isxdigit(data[i]))
            continue;
        unsigned digit = (unsigned)(isdigit(data[i]) ? data[i] - '0' : tolower(data[i]) - 'a' + 10);
        data[out] = (uint8_t)(digits++ % 2 ? (unsigned)data[out] << 4 | digit : digit);
        out += digits % 2 == 0;
    }
    return out;
}

static void run_seed(const char *path)
{
    static uint8_t seed[SEED_MAX], changed[SEED_MAX];
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(seed, 1, sizeof seed, f) : 0, len = strlen(path);

    if (!f) {
        perror(path);
        exit(1);
    }
    fclose(f);
    if (len > 4 && !strcmp(path + len - 4, ".hex"))
        n = from_hex(seed, n);
    feed(seed, n);
    for (int i = 0; i < MUTATIONS; i++) {
        memcpy(changed, seed, n);
        feed(changed, mutate(changed, n));
    }
}

int main(int argc, char **argv)
{
    DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
    const struct dirent *entry;
    int seeds = 0;

    if (!dir) {
        fprintf(stderr, "usage: %s SEED-DIRECTORY\n", argv[0]);
        return 2;
    }
    while ((entry = readdir(dir))) {
        char path[4096];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        run_seed(path);
        seeds++;
    }
    closedir(dir);
    printf("%d seeds, %d mutations of each\n", seeds, MUTATIONS);
    return seeds == 0;
}
