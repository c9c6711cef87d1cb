#include "check/check.h"
#include "base/opt.h"
#include "check/print.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

extern char **environ;

/* The answer for ten thousand processes fits. */
enum { OUTPUT_MAX = 256 * 1024 * 1024 };

struct call {
    struct config_request request;
    const char *explain;
    bool json, strict, help;
};

static const char help_text[] =
    "usage: cslsup check [-c FILE] [--role ROLE] [--json] [--strict] [--explain NAME] [--no-env]\n"
    "\n"
    "Loads the configuration as a start would, and prints what would run and what looks like a mistake.\n"
    "\n"
    "  -c FILE         the configuration; else it is searched as for a start\n"
    "  --role ROLE     as that role, whatever the environment says; also a list: app,queue\n"
    "  --json          one JSON object: role, programs, errors, warnings\n"
    "  --strict        exit code 1 when there are warnings\n"
    "  --explain NAME  every effective value of a program, with the file and line that set it\n"
    "  --no-env        for image builds: missing variables, users and secrets are warnings\n"
    "\n"
    "Exit code: 0 fine, 1 warnings with --strict, 2 refused.\n";

static int refuse_call(const char *why)
{
    fprintf(stderr, "cslsup check: %s; see cslsup check --help\n", why);
    return 2;
}

/* 0, or the exit code of a wrong call. */
static int read_call(int argc, char **argv, struct call *call)
{
    const struct opt opts[] = {
        {.name = "-c", .text = &call->request.file},   {.name = "--role", .text = &call->request.role},
        {.name = "--explain", .text = &call->explain}, {.name = "--json", .flag = &call->json},
        {.name = "--strict", .flag = &call->strict},   {.name = "--no-env", .flag = &call->request.no_env},
        {.name = "--help", .flag = &call->help},       {.name = "-h", .flag = &call->help},
    };
    struct err e = {0};

    int words = opt_take(opts, sizeof opts / sizeof *opts, argc, argv, false, &e);
    if (words < 0)
        return refuse_call(e.text);
    if (words > 1)
        return refuse_call("it takes no words, only options");
    return 0;
}

static int answer(const struct report *r, const struct call *call, struct buf *out)
{
    char line[sizeof r->error.file + sizeof r->error.text + 32];

    if (call->json) {
        check_print_json(r, out);
    } else if (!r->set) {
        err_format(&r->error, line, sizeof line);
        fprintf(stderr, "%s\n", line);
    } else if (!call->explain) {
        check_print_text(r, out);
    } else if (!check_print_explanation(r, call->explain, out)) {
        fprintf(stderr, "cslsup check: no program %s is loaded; cslsup check lists them\n", call->explain);
        return 2;
    }
    if (!r->set)
        return 2;
    return call->strict && r->loader->findings.n > 0 ? 1 : 0;
}

int check_main(int argc, char **argv)
{
    struct call call = {.request = {.env = environ, .program = "cslsup"}};
    struct report report;
    struct buf out;

    int code = read_call(argc, argv, &call);
    if (code != 0)
        return code;
    if (call.help) {
        fputs(help_text, stdout);
        return 0;
    }
    if (report_init(&report, &call.request) < 0) {
        report_finish(&report);
        return refuse_call("out of memory");
    }
    buf_init(&out, OUTPUT_MAX);
    code = answer(&report, &call, &out);
    if (out.failed)
        code = refuse_call("the answer is too large");
    else if (out.len > 0 && (fwrite(out.ptr, 1, out.len, stdout) != out.len || fflush(stdout) != 0))
        code = 2;
    buf_finish(&out);
    report_finish(&report);
    return code;
}
