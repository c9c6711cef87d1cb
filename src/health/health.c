#include "health/health.h"
#include "base/num.h"
#include "base/opt.h"
#include "base/path.h"
#include "core/types.h"
#include "os/clock.h"
#include "os/control.h"
#include "wire/json.h"
#include "wire/record.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

/* Connection and answer together: Docker and people learn within 2 s that PID 1 is stuck. */
#define PATIENCE_NS (NS_PER_S * 19 / 10)

static const char help[] =
    "cslsup health [--live] [--json] [-c FILE] [NAME...]\n"
    "\n"
    "Asks PID 1 whether all essential programs are well. Exit code 0: yes; 1: no, and one line says why.\n"
    "\n"
    "  --live   only whether something is broken for good: FATAL, flapping, or past its retries\n"
    "  --json   {\"ready\":bool,\"live\":bool,\"starting\":bool,\"reasons\":[{\"program\",\"state\",\"reason\"}]}\n"
    "  -c FILE  ask the instance that was started from FILE\n"
    "  NAME     judge only these: a process, group:process, group:*\n"
    "\n"
    "In a Dockerfile:\n"
    "  HEALTHCHECK --interval=10s --timeout=5s --start-period=120s CMD [\"cslsup\",\"health\"]\n";

struct call {
    bool live, json, help;
    const char *config;
    char names[PROTO_PACKET_MAX]; /* joined by blanks, as the protocol wants them */
};

/* Where the answer is collected. */
struct answer {
    struct buf text; /* the line, or the JSON object, without newline */
    struct json json;
    char refusal[512]; /* why there is no verdict */
    bool well;
};

/* The reason why there is no answer of PID 1's, in the same form as one. */
static int unanswered(const struct call *c, const char *reason)
{
    struct buf text;
    struct json j = json_to(&text);

    if (!c->json) {
        printf("unhealthy: %s\n", reason);
        return 1;
    }
    buf_init(&text, 1 << 16);
    json_open(&j, '{');
    json_bool(json_key(&j, "ready"), false);
    json_bool(json_key(&j, "live"), false);
    json_bool(json_key(&j, "starting"), false);
    json_open(json_key(&j, "reasons"), '[');
    json_open(&j, '{');
    json_text(json_key(&j, "program"), "cslsup");
    json_text(json_key(&j, "state"), "UNKNOWN");
    json_text(json_key(&j, "reason"), reason);
    json_close(&j, '}');
    json_close(&j, ']');
    json_close(&j, '}');
    puts(text.ptr);
    buf_finish(&text);
    return 1;
}

/* The first row is the verdict, the others are the culprits, the end says whether it is well. */
static void take(const struct call *c, struct answer *a, const struct record *r)
{
    struct json *j = &a->json;
    bool first = a->text.len == 0;

    if (r->mark == MARK_END) {
        int fault = (int)record_int(r, FIELD_FAULT, 0);

        a->well = fault == FAULT_SUCCESS;
        if (first)
            snprintf(a->refusal, sizeof a->refusal, "%s%.480s", fault == FAULT_BAD_NAME ? "no such program: " : "",
                     record_text(r, FIELD_TEXT));
        else if (c->json)
            buf_add_text(&a->text, "]}");
    } else if (!c->json) {
        if (first)
            buf_add_str(&a->text, record_str(r, FIELD_TEXT));
    } else if (first) {
        json_open(j, '{');
        json_bool(json_key(j, "ready"), record_bool(r, FIELD_READY));
        json_bool(json_key(j, "live"), record_bool(r, FIELD_LIVE));
        json_bool(json_key(j, "starting"), record_bool(r, FIELD_STARTING));
        json_open(json_key(j, "reasons"), '[');
    } else {
        json_open(j, '{');
        json_record(j, r);
        json_close(j, '}');
    }
}

/* Reads packets up to the end of the answer. 0 or -errno. */
static int receive(int fd, const struct call *c, struct answer *a, int64_t deadline)
{
    struct record_reader reader;
    struct record record;
    char packet[PROTO_PACKET_MAX];
    int r;

    record_reader_init(&reader);
    do {
        ssize_t n;

        r = os_wait_readable(fd, deadline);
        n = r < 0 ? r : os_packet_receive(fd, packet, sizeof packet, NULL);
        if (n <= 0) {
            r = n == 0 ? -ECONNRESET : (int)n;
            break;
        }
        record_feed(&reader, packet, (size_t)n);
        while ((r = record_next(&reader, &record)) == 1) {
            take(c, a, &record);
            if (record.mark == MARK_END)
                break;
        }
    } while (r == 0);
    record_reader_finish(&reader);
    return r < 0 ? r : 0;
}

