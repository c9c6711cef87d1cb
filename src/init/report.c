#include "init/report.h"
#include "base/buf.h"
#include "base/num.h"
#include "core/describe.h"
#include "core/lines.h"
#include "init/child.h"
#include "init/supervisor.h"
#include "os/files.h"
#include "os/sockets.h"
#include "wire/json.h"
#include <string.h>
#include <unistd.h>

enum { REPORT_MAX = 256 * 1024 };

/* How long the end waits for somebody to read the report. */
#define READER_NS (NS_PER_S / 2)

/* Kubernetes shows this file; it makes it itself, so where it is not there nobody asks (container contract §5). */
static const char kubernetes_log[] = "/dev/termination-log";

static bool ended_badly(const struct proc *p)
{
    if (p->state == PROC_FATAL)
        return true;
    return p->state == PROC_EXITED && !p->exit_expected && p->stopped.wall_ns;
}

static void last_lines(const struct child *c, char *text, size_t *ret_n)
{
    size_t n = capture_last(&c->out, text);

    n += capture_last(&c->err, text + n);
    while (n && text[n - 1] == '\n')
        n--;
    *ret_n = n;
}

static void add_text(struct buf *out, const struct proc *p)
{
    const struct child *c = child_of(p);
    char lines[2 * CAPTURE_LAST_MAX], span[32];
    struct str rest = {lines, 0}, line;
    TEXT(how, 128);

    ending_text(&how, p->ending.code, p->ending.signal, p->ending.core_dumped);
    describe_span(p->stopped.mono_ns - p->started.mono_ns, span, sizeof span);
    buf_printf(out, "%s %s: ", p->spec->name, proc_state_name(p->state));
    if (c->exits)
        buf_printf(out, "%s after %s, ended %llu times", how.ptr, span, (unsigned long long)c->exits);
    if (p->spawnerr[0])
        buf_printf(out, "%s%s", c->exits ? "; " : "", p->spawnerr);
    buf_add_char(out, '\n');
    last_lines(c, lines, &rest.len);
    while (str_take_until(&rest, "\n", &line))
        buf_printf(out, "  | %.*s\n", (int)line.len, line.ptr);
}

static void add_json(struct json *j, const struct proc *p)
{
    const struct child *c = child_of(p);
    char lines[2 * CAPTURE_LAST_MAX];
    struct str rest = {lines, 0}, line;

    json_open(j, '{');
    json_text(json_key(j, "program"), p->spec->name);
    json_text(json_key(j, "group"), p->spec->group);
    json_text(json_key(j, "state"), proc_state_name(p->state));
    json_text(json_key(j, "reason"), p->spawnerr);
    json_int(json_key(j, "exits"), (int64_t)c->exits);
    json_int(json_key(j, "exit_code"), p->ending.code);
    json_text(json_key(j, "signal"), p->ending.signal ? signal_name(p->ending.signal) : "");
    json_double(json_key(j, "uptime"), (double)(p->stopped.mono_ns - p->started.mono_ns) / 1e9);
    json_open(json_key(j, "lines"), '[');
    last_lines(c, lines, &rest.len);
    while (str_take_until(&rest, "\n", &line))
        json_str(j, line);
    json_close(j, ']');
    json_close(j, '}');
}

static size_t add_all(struct supervisor *s, struct buf *out, bool as_json)
{
    struct json j = json_to(out);
    size_t n = 0;

    if (as_json)
        json_open(&j, '[');
    for (struct proc *p = fleet_each(&s->fleet, NULL); p; p = fleet_each(&s->fleet, p)) {
        if (!ended_badly(p))
            continue;
        n++;
        if (as_json)
            add_json(&j, p);
        else
            add_text(out, p);
    }
    if (as_json) {
        json_close(&j, ']');
        buf_add_char(out, '\n');
    }
    return n;
}

static void keep(const struct daemon *d, const struct buf *out)
{
    bool asked = d->termination_log[0] != '\0';

    if (asked || access(kubernetes_log, F_OK) == 0)
        os_write_file(asked ? d->termination_log : kubernetes_log, out->ptr, out->len, 0644);
}

/* To stderr, whose reader may be asleep for good. */
static void print(struct supervisor *s, const struct buf *out)
{
    struct outlet *o;
    size_t done = 0, n;

    if (outlet_open(&s->outlets, &(struct sink_plan){.path = "/dev/stderr"}, &o) < 0)
        return;
    int64_t deadline_ns = clock_deadline(READER_NS);
    while (done < out->len) {
        done += n = outlet_write(o, out->ptr + done, out->len - done, false);
        if (n == 0 && os_wait_writable(sink_wait_fd(o->sink), deadline_ns) < 0)
            break;
    }
    outlet_release(o);
}

void report_write(struct supervisor *s)
{
    const struct daemon *d = &s->stored->set->daemon;
    struct buf out;

    buf_init(&out, REPORT_MAX);
    if (!s->request.as_supervisord && add_all(s, &out, d->termination_format == FORMAT_JSON)) {
        keep(d, &out);
        print(s, &out);
    }
    buf_finish(&out);
}
