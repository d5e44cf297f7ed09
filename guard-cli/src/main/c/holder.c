#include "holder.h"

#include "text.h"

/* A service ends with its main process, and a killall that means a program of the user must not end commands. */
#define HOLDER_NAME "guard-commands"

enum { PR_SET_THE_NAME = 15, FOR_EVER = -1 };

void hold_if_asked(const struct caller *caller) {
  if (caller->argc != 3 || !text_equals(caller->argv[1], "gateway") || !text_equals(caller->argv[2], "hold")) {
    return;
  }
  SYSCALL(__NR_prctl, PR_SET_THE_NAME, HOLDER_NAME);
  for (;;) {
    poll_for(NULL, 0, FOR_EVER);
  }
}
