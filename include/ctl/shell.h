/* The interactive shell: prompt, line editing with completion on a terminal, plain lines elsewhere. */
#pragma once
#include "ctl/action.h"

/* Shows the status, then reads and runs lines until exit, end of input or Ctrl-C. */
void shell_run(struct ctl *c);
