/* The pid file: `PID\n`, mode 0644; one that cannot be written is CRIT and no more (supervisord contract §2). */
#pragma once

/* Removes the file `*pidfile` (NULL: none was written) and writes one at `path` ("": none), which `*pidfile` then
 * names; it is the heap's. */
void pidfile_move(char **pidfile, const char *path);
