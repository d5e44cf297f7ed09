/* Where a command's first argument is found. */
#ifndef GUARD_LOOKUP_H
#define GUARD_LOOKUP_H

/* Room for a path, and for what is put behind it to see whether it is a directory. */
enum { CANDIDATE_SIZE = 4096 + 2 };

/*
 * Finds a program as execvp(3) does, as seen from the working directory. Answers 0, with the name itself or
 * what is in the room for a path, or an error number.
 */
int look_up(const char *name, const char *path, char room[CANDIDATE_SIZE], const char **found);

#endif
