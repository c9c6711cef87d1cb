/* The applet `probe`: health checks from outside PID 1, once or until they pass
 * (container contract §1, §4). */
#pragma once

/* Runs the checks given as words. The exit code: 0 all passed, 1 some did not
 * (one line says which and why), 2 a wrong call. argv[0] is the applet's word.
 */
int probe_main(int argc, char **argv);
