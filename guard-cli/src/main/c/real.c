#include "shell.h"

#include <linux/stat.h>

#include "text.h"

/* Which file this program is, on which file system. */
struct identity {
  uint64_t file;
  uint64_t device;
};

static bool look_at(int directory, const char *path, int flags, struct statx *found, struct identity *is) {
  long error = SYSCALL(__NR_statx, directory, path, flags, STATX_INO, found);
  *is = (struct identity){found->stx_ino, (uint64_t)found->stx_dev_major << 32 | found->stx_dev_minor};
  return error == 0;
}

/* Whether an open file is that of this process; not where a filter refuses to say what it is. */
static bool is_this_program(int fd) {
  struct statx found;
  struct identity is;
  struct identity own;
  return look_at(fd, "", AT_EMPTY_PATH, &found, &is) && look_at(AT_FDCWD, "/proc/self/exe", 0, &found, &own) &&
         own.file == is.file && own.device == is.device;
}

/* Whether it is the guard-shell of any installation, by its name. */
static bool is_called_guard_shell(int fd) {
  static const char name[] = "/guard-shell";
  TEXT(link, 64);
  char target[PATH_MAX];
  add(&link, "/proc/self/fd/");
  add_number(&link, (uint64_t)fd);
  long size = SYSCALL(__NR_readlinkat, AT_FDCWD, link.at, target, sizeof target - 1);
  if (size < (long)sizeof name - 1) {
    return false;
  }
  target[size] = 0;
  return text_equals(target + size - (sizeof name - 1), name);
}

/* Whether this is a file that can be executed, and not guard-shell itself, by whatever links. */
static bool is_real(const char *path) {
  int fd = (int)sys_open(path, O_PATH, 0);
  bool real = fd >= 0 && !is_this_program(fd) && !is_called_guard_shell(fd) &&
              SYSCALL(__NR_faccessat, AT_FDCWD, path, 1) == 0;
  close_if_open(&fd);
  return real;
}

/* Of absolute directories alone: what lies in the working directory is not the shell that was meant. */
static const char *bash_of_path(const struct caller *caller, char room[CANDIDATE_SIZE]) {
  const char *directory = caller_variable(caller, "PATH");
  while (directory != NULL && *directory != 0) {
    const char *end = directory;
    while (*end != 0 && *end != ':') {
      end++;
    }
    struct text path = {room, CANDIDATE_SIZE, 0, false};
    add_bytes(&path, directory, (size_t)(end - directory));
    add(&path, "/bash");
    if (*directory == '/' && !path.too_long && is_real(room)) {
      return room;
    }
    directory = *end == 0 ? end : end + 1;
  }
  return NULL;
}

static const char *last_of(const char *path) {
  const char *last = path;
  for (; *path != 0; path++) {
    last = *path == '/' ? path + 1 : last;
  }
  return last;
}

const char *real_shell(const struct caller *caller, const char *name, char room[CANDIDATE_SIZE]) {
  /* As bash-env.sh says which Bash it runs in; a login shell's name begins with '-'. */
  if (*name == '/' && is_real(name)) {
    return name;
  }
  const char *shell = caller_variable(caller, "SHELL");
  bool is_bash = text_equals(last_of(*name == '-' ? name + 1 : name), "bash");
  if (!is_bash && shell != NULL && *shell == '/' && is_real(shell)) {
    return shell;
  }
  const char *bash = bash_of_path(caller, room);
  if (bash != NULL) {
    return bash;
  }
  return is_real("/bin/bash") ? "/bin/bash" : "/bin/sh";
}
