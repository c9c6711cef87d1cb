/* The loop's sources: signals, dead children, the wall clock's jumps. What they bring is posted to the fleet. */
#pragma once
#include "init/supervisor.h"

/* Opens them. 0 or -errno. */
int wheel_open(struct supervisor *s);
void wheel_close(struct supervisor *s);
