#include "caller.h"

#include <asm/ioctls.h>
#include <linux/auxvec.h>
#include <linux/prctl.h>

#include "text.h"

enum { GUARD_ERROR = 125, MOST_LINKS = 40 };

static const char JAVA[] = "/lib/guard-java";

void caller_read(struct caller *caller, long *stack) {
  caller->argc = (uint32_t)stack[0];
  caller->argv = (char **)(stack + 1);
  caller->environment = caller->argv + caller->argc + 1;
  caller->executed = "";
  caller->signals = -1;
  char **end = caller->environment;
  while (*end != NULL) {
    end++;
  }
  unsigned long user = 0;
  unsigned long group = 0;
  unsigned long effective_user = 1;
  unsigned long effective_group = 1;
  unsigned long secure = 1;
  for (unsigned long *entry = (unsigned long *)(end + 1); entry[0] != AT_NULL; entry += 2) {
    switch (entry[0]) {
      case AT_UID:
        user = entry[1];
        break;
      case AT_EUID:
        effective_user = entry[1];
        break;
      case AT_GID:
        group = entry[1];
        break;
      case AT_EGID:
        effective_group = entry[1];
        break;
      case AT_SECURE:
        secure = entry[1];
        break;
      case AT_EXECFN:
        caller->executed = (const char *)entry[1];
        break;
      default:
        break;
    }
  }
  caller->user = (uint32_t)effective_user;
  caller->plain = user == effective_user && group == effective_group && secure == 0;
}

const char *caller_variable(const struct caller *caller, const char *name) {
  size_t size = text_length(name);
  for (char **each = caller->environment; *each != NULL; each++) {
    if (text_starts(*each, name) && (*each)[size] == '=') {
      return *each + size + 1;
    }
  }
  return NULL;
}

bool caller_has_children(void) {
  struct child_info info;
  int any = WAIT_EXITED | WAIT_STOPPED | WAIT_NOHANG | WAIT_PEEK;
  return wait_child(OF_ALL, 0, &info, any, NULL) == 0;
}

bool caller_may_connect(const struct caller *caller) {
  if (!caller->plain || caller->argc < 2) {
    return false;
  }
  const char *gateway = caller_variable(caller, "GUARD_GATEWAY");
  return gateway == NULL || !text_equals(gateway, "off");
}

bool caller_executes(const struct caller *caller) {
  return caller->argc > 1 && text_equals(caller->argv[1], "exec");
}

void caller_block_signals(struct caller *caller) {
  uint64_t all = ~UINT64_C(0);
  if (caller->blocks) {
    return;
  }
  /* Fails for bad arguments only. */
  SYSCALL(__NR_rt_sigprocmask, MASK_SET, &all, &caller->blocked, sizeof all);
  caller->blocks = true;
}

static bool is_ignored(int signal) {
  struct kernel_sigaction action = {DISPOSITION_DEFAULT, 0, 0, 0};
  /* Fails for bad arguments only. */
  SYSCALL(__NR_rt_sigaction, signal, NULL, &action, sizeof action.mask);
  return action.handler == DISPOSITION_IGNORE;
}

void caller_look_at_ignored(struct caller *caller) {
  for (int signal = 1; signal <= LAST_OF_SIGNALS; signal++) {
    if (is_ignored(signal)) {
      caller->ignored |= BIT(signal);
    }
  }
}

static uint64_t watched_for(const struct caller *caller) {
  /* An ignored CHLD has the kernel wait for our children by itself, and an ignored CONT is lost. */
  uint64_t needed = BIT(SIG_CHLD) | BIT(SIG_CONT);
  uint64_t left_alone = caller->ignored & ~needed;
  return ~left_alone;
}

bool caller_open_signals(struct caller *caller) {
  uint64_t watched = watched_for(caller);
  int fd = (int)SYSCALL(__NR_signalfd4, -1, &watched, sizeof watched, O_NONBLOCK | O_CLOEXEC);
  caller->signals = above_standard(fd);
  return caller->signals >= 0;
}

