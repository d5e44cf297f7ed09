/* The command's main process: made and held before its exec, released, or ended unrun. */
#ifndef GUARD_CHILD_H
#define GUARD_CHILD_H

#include "caller.h"
#include "frame.h"

struct child {
  /* 0: there is none, or it was waited for. */
  int pid;
  /* Where it says what becomes of it, and is released. */
  int status;
  /* What it has as standard output and error; negative: what this process has. */
  int output;
  /* The server of this process, a child that is none of the command's; 0: there is none, or it was waited for. */
  int server;
  struct child_info server_end;
  /* This process had children before its exec: which of those that come to it are the command's it can not tell. */
  bool has_others;
  /* The grant's bytes, to which its parts point, and the vectors of the exec. */
  uint8_t *block;
  size_t block_size;
  void *vectors;
  size_t vectors_size;
  struct grant grant;
};

/* What the child says; EXECED is said by the kernel, which closes its end. */
enum child_word { CHILD_HELD, CHILD_FAILED, CHILD_CLOSED };

void child_clear(struct child *child);

/*
 * Makes it as granted. It gives up the descriptors of the gateway's connection. Answers whether it
 * is there; else what has failed.
 */
bool child_make(struct child *child, struct caller *caller, const struct grant *grant, const int connection[2],
                struct failure *failure);

/* Reads what it says next, once its status descriptor is readable. */
enum child_word child_hear(struct child *child, struct failure *failure);

/* Lets a held child execute. */
void child_release(struct child *child);

/* Frees what only the exec needed. */
void child_executed(struct child *child);

/* Whether it is in the group of this process, and leads none. */
bool child_is_in_foreground(const struct child *child);

/* Sends a signal to its group, or to it alone in the foreground; there must be a child. */
void child_signal(const struct child *child, int signal);

/* Ends a child that has not been released, or has failed, and waits for it. */
void child_end_unrun(struct child *child);

#endif
