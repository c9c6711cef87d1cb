/* The end (container contract §5): the stop is announced, orphans get TERM and then KILL, logs are flushed, and the
 * loop ends. Stopping the programs themselves is the fleet's. */
#pragma once
#include "init/supervisor.h"

/* Begins the orderly stop; `code` is the exit code. Nothing happens when it is under way. */
void shutdown_begin(struct supervisor *s, int code);

/* Announces a stop that has begun, whoever began it. */
void shutdown_look(struct supervisor *s);

/* Ends a stop that has begun at once: programs and orphans are killed. */
void shutdown_hurry(struct supervisor *s);

/* EFFECT_FINISHED: all programs are down. */
void shutdown_finished(struct supervisor *s, int code);

/* A child was reaped: perhaps it was the last one. */
void shutdown_check(struct supervisor *s);

/* Warns of what the grace period cuts: of what is up, or (`all`, at the start, where it can still be helped) of every
 * program. Nothing without a grace period. */
void shutdown_say_cut(struct supervisor *s, bool all);
