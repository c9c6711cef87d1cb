/* The exit report (container contract §5): for each program that ended badly how often, how, after how long, and its
 * last lines; to stderr, and to termination_log, where Kubernetes looks. */
#pragma once

struct supervisor;

/* Writes it; nothing when all ended well. */
void report_write(struct supervisor *s);
