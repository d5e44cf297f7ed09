/*
 * kill-at-step REPORT N WORD PROGRAM [ARGUMENT]...
 *
 * Runs a program, and kills the first process below it whose command line contains WORD with SIGKILL when it is about to make its
 * N-th step. A step is a system call that others can notice: between two of them a death is the same wherever it comes. The call
 * itself is not made. Processes that the killed one has started are not traced and feel nothing.
 *
 * REPORT gets a line for each step, and "killed" or nothing, and "ended STATUS" when the program has ended, in this order.
 * The exit status is the program's, 128+n for a signal.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ALWAYS (-1)

/* Calls with an effect, and which argument is a path, if one is. */
static const struct call { long number; const char *name; int path; } CALLS[] = {
#ifdef SYS_open
  {SYS_open, "open", 0}, {SYS_mkdir, "mkdir", 0}, {SYS_rmdir, "rmdir", 0}, {SYS_unlink, "unlink", 0}, {SYS_rename, "rename", 1},
  {SYS_symlink, "symlink", 1}, {SYS_mknod, "mknod", 0}, {SYS_vfork, "vfork", ALWAYS}, {SYS_fork, "fork", ALWAYS},
#endif
  {SYS_openat, "openat", 1}, {SYS_mkdirat, "mkdirat", 1}, {SYS_unlinkat, "unlinkat", 1}, {SYS_renameat2, "renameat2", 3},
  {SYS_symlinkat, "symlinkat", 2}, {SYS_mknodat, "mknodat", 1}, {SYS_flock, "flock", ALWAYS}, {SYS_clone, "clone", ALWAYS},
  {SYS_clone3, "clone3", ALWAYS}, {SYS_write, "write", ALWAYS}, {SYS_writev, "writev", ALWAYS}, {SYS_pwrite64, "pwrite64", ALWAYS},
  {SYS_ftruncate, "ftruncate", ALWAYS}, {SYS_close, "close", ALWAYS}, {SYS_kill, "kill", ALWAYS}, {SYS_wait4, "wait4", ALWAYS},
  {SYS_prlimit64, "prlimit64", ALWAYS}, {SYS_prctl, "prctl", ALWAYS}, {SYS_fchmod, "fchmod", ALWAYS},
  {SYS_exit_group, "exit_group", ALWAYS},
};

static pid_t target;

static void memory(pid_t pid, uint64_t at, void *to, size_t size) {
  char name[64];
  snprintf(name, sizeof name, "/proc/%d/mem", pid);
  int fd = open(name, O_RDONLY | O_CLOEXEC);
  memset(to, 0, size);
  /* A string may end just before memory that is not there: then a part is read. */
  if (fd >= 0 && pread(fd, to, size, (off_t)at) >= 0) close(fd);
}

static int file(const char *format, pid_t pid, uint64_t which, char *to, size_t size) {
  char name[64];
  snprintf(name, sizeof name, format, pid, (int)which);
  int fd = open(name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t count = read(fd, to, size - 1);
  close(fd);
  to[count < 0 ? 0 : count] = 0;
  return (int)count;
}

/* A file that is open for writing, a lock among them, or an end of a pipe: only their close can tell somebody something. */
static int matters(uint64_t fd) {
  char text[256], link[64], *flags;
  snprintf(link, sizeof link, "/proc/%d/fd/%d", target, (int)fd);
  if (readlink(link, text, sizeof text - 1) < 5) return 0;
  if (!strncmp(text, "pipe:", 5)) return 1;
  if (text[0] != '/') return 0;
  if (!file("/proc/%d/fdinfo/%d", target, fd, text, sizeof text) || !(flags = strstr(text, "flags:"))) return 0;
  return (strtol(flags + 6, NULL, 8) & O_ACCMODE) != O_RDONLY;
}

static int is_zombie(uint64_t pid) {
  char text[512], *end;
  return file("/proc/%d/stat", (pid_t)pid, 0, text, sizeof text) > 0 && (end = strrchr(text, ')')) && end[2] == 'Z';
}

static int has_effect(pid_t pid, const struct call *call, const uint64_t *a) {
  uint64_t flags;
  switch (call->number) {
#ifdef SYS_open
    case SYS_open: return (a[1] & (O_ACCMODE | O_CREAT | O_TRUNC)) && !(a[1] & O_PATH);
#endif
    case SYS_openat: return (a[2] & (O_ACCMODE | O_CREAT | O_TRUNC)) && !(a[2] & O_PATH);
    case SYS_clone: return !(a[0] & CLONE_THREAD);
    case SYS_clone3: memory(pid, a[0], &flags, sizeof flags); return !(flags & CLONE_THREAD);
    case SYS_close: return matters(a[0]);
    case SYS_wait4: return is_zombie(a[0]);
    case SYS_prlimit64: return a[2] != 0;
    case SYS_prctl: return a[0] == PR_SET_CHILD_SUBREAPER;
    default: return 1;
  }
}

static const struct call *step(pid_t pid, const struct __ptrace_syscall_info *info) {
  for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++)
    if (CALLS[i].number == (long)info->entry.nr) return has_effect(pid, &CALLS[i], info->entry.args) ? &CALLS[i] : NULL;
  return NULL;
}

