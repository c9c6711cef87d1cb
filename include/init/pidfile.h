/* The pid file: `PID\n`, mode 0644; one that cannot be written is CRIT and no more (supervisord contract §2). */
#pragma once

/* Nothing happens when `path` is "". */
void pidfile_write(const char *path);
void pidfile_remove(const char *path);
