/* One attempt at one check: one function for each way of asking. All work
 * alike: 0 = passed; negative errno = failed, and `e->text` says why, without
 * the check's own text (`connection refused`). They end by the monotonic
 * deadline, but for a resolver that sleeps (probe_main guards against that). */
#pragma once
#include "base/err.h"
#include "core/check.h"
#include <stdint.h>

/* Any check but those of PID 1's own knowledge. */
int attempt(const struct check *c, int64_t deadline_mono_ns, struct err *e);

/* TCP, UNIX: it connects. */
int attempt_connect(const struct check *c, int64_t deadline_mono_ns, struct err *e);

/* HTTP, HTTP_UNIX: a whole answer with a status from 200 to 399. */
int attempt_http(const struct check *c, int64_t deadline_mono_ns, struct err *e);

/* FASTCGI, FASTCGI_UNIX: with a path a whole answer with a status from 200 to
 * 299 to a request whose SCRIPT_FILENAME and SCRIPT_NAME both are the path, so
 * that php-fpm's ping.path and a script's file both work; without a path any
 * whole answer. */
int attempt_fastcgi(const struct check *c, int64_t deadline_mono_ns, struct err *e);

/* HTTPS: as HTTP. Certificates are verified unless the host is this machine
 * itself (127.0.0.1, ::1, localhost), whose name no certificate carries. */
int attempt_https(const struct check *c, int64_t deadline_mono_ns, struct err *e);

/* EXEC: exit status 0. At the deadline its process group is killed. */
int attempt_exec(const struct check *c, int64_t deadline_mono_ns, struct err *e);

/* FILE: modified at most so long ago. */
int attempt_file(const struct check *c, int64_t deadline_mono_ns, struct err *e);

/* Whether 200..399 holds; else -EPROTO and `HTTP 503 Service Unavailable`. */
int attempt_judge_http(long status, const char *reason, struct err *e);
