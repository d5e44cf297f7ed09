/* The processes of a command, ended by the shim alone where no gateway does it. */
#ifndef GUARD_TREE_H
#define GUARD_TREE_H

#include "child.h"

/* Looks whether the main process has ended, and leaves it a zombie: its number is no other's until then. */
bool tree_main_ended(const struct child *child, struct child_info *info, struct usage *usage);

/* Answers the signal that the main process was stopped by since it was asked for; 0: none. */
int tree_take_stop(const struct child *child);

/* Waits for those that have ended, but for the main process; notes how the server of this process did. */
void tree_reap_orphans(struct child *child);

/* Waits for all that have ended. From here on the main process's number may be another's. */
void tree_reap_all(struct child *child);

/* Answers whether anything but an ended main process is left. */
bool tree_is_left(const struct child *child);

/* Sends a signal to the group of the main process and to the members of its cgroups. */
void tree_signal(const struct child *child, int signal);

/* Kills what is left until nothing is, for 5 s at most. */
void tree_kill(struct child *child);

/* Answers whether there are none any more. */
bool tree_remove_cgroups(const struct child *child);

#endif
