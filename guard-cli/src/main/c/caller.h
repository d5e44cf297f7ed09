/* What the caller gave: arguments, environment, signals; and going on as Java with exactly that. */
#ifndef GUARD_CALLER_H
#define GUARD_CALLER_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"
#include "sys.h"

struct caller {
  uint32_t argc;
  char **argv;
  char **environment;
  const char *executed;
  uint32_t user;
  /* Its rights are those of the user alone: no set-user-id, no file capabilities. */
  bool plain;
  uint64_t blocked;
  uint64_t ignored;
  /* The mask while this process reads signals. */
  uint64_t reading;
  /* Signals that were read, and so are lost unless they are sent again. */
  uint64_t read;
  int signals;
  bool blocks;
  bool reaps;
  int reaped_before;
};

void caller_read(struct caller *caller, long *stack);

/* The value of a variable, of the first entry of its name; NULL: there is none. */
const char *caller_variable(const struct caller *caller, const char *name);

/* Whether this is guard exec. */
bool caller_executes(const struct caller *caller);

/* Whether a gateway may be asked at all. */
bool caller_may_connect(const struct caller *caller);

/* Whether there are children, of whoever became this process by exec: they are none of the command's. */
bool caller_has_children(void);

/* Finds out which signals the caller has ignored. */
void caller_look_at_ignored(struct caller *caller);

/* Blocks every signal, once; then caller_watch_signals has those read that are not ignored. */
void caller_block_signals(struct caller *caller);
bool caller_watch_signals(struct caller *caller);

/* Opens the descriptor that they are read from; those that came before it was there are read, too. */
bool caller_open_signals(struct caller *caller);

/* Takes the next signal that came; false: there is none. Never one that a write of our own has caused. */
bool caller_next_signal(struct caller *caller, struct signal_info *info);

/* Lets TSTP, TTIN and TTOU stop this process again, as they do without guard. */
void caller_let_stop(struct caller *caller);

/* Gives back the dispositions and the mask, also in a child that is about to exec. */
void caller_restore_signals(const struct caller *caller);

/* Undoes what made this process the parent of orphans. */
void caller_stop_reaping(struct caller *caller);

/* Has the signals that were read come again. */
void caller_send_again(struct caller *caller);

/* Gives the signals back that were read, and lets this process be ended or stopped by others. */
void caller_go_on_as_before(struct caller *caller);

/* Has orphans of the command come back to this process; answers 0 or an error. */
long caller_become_reaper(struct caller *caller);

/* Descriptors 0 to 2 as the flags of HELLO say them. */
uint32_t caller_descriptors(void);

/* Moves a descriptor of our own out of the way of 0 to 2, which the caller may have closed. */
int above_standard(int fd);

/* Answers two descriptors for the ends of a pipe; an error: neither is open. */
long make_pipe(int *read_end, int *write_end);

/* Answers two ends, each of which can be written and read; an error: neither is open. */
long make_pair(int *one, int *other);

/* Goes on as Java, as it came, with these words. */
void caller_become_java(struct caller *caller, char *const argv[]) __attribute__((noreturn));

/* The name of the session whose window this process runs in; NULL: it is in none. A command ends with its window. */
const char *caller_window(const struct caller *caller);

/* Executes a program in this process, with all that the caller gave but words and variables; returns an error. */
long caller_execute(struct caller *caller, const char *program, char *const argv[], char *const environment[]);

/* Executes Java with other words and variables; this is for a process that was made for that. */
void caller_execute_java(const struct caller *caller, char *const argv[], char *const environment[])
    __attribute__((noreturn));

#endif
