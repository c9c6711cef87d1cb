#include "config/report.h"
#include "config/lint.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int by_place(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    int files = strcmp(x->at.file ? x->at.file : "", y->at.file ? y->at.file : "");

    if (files != 0)
        return files;
    if (x->at.line != y->at.line)
        return x->at.line < y->at.line ? -1 : 1;
    int codes = strcmp(x->code, y->code);
    return codes != 0 ? codes : strcmp(x->text, y->text);
}

/* numprocs=3 finds everything three times. */
static void drop_doubles(struct loader *l)
{
    size_t kept = 0;

    if (l->findings.n > 1)
        qsort(l->findings.v, l->findings.n, sizeof *l->findings.v, by_place);
    for (size_t i = 0; i < l->findings.n; i++)
        if (kept == 0 || by_place(&l->findings.v[kept - 1], &l->findings.v[i]) != 0)
            l->findings.v[kept++] = l->findings.v[i];
    l->findings.n = kept;
}

static int run(struct loader *l)
{
    l->record = true;
    int r = loader_run(l);
    if (r == 0)
        lint(l);
    drop_doubles(l);
    return r < 0 ? r : loader_finish(l);
}

int report_init(struct report *r, const struct config_request *request)
{
    *r = (struct report){0};
    r->loader = loader_new(request, &r->error);
    if (!r->loader)
        return -ENOMEM;
    int code = loader_guard(r->loader, run);
    if (code == 0)
        r->set = r->loader->set;
    else
        loader_place_error(r->loader);
    return code == -ENOMEM ? code : 0;
}

void report_finish(struct report *r)
{
    if (r->set)
        arena_free(r->set->arena);
    loader_free(r->loader);
    *r = (struct report){0};
}
