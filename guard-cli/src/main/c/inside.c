/*
 * GUARD_SHELL is inherited by whoever outlives its command, as a tmux server, so it proves nothing. What
 * does is an ancestor: the guard of a command of guard-shell's has its own number in the mark that it was
 * executed with, and nobody else has. It looks after its descendants, and adopts orphans among them, so that
 * they are inside as long as it lives and no longer. In a namespace of processes that was made inside, as a
 * sandbox does, that guard is not to be seen; then the first process there must be in the command's cgroup.
 */
#include "shell.h"
#include "text.h"

enum { MOST_ANCESTORS = 4096, SIZE_OF_ID = 16 };

static int open_of(int process, const char *file) {
  TEXT(path, 64);
  add(&path, "/proc/");
  if (process > 0) {
    add_number(&path, (uint64_t)process);
  } else {
    add(&path, "self");
  }
  add(&path, file);
  return (int)sys_open(path.at, O_RDONLY, 0);
}

/* The parent of a process; 0 as the process: of this one. Answers 0 where there is none, negative: not known. */
static int parent_of(int process) {
  char stat[512];
  int fd = open_of(process, "/stat");
  long size = fd < 0 ? 0 : sys_read(fd, stat, sizeof stat);
  close_if_open(&fd);
  /* A name can have parentheses and spaces. */
  long at = size;
  while (at > 0 && stat[at - 1] != ')') {
    at--;
  }
  /* A space, the state, a space. */
  int parent = at > 0 ? 0 : -1;
  for (at += 3; parent >= 0 && at < size && stat[at] >= '0' && stat[at] <= '9'; at++) {
    parent = parent * 10 + (stat[at] - '0');
  }
  return parent;
}

/* Whether a file has an entry that begins so. Entries end with a NUL, or are lines. */
static bool has_entry(int fd, const char *begin) {
  char some[4096];
  const char *next = begin;
  long size;
  while ((size = sys_read(fd, some, sizeof some)) > 0) {
    for (long i = 0; i < size; i++) {
      if (some[i] == 0) {
        next = begin;
      } else if (next != NULL && *next == some[i]) {
        next++;
        if (*next == 0) {
          return true;
        }
      } else {
        next = NULL;
      }
    }
  }
  return false;
}

static bool is_guard_of_shell(int process) {
  TEXT(begin, 64);
  add(&begin, SHELL_MARK "=");
  add_number(&begin, (uint64_t)process);
  add(&begin, " ");
  int fd = open_of(process, "/environ");
  bool is = fd >= 0 && has_entry(fd, begin.at);
  close_if_open(&fd);
  return is;
}

/* Whether a process is in the cgroup of a command, or below it. */
static bool is_in_cgroup_of(int process, const char *id) {
  char text[16384];
  TEXT(name, 64);
  add(&name, "/cmd_");
  add(&name, id);
  int fd = open_of(process, "/cgroup");
  long size = fd < 0 ? 0 : sys_read(fd, text, sizeof text - 1);
  close_if_open(&fd);
  text[size < 0 ? 0 : size] = 0;
  for (const char *at = text; *at != 0; at++) {
    char behind = text_starts(at, name.at) ? at[name.used] : 0;
    if (behind == '/' || behind == '\n') {
      return true;
    }
  }
  return false;
}

bool is_inside(const struct caller *caller) {
  const char *id = caller_variable(caller, "GUARD_SHELL");
  if (id == NULL || text_length(id) != SIZE_OF_ID) {
    return false;
  }
  int process = 0;
  for (int i = 0; i < MOST_ANCESTORS; i++) {
    int parent = parent_of(process);
    if (parent < 0) {
      return false;
    }
    if (parent == 0) {
      return is_in_cgroup_of(process, id);
    }
    if (is_guard_of_shell(parent)) {
      return true;
    }
    process = parent;
  }
  return false;
}
