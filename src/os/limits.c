#include "os/limits.h"
#include "base/str.h"
#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define L(name)                                                                                                        \
    {                                                                                                                  \
        "RLIMIT_" #name, RLIMIT_##name                                                                                 \
    }

static const struct {
    const char *name;
    int number;
} limits[] = {L(AS),   L(CORE),   L(CPU),   L(DATA), L(FSIZE),  L(LOCKS),  L(MEMLOCK),    L(MSGQUEUE),
              L(NICE), L(NOFILE), L(NPROC), L(RSS),  L(RTPRIO), L(RTTIME), L(SIGPENDING), L(STACK)};

enum { LIMITS_N = sizeof limits / sizeof *limits, PREFIX = sizeof "RLIMIT_" - 1 };

int os_limit_number(const char *name)
{
    struct str s = str_from(name);

    for (int i = 0; i < LIMITS_N; i++)
        if (str_is_nocase(s, limits[i].name) || str_is_nocase(s, limits[i].name + PREFIX))
            return limits[i].number;
    return -ENOENT;
}

const char *os_limit_name(int resource)
{
    for (int i = 0; i < LIMITS_N; i++)
        if (limits[i].number == resource)
            return limits[i].name;
    return NULL;
}

int os_limit_raise(int resource, uint64_t least, uint64_t *ret_hard)
{
    struct rlimit now;

    /* By number: libc's own call wants an enum that only glibc has. */
    if (syscall(SYS_prlimit64, 0, resource, NULL, &now) < 0)
        return -errno;
    if (now.rlim_cur >= least)
        return 0;
    struct rlimit wanted = {least, now.rlim_max < least ? least : now.rlim_max};
    if (syscall(SYS_prlimit64, 0, resource, &wanted, NULL) == 0)
        return 1;
    *ret_hard = now.rlim_max;
    return -errno;
}
