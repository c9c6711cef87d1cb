/* Roles (container contract §2): which there are, which is wanted, and what its files add. */
#pragma once
#include "config/loader.h"

/* After the main file is read: finds all roles, chooses, and merges the chosen roles' files. */
int roles_apply(struct loader *l);

/* Whether one of the wanted roles has a file in the default directory: then it needs no main file. */
bool roles_stand_alone(struct loader *l);

/* Whether a file of a role that was not chosen holds that program or group. */
bool role_elsewhere(struct loader *l, const char *name);

/* Whether that is a role's file. */
bool role_is_file(const struct loader *l, const char *file);
