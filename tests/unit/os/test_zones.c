/* Time zones of the machine, and the names of AUTO logs. */
#include "os/zones.h"
#include "sinks.h"
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <time.h>

enum { TUESDAY_NOON = 1795521600 };

static void zones_are_found(void **state)
{
    (void)state;
    struct zone *z = NULL;

    assert_int_equal(zone_new("../etc/passwd", &z), -EINVAL);
    assert_int_equal(zone_new("/etc/localtime", &z), -EINVAL);
    assert_int_equal(zone_new("Europe/Nowhere", &z), -ENOENT);
    assert_int_equal(zone_new("", &z), -EINVAL);
    assert_int_equal(zone_new("UTC", &z), 0);
    assert_int_equal(zone_offset_at(z, TUESDAY_NOON), 0);
    zone_free(z);
    if (zone_new("Europe/Berlin", &z) == 0) {
        assert_int_equal(zone_offset_at(z, TUESDAY_NOON), 3600);
        assert_int_equal(zone_offset_at(z, TUESDAY_NOON + INT64_C(86400) * 365 * 100 - INT64_C(86400) * 120), 7200);
        zone_free(z);
    }
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    assert_int_equal(zone_new(NULL, &z), 0);
    assert_int_equal(zone_offset_at(z, TUESDAY_NOON), 3600);
    zone_free(z);
    setenv("TZ", "rubbish!", 1);
    assert_int_equal(zone_new(NULL, &z), 0);
    assert_int_equal(zone_offset_at(z, TUESDAY_NOON), 0);
    zone_free(z);
    unsetenv("TZ");
    assert_int_equal(zone_new(NULL, &z), 0);
    time_t noon = TUESDAY_NOON;
    struct tm local;
    assert_int_equal(zone_offset_at(z, noon), localtime_r(&noon, &local)->tm_gmtoff);
    zone_free(z);
    zone_free(NULL);
}

static void auto_logs_come_and_go(void **state)
{
    (void)state;
    char path[PATH_MAX], again[PATH_MAX], where[PATH_MAX];
    struct stat st;
    unsigned failed = 9;

    assert_int_equal(mkdir("auto", 0755), 0);
    assert_int_equal(autolog_create("auto", "web", "stdout", "my.id", path), 0);
    assert_int_equal(autolog_create("auto", "web", "stdout", "my.id", again), 0);
    assert_string_not_equal(path, again);
    assert_int_equal(strncmp(path, "auto/web-stdout---my.id-", 24), 0);
    assert_int_equal(strlen(path), 24 + 8 + 4);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    static const char *const names[] = {"web-stdout---my.id-abcdefgh.log.3",
                                        "web---myxid-a.log",
                                        "web---my.id-.log.log",
                                        /* these stay: */ "web-stdout---other-a.log",
                                        "---my.id-a.log",
                                        "web---my.id-.log",
                                        "web---my.id-a b.log",
                                        "web---my.id-a.txt"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(again, sizeof again, "auto/%s", names[i]);
        close(open(again, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    }
    assert_int_equal(autolog_clean("auto", "my.id", &failed), 0);
    assert_int_equal(failed, 0);
    assert_int_equal(access(path, F_OK), -1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(again, sizeof again, "auto/%s", names[i]);
        assert_int_equal(access(again, F_OK), i < 3 ? -1 : 0);
    }
    assert_int_equal(autolog_clean("no/dir", "x", NULL), -ENOENT);
    setenv("TMPDIR", dir, 1);
    assert_int_equal(autolog_directory(where), 0);
    assert_string_equal(where, dir);
    unsetenv("TMPDIR");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zones_are_found),
        cmocka_unit_test(auto_logs_come_and_go),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, enter_dir, leave_dir);
}
