/* The applet `ctl`, also called as `supervisorctl`: the client for people (supervisord contract §6, container contract
 * §7). */
#pragma once
#include <stdbool.h>

/* Runs one action, or the shell; returns the exit code. `argv[0]` is the program's name for messages, the rest options
 * and action. As supervisorctl: its options, output and exit codes to the letter, and no action of ours. */
int ctl_main(int argc, char **argv, bool as_supervisorctl);
