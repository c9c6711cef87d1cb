#include "small.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int small_read(const char *path, char *ret_text, size_t size)
{
    size_t n = 0;
    ssize_t got = 0;

    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return -errno;
    while (n + 1 < size && (got = read(fd, ret_text + n, size - 1 - n)) > 0)
        n += (size_t)got;
    int rc = got < 0 ? -errno : (int)n;
    close(fd);
    ret_text[n] = '\0';
    return rc;
}

int small_number(const char *path, uint64_t *ret_value)
{
    char text[32], *end;

    int rc = small_read(path, text, sizeof text);
    if (rc < 0)
        return rc;
    unsigned long long value = strtoull(text, &end, 10);
    if (end == text)
        return -EINVAL;
    *ret_value = value;
    return 0;
}
