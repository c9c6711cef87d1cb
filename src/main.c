/* The table of applets: chosen by argv[0] or by the first word. */
#include <stdio.h>

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("cslsup " CSLSUP_VERSION);
    return 0;
}
