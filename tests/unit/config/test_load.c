#include "config/equal.h"
#include "config/load.h"
#include "fake_host.h"
#include <cmocka.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

static struct fake_host fake;
static struct config_host host;
static char *env[] = {"HOME=/root", "PATH=/bin", "N=3", "EMPTY=", NULL};
static struct config_request request;
static struct program_set *set;
static struct err error;

static int setup(void **state)
{
    (void)state;
    fake = (struct fake_host){0};
    host = fake_host(&fake);
    request = (struct config_request){.host = &host, .env = env, .file = "/c/main.conf", .as_supervisord = true};
    fake_add(&fake, "/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/sh\n");
    fake_add(&fake, "/etc/group", "root:x:0:\nwww-data:x:33:\n");
    fake_add(&fake, "/tmp", NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    program_set_free(set);
    set = NULL;
    return 0;
}

static void load(const char *text)
{
    fake_add(&fake, "/c/main.conf", text);
    int r = config_load(&request, &set, &error);
    if (r < 0)
        fail_msg("%s", error.text);
}

/* Loading fails and the text begins like this. */
static void refuse(const char *text, const char *message)
{
    fake_add(&fake, "/c/main.conf", text);
    assert_int_equal(config_load(&request, &set, &error), -EINVAL);
    if (strncmp(error.text, message, strlen(message)) != 0)
        assert_string_equal(error.text, message);
}

static void test_defaults(void **state)
{
    (void)state;
    load("[supervisord]\n[program:cat]\ncommand=/bin/cat\n");
    assert_int_equal(set->groups_n, 1);
    const struct spec *s = &set->groups[0].specs[0];
    assert_string_equal(s->name, "cat");
    assert_string_equal(s->command, "/bin/cat");
    assert_int_equal(s->priority, 999);
    assert_int_equal(s->autorestart, RESTART_UNEXPECTED);
    assert_int_equal(s->stopsignal, 15);
    assert_int_equal(s->stopwait_ns, 10000000000);
    assert_int_equal(s->out.target, LOG_TO_AUTO);
    assert_int_equal(s->out.maxbytes, 50 * 1024 * 1024);
    assert_true(exit_code_listed(&s->exitcodes, 0));
    assert_true(s->uid == UNSET && s->essential);
    assert_string_equal(set->daemon.logfile, "/srv/supervisord.log");
    assert_string_equal(set->config_file, "/c/main.conf");
    assert_int_equal(s->origin.line, 2);
}

static void test_numprocs(void **state)
{
    (void)state;
    load("[supervisord]\n[program:q]\ncommand=run %(process_num)d of %(numprocs)s at %(here)s\nnumprocs=%(ENV_N)s\n"
         "process_name=%(program_name)s_%(process_num)02d\nuser=www-data\n");
    assert_int_equal(set->groups[0].n, 3);
    assert_string_equal(set->groups[0].specs[2].name, "q_02");
    assert_string_equal(set->groups[0].specs[2].command, "run 2 of 3 at /c");
    assert_int_equal(set->groups[0].specs[2].uid, 33);
}

static void test_errors(void **state)
{
    (void)state;
    refuse("[supervisord]\n[program:x]\ncommand=a\nstartsecs=x\n",
           "invalid literal for int() with base 10: 'x' in section 'program:x' (file: '/c/main.conf')");
}

static void test_unknown_user(void **state)
{
    (void)state;
    refuse("[supervisord]\n[program:x]\ncommand=a\nuser=nobody\n", "Invalid user name nobody in section 'program:x'");
}

static void test_place_as_cslsup(void **state)
{
    (void)state;
    request.as_supervisord = false;
    refuse("[program:x]\ncommand=a\nautostart=maybe\n", "autostart: not a valid boolean value: 'maybe'");
    assert_int_equal(error.line, 3);
    assert_string_equal(error.file, "/c/main.conf");
}

static void test_container_defaults(void **state)
{
    (void)state;
    request.as_supervisord = false;
    load("[program:x]\ncommand=a\nhealthcheck=tcp://127.0.0.1:9000\n  exec: true\ndepends_on=m\n"
         "[program:m]\ncommand=b\noneshot=true\n");
    assert_true(set->daemon.nodaemon);
    assert_string_equal(set->daemon.logfile, "/dev/stdout");
    assert_string_equal(set->daemon.pidfile, "");
    const struct spec *x = &set->groups[1].specs[0];
    assert_int_equal(x->health.checks.n, 2);
    assert_int_equal(x->needs_n, 1);
    assert_int_equal(x->needs[0].condition, NEED_COMPLETED);
}

static void add_roles(void)
{
    fake_add(&fake, "/etc/cslsup/roles/app.ini", "[program:nginx]\ncommand=nginx\n");
    fake_add(&fake, "/etc/cslsup/roles/queue.ini",
             "[program:worker]\ncommand=w %(role)s\ndepends_on=nginx\n[cslsup]\nstop_grace_period=30\n");
    fake_add(&fake, "/etc/supervisor/supervisord.conf", "[supervisord]\n[program:theirs]\ncommand=t\n");
    request.as_supervisord = false;
    request.file = NULL;
}

static void test_role_files_alone(void **state)
{
    (void)state;
    add_roles();
    request.role = "Queue";
    assert_int_equal(config_load(&request, &set, &error), 0);
    assert_int_equal(set->groups_n, 1);
    assert_string_equal(set->groups[0].specs[0].command, "w queue");
    assert_int_equal(set->groups[0].specs[0].needs_n, 0);
    assert_string_equal(set->daemon.role, "queue");
    assert_int_equal(set->daemon.stop_grace_period_ns, 30000000000);
}

static void test_role_makes_its_directories(void **state)
{
    (void)state;
    add_roles();
    fake_add(&fake, "/etc/cslsup/roles/logs.ini", "[program:x]\ncommand=x\nstdout_logfile=/made/later/x.log\n");
    request.role = "logs";
    assert_int_equal(config_load(&request, &set, &error), 0);
    assert_string_equal(set->groups[0].specs[0].out.path, "/made/later/x.log");
}

static void test_unknown_role(void **state)
{
    (void)state;
    add_roles();
    request.role = "quue";
    assert_int_equal(config_load(&request, &set, &error), -EINVAL);
    assert_string_equal(error.text, "unknown role quue; did you mean queue? Roles: app queue");
}

static void test_roles_key(void **state)
{
    (void)state;
    request.role = "b,c";
    load("[supervisord]\n[program:x]\ncommand=a\nroles=a\n[program:y]\ncommand=a\nroles=a,c\n[program:z]\ncommand=a\n"
         "[group:g]\nprograms=x\n[program:w]\ncommand=%(ENV_NO)s\nroles=b\nenabled=%(ENV_EMPTY)s\n");
    assert_int_equal(set->groups_n, 2);
    assert_string_equal(set->groups[0].name, "y");
    assert_string_equal(set->groups[1].name, "z");
}

static void test_cycle(void **state)
{
    (void)state;
    request.as_supervisord = false;
    refuse("[program:a]\ncommand=a\ndepends_on=b\n[program:b]\ncommand=a\ndepends_on=c\n"
           "[program:c]\ncommand=a\ndepends_on=b\n",
           "depends_on goes round in a circle: b -> c -> b");
}

static void test_equal(void **state)
{
    (void)state;
    struct program_set *other = NULL;
    load("[supervisord]\n[program:x]\ncommand=a\nenvironment=A=1,B=2\n");
    assert_int_equal(config_load(&request, &other, &error), 0);
    assert_true(config_group_equal(&set->groups[0], &other->groups[0]));
    program_set_free(other);
    fake.files[fake.n - 1].text = "[supervisord]\n[program:x]\ncommand=a\nenvironment=A=1,B=3\n";
    assert_int_equal(config_load(&request, &other, &error), 0);
    assert_false(config_group_equal(&set->groups[0], &other->groups[0]));
    program_set_free(other);
}

static bool has_notice(int level, const char *text)
{
    for (size_t i = 0; i < set->notices_n; i++)
        if (set->notices[i].level == level && strcmp(set->notices[i].text, text) == 0)
            return true;
    return false;
}

static void test_include(void **state)
{
    (void)state;
    fake_add(&fake, "/c/d/b.conf", "[program:b]\ncommand=%(here)s %(program_name)s\n[include]\nfiles=/c/x.conf\n");
    fake_add(&fake, "/c/d/.hidden.conf", "[program:h]\ncommand=h\n");
    fake_add(&fake, "/c/d/dir.conf", NULL);
    fake_add(&fake, "/c/x.conf", "[program:x]\ncommand=x\n");
    load("[supervisord]\n[program:a]\ncommand=%(here)s\n[include]\nfiles = d/*.conf %(here)s/no*.conf\n");
    assert_int_equal(set->groups_n, 2);
    assert_string_equal(set->groups[0].specs[0].command, "/c");
    assert_string_equal(set->groups[1].specs[0].command, "/c/d b");
    assert_string_equal(set->groups[1].specs[0].origin.file, "/c/d/b.conf");
    assert_true(has_notice(20, "Included extra file \"/c/d/b.conf\" during parsing"));
    assert_true(has_notice(20, "Included extra file \"/c/d/dir.conf\" during parsing"));
    assert_true(has_notice(30, "No file matches via include \"/c/no*.conf\""));
    assert_int_equal(set->notices_n, 3);
}

/* The first user's: the main file's own directory is what it includes. */
static void test_file_includes_itself(void **state)
{
    (void)state;
    fake_add(&fake, "/c/queue.conf", "[program:q]\ncommand=new\n");
    load("[supervisord]\n[program:q]\ncommand=old\n[include]\nfiles=/c/*.conf\n");
    assert_int_equal(set->groups_n, 1);
    assert_string_equal(set->groups[0].specs[0].command, "new"); /* queue.conf is read after main.conf */
}

static void test_command_line(void **state)
{
    const struct config_override overrides[] = {{"loglevel", "debug", "-e"}, {"logfile", "/tmp/l", "-l"}};

    (void)state;
    request.overrides = overrides;
    request.overrides_n = 2;
    load("[supervisord]\nloglevel=warn\n");
    assert_int_equal(set->daemon.loglevel, 10);
    assert_string_equal(set->daemon.logfile, "/tmp/l");
}

static void test_bad_command_line(void **state)
{
    const struct config_override overrides[] = {{"loglevel", "loud", "-e"}};

    (void)state;
    request.overrides = overrides;
    request.overrides_n = 1;
    refuse("[supervisord]\n", "invalid value for -e 'loud': bad logging level name 'loud'");
}

static void test_no_env(void **state)
{
    (void)state;
    request.no_env = true;
    load("[supervisord]\n[program:x]\ncommand=a %(ENV_NO)s\nnumprocs=%(ENV_NO)s\nuser=nobody\n"
         "priority=%(ENV_NO)s\nenabled=%(ENV_NO)s\n[inet_http_server]\nport=%(ENV_NO)s\n");
    assert_string_equal(set->groups[0].specs[0].command, "a %(ENV_NO)s");
    assert_int_equal(set->groups[0].n, 1);
}

/* A Debian image that still has supervisor's own configuration. */
static void test_role_goes_before_supervisors_own_file(void **state)
{
    (void)state;
    add_roles();
    request.role = "app";
    assert_int_equal(config_load(&request, &set, &error), 0);
    assert_int_equal(set->groups_n, 1);
    assert_string_equal(set->groups[0].name, "nginx");
    assert_string_equal(set->config_file, "");
}

static void test_role_must_be_set(void **state)
{
    (void)state;
    add_roles();
    assert_int_equal(config_load(&request, &set, &error), -EINVAL);
    assert_string_equal(error.text, "CONTAINER_ROLE is not set; set it to one of the roles: app queue");
}

static void test_roles_may_not_share_a_program(void **state)
{
    (void)state;
    add_roles();
    fake_add(&fake, "/etc/cslsup/roles/web.conf", "\n[program:nginx]\ncommand=nginx\n");
    request.role = "app,web";
    assert_int_equal(config_load(&request, &set, &error), -EINVAL);
    assert_string_equal(error.file, "/etc/cslsup/roles/web.conf");
    assert_int_equal(error.line, 2);
    assert_non_null(strstr(error.text, "/etc/cslsup/roles/app.ini"));
}

static void test_no_file_anywhere(void **state)
{
    (void)state;
    request.file = NULL;
    request.program = "/usr/bin/supervisord";
    assert_int_equal(config_load(&request, &set, &error), -EINVAL);
    assert_string_equal(error.text,
                        "No config file found at default paths (/usr/etc/supervisord.conf, /usr/supervisord.conf, "
                        "supervisord.conf, etc/supervisord.conf, /etc/supervisord.conf, "
                        "/etc/supervisor/supervisord.conf); use the -c option to specify a config file at a different "
                        "path");
}

/* What [program_defaults] says of a key that listeners may not have does not reach them. */
static void test_program_defaults(void **state)
{
    (void)state;
    load("[supervisord]\n[program_defaults]\nredirect_stderr=true\nstartsecs=7\n[program:a]\ncommand=a\n"
         "[eventlistener:l]\ncommand=l\nevents=TICK_5\n");
    assert_int_equal(set->groups[0].kind, KIND_EVENTLISTENER);
    assert_int_equal(set->groups[0].specs[0].startsecs, 7);
    assert_false(set->groups[0].specs[0].redirect_stderr);
    assert_true(set->groups[1].specs[0].redirect_stderr);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_defaults),
        TEST(test_numprocs),
        TEST(test_errors),
        TEST(test_unknown_user),
        TEST(test_place_as_cslsup),
        TEST(test_container_defaults),
        TEST(test_role_files_alone),
        TEST(test_role_makes_its_directories),
        TEST(test_unknown_role),
        TEST(test_roles_key),
        TEST(test_include),
        TEST(test_file_includes_itself),
        TEST(test_command_line),
        TEST(test_bad_command_line),
        TEST(test_no_env),
        TEST(test_role_goes_before_supervisors_own_file),
        TEST(test_role_must_be_set),
        TEST(test_roles_may_not_share_a_program),
        TEST(test_no_file_anywhere),
        TEST(test_program_defaults),
        TEST(test_cycle),
        TEST(test_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
