/* Which file a command means: supervisord's get_execv_args and check_execv_args, sentence by sentence. */
#include "base/str.h"
#include "os/spawn.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Python's repr of a string, as its messages quote names. Text that is not ASCII passes as it is. */
static void quote(const char *text, char *ret_text, size_t size)
{
    char mark = strchr(text, '\'') && !strchr(text, '"') ? '"' : '\'';
    size_t n = 0;

    ret_text[n++] = mark;
    for (const unsigned char *c = (const unsigned char *)text; *c && n + 6 < size; c++) {
        const char *short_form = *c == '\n' ? "\\n" : *c == '\t' ? "\\t" : *c == '\r' ? "\\r" : NULL;
        if (short_form)
            n += (size_t)snprintf(ret_text + n, size - n, "%s", short_form);
        else if (*c < ' ' || *c == 0x7f)
            n += (size_t)snprintf(ret_text + n, size - n, "\\x%02x", *c);
        else {
            if (*c == '\\' || *c == (unsigned char)mark)
                ret_text[n++] = '\\';
            ret_text[n++] = (char)*c;
        }
    }
    ret_text[n++] = mark;
    ret_text[n] = '\0';
}

/* Python's os.path.join of one directory and a bare name. */
static bool join(struct str dir, const char *word, char *ret_path)
{
    const char *slash = dir.len == 0 || dir.ptr[dir.len - 1] == '/' ? "" : "/";
    int n = snprintf(ret_path, PATH_MAX, "%.*s%s%s", (int)dir.len, dir.ptr, slash, word);
    return n < PATH_MAX;
}

/* The first entry that exists, executable or not; false leaves the bare word. */
static bool search_path(const char *word, const char *search, char *ret_path, struct stat *ret_st)
{
    for (;;) {
        size_t n = strcspn(search, ":");
        if (n < PATH_MAX && join((struct str){search, n}, word, ret_path) && stat(ret_path, ret_st) == 0)
            return true;
        if (search[n] == '\0')
            return false;
        search += n + 1;
    }
}

static const char *own_search(void)
{
    const char *path = getenv("PATH");
    return path && *path ? path : "/bin:/usr/bin:/usr/local/bin";
}

/* supervisord's sentence for each way to fail: the quoted path stands between the halves. */
static const struct verdict {
    int error;
    const char *before, *after;
} verdicts[] = {
    {-ENOENT, "can't find command ", ""},
    {-EISDIR, "command at ", " is a directory"},
    {-ENOEXEC, "command at ", " is not executable"},
    {-EACCES, "no permission to run command ", ""},
};

static int judge(bool exists, const struct stat *st, const char *path)
{
    if (!exists)
        return -ENOENT;
    if (S_ISDIR(st->st_mode))
        return -EISDIR;
    if (!(st->st_mode & 0111))
        return -ENOEXEC;
    return access(path, X_OK) < 0 ? -EACCES : 0;
}

int os_find_command(const char *word, const char *search, char *ret_path, char *ret_text)
{
    char path[PATH_MAX], quoted[FIND_TEXT_MAX - 64];
    struct stat st;
    bool exists;

    if (strchr(word, '/') || !search_path(word, search ? search : own_search(), path, &st)) {
        exists = strchr(word, '/') && stat(word, &st) == 0;
        exists = snprintf(path, sizeof path, "%s", word) < PATH_MAX && exists;
    } else
        exists = true;
    int rc = judge(exists, &st, path);
    if (rc == 0) {
        memcpy(ret_path, path, sizeof path);
        return 0;
    }
    quote(path, quoted, sizeof quoted);
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
        if (verdicts[i].error == rc)
            snprintf(ret_text, FIND_TEXT_MAX, "%s%s%s", verdicts[i].before, quoted, verdicts[i].after);
    return rc;
}