static int ask(int fd, const struct call *c, struct answer *a, int64_t deadline)
{
    struct proto_request request = {.verb = VERB_HEALTH, .flags = c->live ? VERB_FLAG_LIVE : 0};
    char packet[PROTO_PACKET_MAX];
    size_t len;
    int r;

    request.name = str_from(c->names);
    r = proto_request_encode(&request, packet, sizeof packet, &len);
    if (r == 0)
        r = os_packet_send(fd, packet, len, -1);
    return r < 0 ? r : receive(fd, c, a, deadline);
}

/* `several cslsup run here (pids 12, 45); say which with -c FILE` */
static const char *several(char *ret_text, size_t size)
{
    struct control_server servers[CONTROL_SERVERS_MAX];
    int n = control_list(servers, CONTROL_SERVERS_MAX, clock_deadline(NS_PER_S / 10));
    size_t used = (size_t)snprintf(ret_text, size, "several cslsup run here (pids");

    for (int i = 0; i < n && used + 64 < size; i++)
        used += (size_t)snprintf(ret_text + used, size - used, "%s %d", i ? "," : "", (int)servers[i].peer.pid);
    snprintf(ret_text + used, size - used, "); say which with -c FILE");
    return ret_text;
}

static const char *why(int error, char *ret_text, size_t size)
{
    switch (error) {
    case -ENOENT:
        return "no cslsup is running here";
    case -ENOTUNIQ:
        return several(ret_text, size);
    case -EPERM:
        return "the server belongs to another user";
    case -ETIMEDOUT:
    case -EAGAIN:
        return "PID 1 does not answer";
    case -ECONNRESET:
    case -EPIPE:
        return "PID 1 closed the connection without an answer";
    case -EBADMSG:
        return "PID 1 answers in another version of the protocol";
    default:
        return os_error_words(-error, ret_text, size);
    }
}

static int take_call(struct call *c, int argc, char **argv, struct err *e)
{
    const struct opt opts[] = {
        {.name = "--live", .flag = &c->live}, {.name = "--json", .flag = &c->json},
        {.name = "--help", .flag = &c->help}, {.name = "-h", .flag = &c->help},
        {.name = "-c", .text = &c->config},
    };
    size_t used = 0;

    argc = opt_take(opts, sizeof opts / sizeof *opts, argc, argv, false, e);
    for (int i = 1; i < argc; i++) {
        int n = snprintf(c->names + used, sizeof c->names - used, "%s%s", i > 1 ? " " : "", argv[i]);

        if (n < 0 || (size_t)n >= sizeof c->names - used)
            return err_set(e, "too many names");
        used += (size_t)n;
    }
    return argc;
}

/* The name that the instance of this configuration knows it by; NULL stays NULL. */
static const char *absolute(const char *config)
{
    static char directory[PATH_MAX];

    if (!config)
        return NULL;
    if (!getcwd(directory, sizeof directory))
        directory[0] = '\0';
    return path_absolute(arena_new(4 * PATH_MAX), directory, config);
}

int health_main(int argc, char **argv)
{
    struct call c = {0};
    struct answer a = {0};
    struct control_server server;
    struct err e = {0};
    char words[512];
    int64_t deadline = clock_deadline(PATIENCE_NS);
    int fd, r;

    if (take_call(&c, argc, argv, &e) < 0)
        return unanswered(&c, e.text);
    if (c.help) {
        fputs(help, stdout);
        return 0;
    }
    r = control_connect(absolute(c.config), deadline, &server, &fd);
    if (r < 0)
        return unanswered(&c, why(r, words, sizeof words));
    buf_init(&a.text, RECORD_BYTES_MAX);
    a.json = json_to(&a.text);
    r = ask(fd, &c, &a, deadline);
    close(fd);
    if (r < 0 || a.refusal[0])
        return unanswered(&c, r < 0 ? why(r, words, sizeof words) : a.refusal);
    puts(a.text.ptr ? a.text.ptr : "");
    buf_finish(&a.text);
    return a.well ? 0 : 1;
}
