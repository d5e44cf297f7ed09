/*
 * guard-shell: a shell whose commands are guarded. It asks guard exec for itself, and becomes the real
 * shell where that has started it; see docs/shell.md.
 */
#ifndef GUARD_SHELL_H
#define GUARD_SHELL_H

#include "caller.h"
#include "lookup.h"

/*
 * Of the process that became guard exec: its own number, a space, and argv[0] of the real shell. The
 * process that finds its parent's number there is the command; the one that finds its own could not be
 * guarded, and why is in the second variable. The real shell has neither.
 */
#define SHELL_MARK "_guard_shell"
#define SHELL_WHY "_guard_shell_why"

/* Answers the number in the mark, and what follows it; 0: there is none. */
int shell_mark(const struct caller *caller, const char **name);

/* real.c: which shell is meant. */

/* Finds it by argv[0] and the environment; what is answered may be in the room. */
const char *real_shell(const struct caller *caller, const char *name, char room[CANDIDATE_SIZE]);

/* inside.c: the proof that a command of guard-shell's is around this process. */
bool is_inside(const struct caller *caller);

/* policy.c: what happens where Guard can not run. */

/* Says that it does not, and why; does not return where the policy is to refuse. */
void say_unguarded(const struct caller *caller, const char *why);

#endif
