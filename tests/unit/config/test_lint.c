/* Each code of `check` (container contract §8, §11) has a row that earns it, and one that does not. */
#include "config/report.h"
#include "fake_host.h"
#include <cmocka.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

static char *env[] = {"HOME=/root", NULL};

static bool has_code(const char *text, const char *code, struct fake_host *fake)
{
    struct config_host host = fake_host(fake);
    struct config_request request = {.host = &host, .env = env, .file = "/c/main.ini"};
    struct report report;
    bool found = false;

    fake_add(fake, "/c/main.ini", text);
    fake_add(fake, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n");
    fake_add(fake, "/var/log", NULL);
    fake_add(fake, "/dev/fd", NULL);
    assert_int_equal(report_init(&report, &request), 0);
    if (!report.set)
        fail_msg("%s in: %s", report.error.text, text);
    for (size_t i = 0; i < report.loader->findings.n; i++) {
        const struct finding *f = &report.loader->findings.v[i];
        found = found || strcmp(f->code, code) == 0;
        assert_true(f->text[0] && f->at.line > 0);
    }
    report_finish(&report);
    return found;
}

#define P "[program:x]\n"

static const struct {
    const char *code, *bad, *good;
} rows[] = {
    {"unknown-key", P "command=a\nauto_start=1\n", P "command=a\nautostart=1\n"},
    {"unknown-section", "[prorgam:x]\n", "[program_defaults]\n"},
    {"wrong-section", P "command=a\nloglevel=info\n", "[supervisord]\nloglevel=info\n"},
    {"not-in-this-version", P "command=a\nmax_memory=1GB\n", P "command=a\nrestart_delay=1\n"},
    {"shell-syntax", P "command=feh x &\n", P "command=sh -c 'exec feh x &'\n"},
    {"shell-syntax", P "command=a > b\n", P "command=nginx -g 'daemon off;'\n"},
    {"shell-syntax", P "command=a $X\n", P "command=a http://h/?a=1&b=2\n"},
    {"shell-syntax", P "command=a 'b\n", P "command=a 'b'\n"},
    {"shell-no-exec", P "command=sh -c 'a'\n", P "command=sh -c 'b; exec a'\n"},
    {"shell-no-exec", P "command=bash -ec 'a'\n", P "command=bash -c 'a'\nstopasgroup=true\n"},
    {"fpm-daemon", P "command=/usr/sbin/php-fpm8.2\n", P "command=php-fpm -F\n"},
    {"nginx-daemon", P "command=nginx\n", P "command=nginx -g 'daemon off;'\n"},
    {"stdout-rotation", P "command=a\nstdout_logfile=/dev/fd/1\n",
     P "command=a\nstdout_logfile=/dev/fd/1\nstdout_logfile_maxbytes=0\n"},
    {"shared-log", P "command=a\nstdout_logfile=/var/log/a\n[program:y]\ncommand=b\nstdout_logfile=/var/log/a\n",
     P "command=a\nnumprocs=2\nprocess_name=x%(process_num)d\nstdout_logfile=/var/log/a\n"},
    {"hot-loop", P "command=a\nstartsecs=0\nautorestart=true\n",
     P "command=a\nstartsecs=0\nautorestart=true\nrestart_delay=5\n"},
    {"beyond-grace", P "command=a\nstopwaitsecs=60\n",
     P "command=a\nstopwaitsecs=60\n[cslsup]\nstop_grace_period=70\n"},
    {"no-home", P "command=a\nuser=www-data\n", P "command=a\nuser=www-data\nuser_env=true\n"},
    {"scheduler-twice", P "command=artisan schedule:work\n[program:y]\ncommand=artisan schedule:run\n",
     P "command=artisan schedule:work\n"},
    {"open-tcp", P "command=a\n[inet_http_server]\nport=*:9001\n",
     P "command=a\n[inet_http_server]\nport=127.0.0.1:9001\n"},
    {"no-server", P "command=a\n[supervisorctl]\n", P "command=a\n[supervisorctl]\n[unix_http_server]\nfile=/s\n"},
    {"on-exit-never", P "command=a\non_exit=exit\nautorestart=true\n", P "command=a\non_exit=exit\n"},
    {"on-fatal-never", P "command=a\non_fatal=exit\nstartretries=-1\n", P "command=a\non_fatal=exit\n"},
    {"timeout-unused", P "command=a\nrun_timeout=5\n", P "command=a\nrun_timeout=5\noneshot=true\n"},
    {"missing-secret", P "command=a\nsecrets=KEY\n", P "command=a\n"},
    {"unset-variable", P "command=a\nrequire_env=A,HOME\n", P "command=a\nrequire_env=A\nenvironment=A=1\n"},
    {"not-in-role", P "command=a\ndepends_on=y\n[program:y]\ncommand=b\nenabled=false\n",
     P "command=a\ndepends_on=y\n[program:y]\ncommand=b\n"},
};

static void test_codes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fake_host first = {0}, second = {0};
        if (!has_code(rows[i].bad, rows[i].code, &first))
            fail_msg("no %s in: %s", rows[i].code, rows[i].bad);
        if (has_code(rows[i].good, rows[i].code, &second))
            fail_msg("%s in: %s", rows[i].code, rows[i].good);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_codes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