bool caller_watch_signals(struct caller *caller) {
  caller_look_at_ignored(caller);
  if (!caller_open_signals(caller)) {
    return false;
  }
  set_disposition(SIG_CHLD, DISPOSITION_DEFAULT);
  set_disposition(SIG_CONT, DISPOSITION_DEFAULT);
  caller->reading = watched_for(caller) | caller->blocked;
  set_mask(MASK_SET, caller->reading);
  return true;
}

/* The kernel sends these to whoever writes, as if by kill(2) from the process itself. */
static bool is_of_own_write(const struct signal_info *info) {
  bool writes = info->signal == SIG_PIPE || info->signal == SIG_XFSZ;
  return writes && info->code == CODE_USER && (long)info->pid == SYSCALL(__NR_getpid);
}

bool caller_next_signal(struct caller *caller, struct signal_info *info) {
  while (caller->signals >= 0 && sys_read(caller->signals, info, sizeof *info) == sizeof *info) {
    if (is_of_own_write(info)) {
      continue;
    }
    if (info->signal != SIG_CHLD || info->code <= 0) {
      caller->read |= BIT(info->signal);
    }
    return true;
  }
  return false;
}

void caller_let_stop(struct caller *caller) {
  caller->reading &= ~STOPS | caller->blocked;
  set_mask(MASK_SET, caller->reading);
}

void caller_restore_signals(const struct caller *caller) {
  uint64_t changed = caller->ignored & (BIT(SIG_CHLD) | BIT(SIG_CONT));
  for (int signal = SIG_CHLD; signal <= SIG_CONT; signal++) {
    if ((changed & BIT(signal)) != 0) {
      set_disposition(signal, DISPOSITION_IGNORE);
    }
  }
  set_mask(MASK_SET, caller->blocked);
}

long caller_become_reaper(struct caller *caller) {
  if (caller->reaps) {
    return 0;
  }
  long error = SYSCALL(__NR_prctl, PR_GET_CHILD_SUBREAPER, &caller->reaped_before);
  if (error == 0) {
    error = SYSCALL(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1);
    caller->reaps = error == 0;
  }
  if (error == -EINVAL) {
    /* qemu-user does not know it. Orphans are then init's, and only their cgroup or group ends them. */
    error = 0;
  }
  return error;
}

uint32_t caller_descriptors(void) {
  uint32_t flags = 0;
  /* Of <asm/termbits.h>: at most 60 bytes. */
  char terminal[64];
  for (int fd = 0; fd <= 2; fd++) {
    if (SYSCALL(__NR_fcntl, fd, F_GETFD) < 0) {
      flags |= 1u << (HELLO_CLOSED + fd);
    } else if (SYSCALL(__NR_ioctl, fd, TCGETS, terminal) == 0) {
      flags |= 1u << (HELLO_TERMINAL + fd);
    }
  }
  return flags;
}

int above_standard(int fd) {
  if (fd < 0 || fd > 2) {
    return fd;
  }
  int moved = (int)SYSCALL(__NR_fcntl, fd, F_DUPFD_CLOEXEC, 3);
  close_if_open(&fd);
  return moved;
}

static long take_ends(int ends[2], int *one, int *other) {
  *one = above_standard(ends[0]);
  *other = above_standard(ends[1]);
  if (*one >= 0 && *other >= 0) {
    return 0;
  }
  long error = *one < 0 ? *one : *other;
  close_if_open(one);
  close_if_open(other);
  return error;
}

long make_pipe(int *read_end, int *write_end) {
  int ends[2];
  long error = SYSCALL(__NR_pipe2, ends, O_CLOEXEC);
  return error < 0 ? error : take_ends(ends, read_end, write_end);
}

long make_pair(int *one, int *other) {
  int ends[2];
  long error = SYSCALL(__NR_socketpair, FAMILY_UNIX, TYPE_STREAM | O_CLOEXEC, 0, ends);
  return error < 0 ? error : take_ends(ends, one, other);
}

void caller_send_again(struct caller *caller) {
  for (int signal = 1; signal <= LAST_OF_SIGNALS; signal++) {
    if ((caller->read & BIT(signal)) != 0) {
      send_signal((int)SYSCALL(__NR_getpid), signal);
    }
  }
  caller->read = 0;
}

/* Signals that came for a command that this process does not start: whoever comes next gets them. */
static void give_back(struct caller *caller) {
  struct signal_info info;
  while (caller_next_signal(caller, &info)) {
  }
  caller_send_again(caller);
}

