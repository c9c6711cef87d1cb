/* When a process that ended may be spawned again: supervisord's counter (supervisord contract §3) and ours,
 * restart_delay and restart_delay_max (container contract §3). Times are monotonic nanoseconds. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* A process that lived under a second is not spawned again sooner than this after its last spawn. */
#define RESPAWN_MIN_NS INT64_C(100000000)

/* All that the next spawn depends on. */
struct restart_facts {
    int64_t delay_ns, delay_max_ns; /* the keys; UNSET or >= 0 */
    int64_t spawned_ns, ended_ns;   /* the last spawn or attempt, and its end */
    bool unwanted;                  /* failed to start, exited too quickly, or with a code that was not expected */
    bool backoff;                   /* goes through BACKOFF; else an EXITED restart */
    int64_t tries;                  /* supervisord's counter, this failure included: its BACKOFF waits that many s */
    uint32_t random;                /* for the jitter: anything */
};

/* The earliest moment of the next spawn. Without the two keys: in BACKOFF `tries` seconds after the end, else at once,
 * but a process that lived under 1 s not sooner than 100 ms after its last spawn. With restart_delay alone: that long
 * after the end. With restart_delay_max: the delay (1 s where restart_delay is unset or 0) doubles, give or take 10 %,
 * with every unwanted exit up to the maximum, and starts over after a process lived that long; a wanted exit waits
 * restart_delay and changes nothing.
 * `series` is the process's number of unwanted exits so far, 0 at first; counted on here. */
int64_t restart_at_ns(const struct restart_facts *f, int64_t *series);
