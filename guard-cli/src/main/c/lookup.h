/* Where a command's first argument is found. */
#ifndef GUARD_LOOKUP_H
#define GUARD_LOOKUP_H

/* Finds a program as execvp(3) does, as seen from the working directory. Answers 0 or an error number. */
int look_up(const char *name, const char *path, const char **found);

#endif
