/* The applet `health`: what a container's HEALTHCHECK calls (container contract §1, §6, §11). One request, one reply:
 * PID 1 has the answer ready. */
#pragma once

/* Prints one line, or one JSON object, that says how things are and why. The exit code: 0 well, 1 everything else, a
 * wrong call and a PID 1 that does not answer within 2 s included; never another (Docker reserves 2). argv[0] is the
 * applet's word. */
int health_main(int argc, char **argv);
