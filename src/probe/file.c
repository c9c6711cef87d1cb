#include "base/num.h"
#include "os/clock.h"
#include "os/sockets.h"
#include "probe/attempt.h"
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

int attempt_file(const struct check *c, int64_t deadline, struct err *e)
{
    char path[PATH_MAX], words[128];
    struct stat st;
    int64_t age_ns;

    (void)deadline; /* stat(2) has none */
    if (c->socket.len >= sizeof path) {
        err_set(e, "the path is too long");
        return -ENAMETOOLONG;
    }
    memcpy(path, c->socket.ptr, c->socket.len);
    path[c->socket.len] = '\0';
    if (stat(path, &st) < 0) {
        int error = errno;
        err_set(e, "%s", os_error_words(error, words, sizeof words));
        return -error;
    }
    age_ns = clock_now().wall_ns - num_add_sat(num_mul_sat(st.st_mtim.tv_sec, NS_PER_S), st.st_mtim.tv_nsec);
    if (age_ns <= c->within_ns)
        return 0;
    err_set(e, "last touched %lld s ago", (long long)(age_ns / NS_PER_S));
    return -ETIME;
}
