/*
 * The process of a command before its exec, in a Java program, which can do nothing of its own between fork and exec:
 *   guard-held CONTROL PROGRAM NAME [ARGUMENT]...
 * CONTROL is a socket to that program, whose end lets this process fail. The plan comes there first: its size, and so
 * many bytes of strings: the directory, or nothing, and the files of cgroups that this process joins.
 */
#include "sys.h"

enum {
  FAILED_UNRUN = 125,
  PLAN_SIZE = 32 << 10,
  SET_NAME = 15
};

/* What is told; HeldWord in Java. */
enum { HELD = 0, NOT_IN_CGROUP = 1, NOT_IN_DIRECTORY = 2, NOT_EXECUTED = 3 };

struct word {
  uint32_t what;
  uint32_t error;
};

static char plan[PLAN_SIZE];

static void tell(int control, uint32_t what, long error) {
  struct word word = {what, (uint32_t)-error};
  /* It takes so few bytes at once or not at all; without a reader there is nobody to be told. */
  sys_write(control, &word, sizeof word);
}

static void fail(int control, uint32_t what, long error) __attribute__((noreturn));
static void fail(int control, uint32_t what, long error) {
  tell(control, what, error);
  exit_now(FAILED_UNRUN);
}

/* Without a whole plan the program has gone. */
static void read_all(int control, void *to, size_t size) {
  char *at = to;
  while (size > 0) {
    long got = sys_read(control, at, size);
    if (got <= 0) {
      exit_now(FAILED_UNRUN);
    }
    at += got;
    size -= (size_t)got;
  }
}

static const char *after(const char *text) {
  while (*text != 0) {
    text++;
  }
  return text + 1;
}

/* 0 means the writer itself: the kernel need not stop all others for that. */
static long join(const char *file) {
  int fd = (int)sys_open(file, O_WRONLY, 0);
  if (fd < 0) {
    return fd;
  }
  long written = sys_write(fd, "0", 1);
  close_if_open(&fd);
  return written < 0 ? written : 0;
}

static int number(const char *text) {
  int value = 0;
  while (*text >= '0' && *text <= '9') {
    value = value * 10 + (*text++ - '0');
  }
  return value;
}

void held_main(long *stack) __attribute__((noreturn, used));
void held_main(long *stack) {
  char **argv = (char **)(stack + 1);
  if (stack[0] < 4) {
    exit_now(FAILED_UNRUN);
  }
  char **environment = argv + stack[0] + 1;
  int control = number(argv[1]);
  /* The kernel closes it with the exec, and so says that there was one. */
  SYSCALL(__NR_fcntl, control, F_SETFD, FD_CLOEXEC);
  SYSCALL(__NR_prctl, SET_NAME, "guard-held");
  uint32_t size;
  read_all(control, &size, sizeof size);
  if (size == 0 || size > sizeof plan) {
    exit_now(FAILED_UNRUN);
  }
  read_all(control, plan, size);
  plan[size - 1] = 0;
  for (const char *file = after(plan); file < plan + size; file = after(file)) {
    long error = join(file);
    if (error < 0) {
      fail(control, NOT_IN_CGROUP, error);
    }
  }
  tell(control, HELD, 0);
  char release;
  if (sys_read(control, &release, 1) != 1) {
    exit_now(FAILED_UNRUN);
  }
  long error = plan[0] == 0 ? 0 : SYSCALL(__NR_chdir, plan);
  if (error < 0) {
    fail(control, NOT_IN_DIRECTORY, error);
  }
  fail(control, NOT_EXECUTED, SYSCALL(__NR_execve, argv[2], argv + 3, environment));
}

ENTRY(held_main);
