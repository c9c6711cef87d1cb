/* Loads every configuration file named on stdin, one a line, and says `ok` or `bad FILE:LINE: text` for each, with a
 * NUL behind: thousands of loads in one process, so that the sanitizers see them all in seconds. */
#include "config/load.h"
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A load that takes longer than this is a hang. */
#define LOAD_SECONDS_MAX 10

static void say_hang(int number)
{
    static const char text[] = "hang";

    (void)number;
    (void)!write(STDOUT_FILENO, text, sizeof text - 1);
    _exit(3);
}

static void load(const char *file, bool as_supervisord)
{
    char *env[] = {"PATH=/usr/bin:/bin", "HOME=/root", "GIVEN=gift", "EMPTY=", "NUMBER=3", NULL};
    struct config_request request = {
        .as_supervisord = as_supervisord, .program = "supervisord", .file = file, .any_role = true, .env = env};
    struct program_set *set = NULL;
    struct err e = {0};
    char line[4096];

    alarm(LOAD_SECONDS_MAX);
    if (config_load(&request, &set, &e)) {
        err_format(&e, line, sizeof line);
        printf("bad %s%c", line, 0);
    } else {
        printf("ok%c", 0);
        program_set_free(set);
    }
    fflush(stdout);
    alarm(0);
}

int main(int argc, char **argv)
{
    bool as_supervisord = argc > 1 && strcmp(argv[1], "--supervisord") == 0;
    char file[4096];

    signal(SIGALRM, say_hang);
    while (fgets(file, sizeof file, stdin)) {
        file[strcspn(file, "\n")] = '\0';
        load(file, as_supervisord);
    }
    return 0;
}