static void describe(FILE *report, int number, pid_t pid, const struct call *call, const uint64_t *a) {
  char text[200] = "", link[64];
  if (call->path != ALWAYS) {
    memory(pid, a[call->path], text, sizeof text - 1);
  } else if (call->number == SYS_write || call->number == SYS_close || call->number == SYS_flock) {
    snprintf(link, sizeof link, "/proc/%d/fd/%d", target, (int)a[0]);
    if (readlink(link, text, sizeof text - 1) < 0) text[0] = 0;
  }
  if (call->number == SYS_write) {
    char said[41] = "";
    size_t size = a[2] < 40 ? a[2] : 40;
    memory(pid, a[1], said, size);
    for (size_t i = 0; i < size; i++) if (said[i] < ' ') said[i] = ' ';
    fprintf(report, "%d %s %s: %s\n", number, call->name, text, said);
  } else {
    fprintf(report, "%d %s %s\n", number, call->name, text);
  }
}

static int has_word(pid_t pid, const char *word) {
  static char text[65536];
  int count = file("/proc/%d/cmdline", pid, 0, text, sizeof text);
  return count > 0 && memmem(text, (size_t)count, word, strlen(word)) != NULL;
}

static int is_of_target(pid_t tid) {
  char name[64];
  snprintf(name, sizeof name, "/proc/%d/task/%d", target, tid);
  return target && access(name, F_OK) == 0;
}

static int shell_status(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  FILE *report = fopen(argv[1], "we");
  int wanted = atoi(argv[2]), steps = 0, status, answer = 125;
  if (!report) return 125;
  setlinebuf(report);
  pid_t program = fork();
  if (program == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    execvp(argv[4], argv + 4);
    _exit(127);
  }
  if (program < 0 || waitpid(program, &status, __WALL) != program) return 125;
  const long follow = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE;
  ptrace(PTRACE_SETOPTIONS, program, 0, follow | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK);
  ptrace(PTRACE_CONT, program, 0, 0);
  pid_t pid;
  while ((pid = waitpid(-1, &status, __WALL)) > 0) {
    if (!WIFSTOPPED(status)) {
      if (pid == program) fprintf(report, "ended %d\n", answer = shell_status(status));
      continue;
    }
    int signal = WSTOPSIG(status), event = status >> 16;
    if (event == PTRACE_EVENT_EXEC && !target && has_word(pid, argv[3])) {
      target = pid;
      /* What it starts from here on is not traced, but for its threads. */
      ptrace(PTRACE_SETOPTIONS, pid, 0, follow);
    }
    struct __ptrace_syscall_info info;
    if (signal == (SIGTRAP | 0x80) && ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) > 0 &&
        info.op == PTRACE_SYSCALL_INFO_ENTRY) {
      const struct call *call = step(pid, &info);
      if (call && steps < wanted) {
        describe(report, ++steps, pid, call, info.entry.args);
        if (steps == wanted) {
          kill(target, SIGKILL);
          fprintf(report, "killed\n");
        }
      }
    }
    /* A new process or thread begins with a stop that nobody has sent. */
    int pass = event || signal == SIGSTOP || signal == (SIGTRAP | 0x80) || signal == SIGTRAP ? 0 : signal;
    ptrace(is_of_target(pid) ? PTRACE_SYSCALL : PTRACE_CONT, pid, 0, pass);
  }
  fclose(report);
  return answer;
}
