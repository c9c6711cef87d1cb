/* Requests of the control socket: each verb has its performer (init/answer.h). */
#pragma once
#include "init/answer.h"

/* Does what the request asks. `a->request` and `a->serial` are set; all else of `a` is filled. */
void request_perform(struct supervisor *s, struct answer *a);
