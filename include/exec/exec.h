/* The applet `exec`: one command as PID 1 (container contract §1, §11). */
#pragma once

/* `exec [--as NAME] [-c FILE] [--] COMMAND...`; the exit code: the command's (128+N for a signal), 127 not found, 126
 * not executable, 2 a wrong call or configuration. argv[0] is the applet's word. */
int exec_main(int argc, char **argv);

/* `cslsup COMMAND...`: argv is the command, and none of its words is ours. */
int exec_command(int argc, char **argv);
