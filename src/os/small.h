/* Small files of /proc and /sys, read whole. Inside the os floor only. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* Reads at most size - 1 bytes of a file and terminates them. The number of bytes or -errno. */
int small_read(const char *path, char *ret_text, size_t size);

/* The decimal number a file starts with. 0, -EINVAL or -errno. */
int small_number(const char *path, uint64_t *ret_value);
