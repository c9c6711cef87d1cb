/* The environment of a program: what comes from where, what wins, what is missing. */
#include "config/environment.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
    const char *path, *text;
} files[] = {
    {"/etc/app/common.env", "A=file\nB=file\nexport C='c c'\n"},
    {"/run/secrets/token", "s3cret\n"},
    {"/given", "given\n\n"},
    {"/run/secrets/EMPTY", "\n"},
};

static int read_file(void *context, const char *path, struct buf *to)
{
    (void)context;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (!strcmp(path, files[i].path))
            return buf_add_text(to, files[i].text);
    return -ENOENT;
}

static const struct config_host host = {.read_file = read_file};
static char *container[] = {"A=container", "HOME=/root", "PATH=/bin", "GIVEN_FILE=/given", NULL};
static struct arena *arena;
static struct err e;

static struct spec plain_spec(void)
{
    return (struct spec){.name = "x_00", .group = "x", .origin = {"/etc/app/main.ini", 1}};
}

static int build(const struct spec *spec, const char *server_url, const char *const **ret_envp)
{
    static const struct environment_user user = {"www-data", "/var/www", "/bin/sh"};
    const struct environment_request r = {
        .spec = spec, .inherited = container, .server_url = server_url, .user = &user, .host = &host};

    e = (struct err){0};
    return environment_build(arena, &r, ret_envp, &e);
}

static void later_ones_win(void **state)
{
    struct env_pair own[] = {{"B", "own"}, {"SUPERVISOR_GROUP_NAME", "mine"}};
    const char *env_file[] = {"common.env", "-absent.env"}, *secrets[] = {"TOKEN", "GIVEN"}, *needed[] = {"A", "TOKEN"};
    struct spec spec = plain_spec();
    const char *const *envp;

    (void)state;
    spec.environment = (struct env_list){own, 2};
    spec.env_file = (struct names){env_file, 2};
    spec.secrets = (struct names){secrets, 2};
    spec.require_env = (struct names){needed, 2};
    spec.user_env = true;
    assert_int_equal(build(&spec, "unix:///s", &envp), 0);
    assert_string_equal(environment_get(envp, "A"), "file");
    assert_string_equal(environment_get(envp, "B"), "own");
    assert_string_equal(environment_get(envp, "C"), "c c");
    assert_string_equal(environment_get(envp, "TOKEN"), "s3cret");
    assert_string_equal(environment_get(envp, "GIVEN"), "given\n");
    assert_string_equal(environment_get(envp, "HOME"), "/var/www");
    assert_string_equal(environment_get(envp, "PATH"), "/bin");
    assert_string_equal(environment_get(envp, "SUPERVISOR_PROCESS_NAME"), "x_00");
    assert_string_equal(environment_get(envp, "SUPERVISOR_SERVER_URL"), "unix:///s");
    assert_string_equal(environment_get(envp, "SUPERVISOR_GROUP_NAME"), "mine");
    assert_null(environment_get(envp, "PAT"));
}

static void nothing_is_added_unasked(void **state)
{
    struct spec spec = plain_spec();
    const char *const *envp;
    size_t n = 0;

    (void)state;
    assert_int_equal(build(&spec, NULL, &envp), 0);
    while (envp[n])
        n++;
    assert_int_equal(n, 4);
    assert_int_equal(build(&spec, "", &envp), 0);
    assert_null(environment_get(envp, "SUPERVISOR_SERVER_URL"));
    assert_string_equal(environment_get(envp, "SUPERVISOR_ENABLED"), "1");
}

static void refused(struct spec spec, const char *text)
{
    const char *const *envp;

    assert_int_equal(build(&spec, NULL, &envp), -EINVAL);
    assert_non_null(strstr(e.text, text));
}

static void what_is_missing_is_named(void **state)
{
    const char *absent[] = {"absent.env"}, *none[] = {"NONE"}, *empty[] = {"EMPTY"};
    struct spec spec = plain_spec();

    (void)state;
    spec.env_file = (struct names){absent, 1};
    refused(spec, "env_file /etc/app/absent.env: No such file");
    spec = plain_spec();
    spec.secrets = (struct names){none, 1};
    refused(spec, "secret NONE is missing");
    spec.secrets = (struct names){empty, 1};
    refused(spec, "secret EMPTY is empty in /run/secrets/EMPTY");
    spec = plain_spec();
    spec.require_env = (struct names){none, 1};
    refused(spec, "NONE is not set");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_ones_win),
        cmocka_unit_test(nothing_is_added_unasked),
        cmocka_unit_test(what_is_missing_is_named),
    };

    arena = arena_new(1 << 20);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
