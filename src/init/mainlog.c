#include "init/mainlog.h"
#include "base/log.h"
#include "os/sockets.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUTLETS_MAX = 2 };

struct mainlog {
    struct outlet *outlets[OUTLETS_MAX];
    uint64_t lost[OUTLETS_MAX];
    size_t n;
};

/* Lines that got lost are told with the first that passes again. */
static void say_lost(struct mainlog *m, size_t i)
{
    char line[128];

    if (m->lost[i] == 0)
        return;
    int n = snprintf(line, sizeof line, "cslsup: %llu lines of the main log were lost, nobody read them\n",
                     (unsigned long long)m->lost[i]);
    if (outlet_write(m->outlets[i], line, (size_t)n, true) == (size_t)n)
        m->lost[i] = 0;
}

static void write_line(void *context, enum log_level level, const char *line, size_t len)
{
    struct mainlog *m = context;

    (void)level;
    for (size_t i = 0; i < m->n; i++) {
        say_lost(m, i);
        if (outlet_write(m->outlets[i], line, len, true) < len)
            m->lost[i]++;
    }
}

static int add(struct mainlog *m, struct outlets *outlets, const struct sink_plan *plan)
{
    struct outlet *o;
    int r = outlet_open(outlets, plan, &o);

    if (r < 0)
        return r;
    if (m->n == 1 && m->outlets[0] == o) /* stdout is the log file: each line once (supervisord contract §8) */
        outlet_release(o);
    else
        m->outlets[m->n++] = o;
    return 0;
}

int mainlog_open(struct outlets *outlets, const struct daemon *d, struct mainlog **ret_log, struct err *e)
{
    bool syslog = strcmp(d->logfile, "syslog") == 0;
    struct sink_plan plan = {
        .path = syslog ? SINK_SYSLOG : d->logfile, .maxbytes = d->logfile_maxbytes, .backups = d->logfile_backups};
    struct mainlog *m = calloc(1, sizeof *m);
    char words[128];

    if (!m)
        return -ENOMEM;
    int r = add(m, outlets, &plan);
    if (r == 0 && d->nodaemon && !d->silent)
        add(m, outlets, &(struct sink_plan){.path = "/dev/stdout"}); /* without a stdout there is no echo */
    if (r < 0) {
        err_set(e, "cannot open the log file %s: %s", d->logfile, os_error_words(-r, words, sizeof words));
        free(m);
        return r;
    }
    log_to((enum log_level)d->loglevel, write_line, m);
    *ret_log = m;
    return 0;
}

void mainlog_close(struct mainlog *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->n; i++)
        outlet_release(m->outlets[i]);
    free(m);
}

struct outlet *mainlog_outlet(const struct mainlog *m)
{
    return m && m->n ? m->outlets[0] : NULL;
}
