/* The types of the container contract's keys (§3, §5). All have the shape of type_parse. */
#pragma once
#include "config/loader.h"

/* A condition of depends_on that was not given: it is put in once all programs are known. */
#define NEED_BY_KIND ((enum condition)(NEED_COMPLETED + 1))

/* Numbers and times: at least 1; bytes, at least 0; nanoseconds from seconds or a unit; nanoseconds from days. */
int type_count(struct loader *l, const char *text, void *field);
int type_bytes(struct loader *l, const char *text, void *field);
int type_duration(struct loader *l, const char *text, void *field);
int type_days(struct loader *l, const char *text, void *field);

/* One word out of those of l->option's type, as the enumerator of that place; `orphans` makes a bool of it. */
int type_word(struct loader *l, const char *text, void *field);
int type_orphans(struct loader *l, const char *text, void *field);
int type_enabled(struct loader *l, const char *text, void *field);

/* Texts that are checked, and lists. NOTIFY, NEEDS and LIMIT take a struct spec, for they fill more than one field. */
int type_prefix(struct loader *l, const char *text, void *field);
int type_schedule(struct loader *l, const char *text, void *field);
int type_names(struct loader *l, const char *text, void *field);
int type_checks(struct loader *l, const char *text, void *field);
int type_notify(struct loader *l, const char *text, void *field);
int type_needs(struct loader *l, const char *text, void *field);
int type_limit(struct loader *l, const char *text, void *field);
