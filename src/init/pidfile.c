#include "init/pidfile.h"
#include "base/log.h"
#include "os/files.h"
#include "os/sockets.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void write_pid(const char *path)
{
    char text[32], words[128];
    int n = snprintf(text, sizeof text, "%d\n", (int)getpid());
    int r = os_write_file(path, text, (size_t)n, 0644);

    if (r < 0)
        log_line(LVL_CRIT, "could not write pidfile %s: %s", path, os_error_words(-r, words, sizeof words));
}

void pidfile_move(char **pidfile, const char *path)
{
    if (*pidfile)
        unlink(*pidfile);
    free(*pidfile);
    *pidfile = path[0] ? strdup(path) : NULL;
    if (*pidfile)
        write_pid(*pidfile);
}