void caller_go_on_as_before(struct caller *caller) {
  give_back(caller);
  /* PIPE is the answer of a write instead. CHLD stays as it is: ignored, it would hide how a child ends. */
  set_mask(MASK_SET, caller->blocked | BIT(SIG_PIPE));
}

static void say_why_not(const char *path, long error) {
  TEXT(line, PATH_MAX + 128);
  add(&line, "guard: ");
  if (error == E2BIG) {
    add(&line, "Java could not be executed: shorten the argument list or the environment");
  } else {
    add(&line, path);
    add(&line, error == ENOENT ? ": no such file" : error == EACCES ? ": no right" : ": not executed");
    add(&line, ", error ");
    add_number(&line, (uint64_t)error);
    add(&line, "; reinstall guard");
  }
  say_line(&line);
}

/* Cuts the last name off a path, and the slash before it. */
static void cut_last(struct text *path) {
  while (path->used > 0 && path->at[path->used - 1] != '/') {
    path->used--;
  }
  path->used -= path->used > 0;
  path->at[path->used] = 0;
}

/* The launcher of Java beside the folder that this program is in; links have been followed. */
static bool java_by_proc(struct text *path) {
  long size = SYSCALL(__NR_readlinkat, AT_FDCWD, "/proc/self/exe", path->at, path->size - 1);
  /* Where another root was taken, it begins with "(unreachable)". */
  if (size <= 0 || path->at[0] != '/') {
    return false;
  }
  path->used = (size_t)size;
  cut_last(path);
  cut_last(path);
  add(path, JAVA);
  return !path->too_long;
}

/* The same where there is no /proc, by the name that this program was executed by. */
static bool java_by_name(struct text *path, const char *name) {
  char target[PATH_MAX];
  add(path, name);
  for (int links = 0; links < MOST_LINKS; links++) {
    long size = SYSCALL(__NR_readlinkat, AT_FDCWD, path->at, target, sizeof target);
    if (size <= 0) {
      break;
    }
    if (target[0] == '/') {
      path->used = 0;
    } else {
      cut_last(path);
      add(path, path->used > 0 ? "/" : "./");
    }
    add_bytes(path, target, (size_t)size);
  }
  cut_last(path);
  add(path, path->used > 0 ? "/.." : "..");
  add(path, JAVA);
  return !path->too_long;
}

void caller_stop_reaping(struct caller *caller) {
  if (caller->reaps) {
    /* It fails for bad arguments only. */
    SYSCALL(__NR_prctl, PR_SET_CHILD_SUBREAPER, caller->reaped_before);
    caller->reaps = false;
  }
}

static void leave_as_it_came(struct caller *caller) {
  caller_stop_reaping(caller);
  if (caller->blocks) {
    give_back(caller);
    caller_restore_signals(caller);
  }
}

void caller_execute_java(const struct caller *caller, char *const argv[], char *const environment[]) {
  TEXT(path, PATH_MAX);
  TEXT(other, PATH_MAX);
  long error = -ENOENT;
  if (java_by_proc(&path)) {
    error = SYSCALL(__NR_execve, path.at, argv, environment);
  }
  if (error == -ENOENT && java_by_name(&other, caller->executed)) {
    error = SYSCALL(__NR_execve, other.at, argv, environment);
  }
  say_why_not(path.used > 0 ? path.at : other.at, -error);
  exit_now(GUARD_ERROR);
}

long caller_execute(struct caller *caller, const char *program, char *const argv[], char *const environment[]) {
  leave_as_it_came(caller);
  return SYSCALL(__NR_execve, program, argv, environment);
}

void caller_become_java(struct caller *caller, char *const argv[]) {
  leave_as_it_came(caller);
  caller_execute_java(caller, argv, caller->environment);
}

const char *caller_window(const struct caller *caller) {
  static const char option[] = "--session-window=";
  for (uint32_t i = 2; i < caller->argc && !text_equals(caller->argv[i], "--"); i++) {
    if (text_starts(caller->argv[i], option)) {
      return caller->argv[i] + sizeof option - 1;
    }
  }
  return NULL;
}
