/* One output stream of a program, stdout or stderr: the pipe, and the way of its bytes into the outlets. Our end of the
 * pipe is kept as long as the program is configured, and each start opens the other end anew: what was written before a
 * death is never lost, however full the outlets are. A stream that nobody reads has no pipe: it is the null device. */
#pragma once
#include "core/program.h"
#include "init/format.h"
#include "init/outlet.h"

enum {
    CAPTURE_LINE_MAX = 16 * 1024, /* the longest line that is kept whole on a shared outlet */
    CAPTURE_READ_MAX = 256 * 1024,
    CAPTURE_LAST_MAX = 1024 /* what `ctl why` can show of the last output */
};

/* What all streams share: one buffer to read into, one to format in. */
struct capture_pool {
    struct outlets *outlets;
    char *reading; /* CAPTURE_LINE_MAX + CAPTURE_READ_MAX bytes */
    char *formatted;
    size_t pipes; /* how many may prove busy: the kernel limits what they get together */
    int null_fd;  /* borrowed */
    bool strip_ansi;
};

struct capture {
    struct capture_pool *pool;
    bool open;
    bool ended;   /* nobody holds the other end */
    int fd;       /* our end; -1 = no pipe */
    int child_fd; /* the other end, between capture_begin and capture_began; -1 = not now */
    ev_io readable;
    ev_timer partial; /* an unfinished line gets old */
    struct outlet *outlets[CAPTURE_OUTLETS];
    size_t sent[CAPTURE_OUTLETS]; /* of `held`, how far each outlet is */
    bool waiting[CAPTURE_OUTLETS];
    struct capture *next_waiting[CAPTURE_OUTLETS];
    size_t outlets_n;
    struct format format;
    char *held; /* what was read and is not in every outlet yet: unfinished lines, or all that a full outlet refused */
    size_t held_len;
    bool grown;
    char *auto_path; /* the file of an AUTO log; NULL = not AUTO */
    enum strip { STRIP_TEXT, STRIP_ESC, STRIP_SEQUENCE } strip;
    int64_t last_output_ns; /* monotonic; 0 = none yet */
    uint64_t bytes;
    char *last; /* a ring of CAPTURE_LAST_MAX bytes, behind `held` */
    size_t last_at;
};

/* One that is not open. */
#define CAPTURE_CLOSED ((struct capture){.fd = -1, .child_fd = -1})

/* Opens the pipe and the outlets of one of `spec`'s streams; `auto_path` stands for AUTO. 0 or -errno. */
int capture_open(struct capture *st, struct capture_pool *pool, const struct spec *spec, bool is_stderr,
                 const char *auto_path);

/* Flushes what can be flushed and gives everything back. */
void capture_close(struct capture *st);

/* Before a spawn: the descriptor that the child writes to, or -errno. After it: that one is closed. */
int capture_begin(struct capture *st);
void capture_began(struct capture *st);

/* The child has died: reads what is left in the pipe, and lets an unfinished line go. */
void capture_drain(struct capture *st);

/* An outlet that was full has room. */
void capture_resume(struct capture *st);

/* Which of the stream's outlets this is. */
size_t capture_slot(const struct capture *st, const struct outlet *o);

/* Empties the log files (supervisorctl clear); files only. 0 or -errno. */
int capture_clear(struct capture *st);

/* The last output, oldest byte first, into `ret_text` of CAPTURE_LAST_MAX bytes. Its length. */
size_t capture_last(const struct capture *st, char *ret_text);

/* Bytes still under way to a full outlet. */
size_t capture_pending(const struct capture *st);
