/* How the shim itself ends: the report, the exit status, or the signal that it dies of. */
#ifndef GUARD_ENDING_H
#define GUARD_ENDING_H

#include "caller.h"
#include "frame.h"

struct report {
  int fd;
  /* Of a descriptor of the caller: what it has to be given back with; negative: it is ours. */
  long flags;
};

/* Opens a path, or takes fd:N; answers 0 or an error number. */
int report_open(struct report *report, const struct caller *caller, const char *to);

/* Gives a descriptor of the caller back as it was, and closes one of ours. */
void report_undo(struct report *report);

/* Answers 0, or an error number. */
int report_write(const struct report *report, const char *bytes, size_t size);

/*
 * Dies of a signal as by its default action, without a core of the shim; else exits as a shell says
 * it. In a group that a typed key would have reached, all others get the signal, too.
 */
void die_of(int signal, int else_status, bool group) __attribute__((noreturn));

#endif
