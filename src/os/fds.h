/* Which descriptors came from our parent. Inside the os floor only. */
#pragma once
#include <stdbool.h>

/* 0, 1, 2, and those of 3 and 4 that were open when os_descriptors_tidy ran: what a configuration may name. */
bool fd_is_inherited(int fd);
