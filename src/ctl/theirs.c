#include "ctl/theirs.h"
#include "base/path.h"
#include <limits.h>
#include <unistd.h>

const char *path_from_cwd(struct arena *a, const char *path)
{
    char directory[PATH_MAX];

    return path_absolute(a, getcwd(directory, sizeof directory) ? directory : "/", path);
}

int theirs_load(struct arena *a, struct options *o, const char *program, struct err *e)
{
    (void)program;
    (void)e;
    if (o->config)
        o->config = path_from_cwd(a, o->config);
    return 0;
}
