/* `cslsup check`: loads the configuration as a start would, warns, and prints what would run (container contract §1,
 * §8). */
#pragma once

/* 0 fine, 1 warnings with --strict, 2 refused or called wrongly. */
int check_main(int argc, char **argv);
