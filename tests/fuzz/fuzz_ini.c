/* A configuration file: the first byte says as whom, the rest is the text. Loading twice gives the same, and looking
 * for mistakes never fails where loading does not. */
#include "../unit/config/fake_host.h"
#include "config/equal.h"
#include "config/report.h"
#include "fuzz.h"
#include <stdlib.h>

static char *const env[] = {"HOME=/root", "PATH=/bin", "GIVEN=gift", "EMPTY=", "CONTAINER_ROLE=app", NULL};

static void expect(bool promise)
{
    if (!promise)
        abort();
}

static void check_same(const struct program_set *a, const struct program_set *b)
{
    expect(a->groups_n == b->groups_n);
    for (size_t i = 0; i < a->groups_n; i++)
        expect(config_group_equal(&a->groups[i], &b->groups[i]));
}

static void load(const struct config_request *request)
{
    struct program_set *first = NULL, *second = NULL;
    struct report report;
    struct err e;

    int r = config_load(request, &first, &e);
    expect(r == 0 || (r == -EINVAL && e.text[0]));
    expect(config_load(request, &second, &e) == r);
    expect(report_init(&report, request) == 0 && (report.set != NULL) == (r == 0));
    if (r == 0) {
        check_same(first, second);
        check_same(first, report.set);
    }
    report_finish(&report);
    program_set_free(first);
    program_set_free(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fake_host fake = {0};
    struct config_host host = fake_host(&fake);
    struct config_request request = {.host = &host, .env = env, .file = "/c/main.ini"};

    if (size < 1)
        return 0;
    char *text = strndup((const char *)data + 1, size - 1);
    expect(text != NULL);
    fake_add(&fake, "/c/main.ini", text);
    fake_add(&fake, "/c/more.ini", "[program:more]\ncommand=%(here)s\nroles=app,queue\n");
    fake_add(&fake, "/etc/cslsup/roles/app.ini", "[program:nginx]\ncommand=nginx\ndepends_on=more\n");
    fake_add(&fake, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n");
    fake_add(&fake, "/etc/group", "root:x:0:\n");
    fake_add(&fake, "/tmp", NULL);
    request.as_supervisord = data[0] & 1;
    request.no_env = data[0] & 2;
    request.any_role = data[0] & 4;
    load(&request);
    free(text);
    return 0;
}
