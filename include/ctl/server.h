/* Reaching the server, by ctl's or supervisorctl's rules, and asking it: what goes wrong is said here, once. */
#pragma once
#include "ctl/action.h"

/* Connects `c->client` to the server that options and configuration mean (container contract §1, §11). 0, or negative
 * errno; nothing is said. */
int server_reach(struct ctl *c);
void server_disconnect(struct ctl *c);

/* The same for an action; a failure is said in the action's way: exit 7 nobody there, 4 refused (supervisord contract
 * §6). 0 or negative. */
int server_connect(struct ctl *c, const struct action *a);

/* Asks. 0, with the answer and its fault; or negative, said already: the connection broke, the server is stuck, or the
 * peer may not command. */
int server_ask(struct ctl *c, const struct proto_request *r, struct answer *ret_answer);

/* The same, but the answer lives in `c->scratch`, only until that is used again: for what is asked again and again. */
int server_ask_briefly(struct ctl *c, const struct proto_request *r, struct answer *ret_answer);

/* As server_ask, for a verb and a name. */
int server_ask_name(struct ctl *c, enum verb verb, const char *name, struct answer *ret_answer);

/* What becomes of an answer that client_ask gave (or `error`, its failure): 0, or negative once it is said that it
 * failed or that the peer may not command. */
int server_judge(struct ctl *c, int error, const struct answer *a);

/* Subscribes to the changes of what `name` means (kept by reference); the rows, which tell how all is now, live in
 * `c->scratch`. 0, or negative errno; nothing is said. */
int server_watch(struct ctl *c, const char *name, struct answer *ret_answer);

/* The same again for the same name: on this connection, or on a new one where the server hung up on us because we did
 * not keep up, which is no failure: the rows tell what was missed. */
int server_watch_again(struct ctl *c, struct answer *ret_answer);

/* Says that waiting or asking failed with this negative errno. */
void server_failed(struct ctl *c, int error);

/* Says that the whole call ended with the answer's fault: `ERROR: CANT_REREAD: …`. */
void server_refused(struct ctl *c, const struct answer *a);

/* `word: ERROR (no such process)`, or `g: ERROR (no such group)` for `g:*`; as ctl on a terminal also the nearest right
 * name. */
void server_no_such(struct ctl *c, int status, const char *word);

/* Rows of STATUS for all processes. 0, or negative, said already. */
int server_processes(struct ctl *c, struct records *ret_rows);
