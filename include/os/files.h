/* Whole small files. A FIFO or device in their place never makes us wait. */
#pragma once
#include "base/buf.h"

/* Appends the bytes of the file. 0, -EMSGSIZE when it is larger than `to` may become, or -errno. */
int os_read_file(const char *path, struct buf *to);

/* Replaces what the file holds; it is created with `mode`. 0 or -errno. */
int os_write_file(const char *path, const void *bytes, size_t n, unsigned mode);
