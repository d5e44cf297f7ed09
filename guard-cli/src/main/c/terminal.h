/* The controlling terminal: whose it is, and a shim that stops and goes on with its command. See docs/terminal.md. */
#ifndef GUARD_TERMINAL_H
#define GUARD_TERMINAL_H

#include "caller.h"

/* Of <asm/termbits.h>: struct termios, at most 60 bytes. */
struct modes {
  bool known;
  uint8_t of_kernel[64];
};

struct terminal {
  /* Negative: there is none, or it is left alone. */
  int fd;
  int own_group;
  /* The command's; 0: none yet. */
  int group;
  /* The command's group is to have it while the job is in the foreground, since it asked last. */
  bool commands_turn;
  bool lent;
  /* The command had it until its end. */
  bool was_lent;
  /* A stop came to this process itself: its sender chose who else gets it. */
  bool passed_on;
  struct modes before;
  struct modes of_stopped;
};

/* Opens the controlling terminal, if there is one. */
void terminal_open(struct terminal *terminal);
bool terminal_is_there(const struct terminal *terminal);

/* Leaves it alone from now on. */
void terminal_leave(struct terminal *terminal);

/* Takes note of the group of a command that is released next, which may get the terminal. */
void terminal_begin(struct terminal *terminal, int group);

/* Takes it back from a main process that has ended. */
void terminal_end(struct terminal *terminal);

/* Gives it the modes that it had before, since the command's can be of use only to that. */
void terminal_reset(struct terminal *terminal);

/*
 * Acts on TSTP, TTIN or TTOU, which came to this process alone or with its whole group; whether it
 * has stopped meanwhile.
 */
bool terminal_stop_asked(struct terminal *terminal, const struct caller *caller, int signal, bool runs);

/* Follows the main process, which was stopped by this signal; whether this process has stopped, too. */
bool terminal_follow(struct terminal *terminal, const struct caller *caller, int signal);

/* Continues the command, if that runs, after this process was continued. */
void terminal_continued(struct terminal *terminal, bool runs);

#endif
