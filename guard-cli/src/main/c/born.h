/* What a child does between its birth and its exec. */
#ifndef GUARD_BORN_H
#define GUARD_BORN_H

#include "caller.h"
#include "frame.h"

/* What the child does. It shares this process's memory, which goes on meanwhile: it only reads here. */
struct plan {
  const struct caller *caller;
  const struct grant *grant;
  const char *path_variable;
  const char *name;
  /* As a script: /bin/sh, room for the path, arguments. */
  char **argv;
  char **environment;
  bool as_script;
  /* The index of the cgroup that it is born in; negative: none. */
  int born_in;
  int connection[2];
  int signals;
  /* For descriptors 1 and 2; negative: they stay. */
  int output;
  /* The two ends between both: it says what has become of it, and waits for a byte until it may execute. */
  int shim_end;
  int child_end;
};

extern struct plan plan;

/* Joins, goes to its directory, finds its program, says that it is held, and executes when it may. */
void be_born(void);

#endif
