/* Functions that have no safe use here; force-included by the build. */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#pragma GCC poison strcpy strcat sprintf vsprintf strncpy strncat atoi atol atoll gets strtok tmpnam mktemp
