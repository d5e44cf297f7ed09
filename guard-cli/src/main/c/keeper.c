/*
 * Leftovers that may stay. A process of its own, in a session of its own, ends them with the caller
 * where that is the policy, goes on with the log of a detached command, and removes the cgroups when
 * they are empty. It needs no gateway for that.
 */
#include "life.h"
#include "text.h"
#include "tree.h"

enum { LOOK_MILLIS = 500, FIELD_OF_START = 22, FIRST_FIELD_BEHIND_NAME = 3, FIRST_OTHER = 3 };

static struct {
  int pid;
  uint64_t start;
} parent;

/* The start time of a process that has not ended; 0: there is none. Its name can have parentheses and spaces. */
static uint64_t start_of(int pid) {
  TEXT(path, 64);
  add(&path, "/proc/");
  add_number(&path, (uint64_t)pid);
  add(&path, "/stat");
  char stat[1024];
  int fd = (int)sys_open(path.at, O_RDONLY, 0);
  long size = fd < 0 ? 0 : sys_read(fd, stat, sizeof stat);
  close_if_open(&fd);
  long at = size;
  while (at > 0 && stat[at - 1] != ')') {
    at--;
  }
  bool ended = at + 1 >= size || stat[at + 1] == 'Z' || stat[at + 1] == 'X';
  uint64_t start = 0;
  int field = FIRST_FIELD_BEHIND_NAME - 1;
  for (; !ended && at < size && field <= FIELD_OF_START; at++) {
    field += stat[at] == ' ';
    if (field == FIELD_OF_START && stat[at] != ' ') {
      start = start * 10 + (uint64_t)(stat[at] - '0');
    }
  }
  return start;
}

void keeper_remember_caller(void) { parent.pid = (int)SYSCALL(__NR_getppid); }

static bool caller_lives(void) { return parent.start != 0 && start_of(parent.pid) == parent.start; }

bool keeper_is_wanted(void) {
  uint32_t flags = life.child.grant.flags;
  bool with_caller = (flags & GRANT_KEEPS_WITH_CALLER) != 0;
  /* Without a cgroup nobody would know them once this process has gone: then they are ended. */
  bool is_known = life.child.grant.cgroups.count > 0;
  bool is_there = SYSCALL(__NR_getppid) == parent.pid && !life.detached.stays && is_known;
  return (flags & GRANT_KEEPS) != 0 || (with_caller && is_there);
}

static void keep(void) __attribute__((noreturn));
static void keep(void) {
  bool with_caller = (life.child.grant.flags & GRANT_KEEPS_WITH_CALLER) != 0;
  for (;;) {
    while (log_take(&life.detached.log)) {
    }
    if (with_caller && !caller_lives()) {
      tree_kill(&life.child);
    }
    /* They stay busy until whoever has come to be the parent has waited for the last one. */
    if (!tree_is_left(&life.child) && tree_remove_cgroups(&life.child)) {
      exit_now(0);
    }
    struct pollable log = {life.detached.log, POLL_IN, 0};
    poll_for(&log, 1, LOOK_MILLIS);
  }
}

void keeper_start(void) {
  /* Before this process ends, since its parent is known until then. */
  parent.start = SYSCALL(__NR_getppid) == parent.pid ? start_of(parent.pid) : 0;
  if (SYSCALL(__NR_clone, SIG_CHLD) != 0) {
    /* Where none can be had the gateway looks after them, or whoever calls guard reap. */
    return;
  }
  SYSCALL(__NR_setsid);
  for (int fd = 0; fd <= 2; fd++) {
    turn_to_nothing(fd, O_RDWR);
  }
  /* It ends by what any process ends by: a service's manager sends TERM, and waits. */
  set_mask(MASK_SET, life.caller.blocked);
  log_forget();
  int log = life.detached.log;
  close_from_to(FIRST_OTHER, log < 0 ? ~0u : (unsigned)log - 1);
  if (log >= 0) {
    close_from_to((unsigned)log + 1, ~0u);
  }
  /* No file system is kept busy. */
  SYSCALL(__NR_chdir, "/");
  /* The number of the main process may be another's from now on. */
  life.child.pid = 0;
  keep();
}
