/* The types of the container contract's keys (§3, §5). All have the shape of type_parse. */
#pragma once
#include "config/loader.h"

/* A condition of depends_on that was not given: it is put in once all programs are known. */
#define NEED_BY_KIND ((enum condition)(NEED_COMPLETED + 1))

/* Numbers and times: at least 1; bytes, at least 0; nanoseconds from seconds or a unit; nanoseconds from days. */
int parse_count(struct loader *l, const char *text, void *field);
int parse_bytes(struct loader *l, const char *text, void *field);
int parse_duration(struct loader *l, const char *text, void *field);
int parse_days(struct loader *l, const char *text, void *field);

/* One word out of those of l->option's type, as the enumerator of that place; `orphans` makes a bool of it. */
int parse_word(struct loader *l, const char *text, void *field);
int parse_orphans(struct loader *l, const char *text, void *field);
int parse_enabled(struct loader *l, const char *text, void *field);

/* Texts that are checked, and lists. NOTIFY, NEEDS and LIMIT take a struct spec, for they fill more than one field. */
int parse_prefix(struct loader *l, const char *text, void *field);
int parse_schedule(struct loader *l, const char *text, void *field);
int parse_names(struct loader *l, const char *text, void *field);
int parse_checks(struct loader *l, const char *text, void *field);
int parse_notify(struct loader *l, const char *text, void *field);
int parse_needs(struct loader *l, const char *text, void *field);
int parse_limit(struct loader *l, const char *text, void *field);
