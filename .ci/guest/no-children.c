/*
 * For /etc/ld.so.preload: a kernel without CONFIG_PROC_CHILDREN. Every file named children is missing for the process. Each program
 * that asked for one is written to the file XDG_NO_CHILDREN_LOG, so that a test can see that the library was in the way.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int hidden(const char *path) {
  static const char name[] = "/children";
  size_t length = strlen(path);
  if (length < sizeof name - 1 || strcmp(path + length - (sizeof name - 1), name) != 0) return 0;
  const char *log = getenv("XDG_NO_CHILDREN_LOG");
  char program[512];
  ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  if (log != NULL && n > 0) {
    long fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CLOEXEC);
    program[n] = '\n';
    if (fd >= 0 && write((int)fd, program, (size_t)n + 1) < 0) errno = 0;
    if (fd >= 0) close((int)fd);
  }
  errno = ENOENT;
  return 1;
}

int openat(int at, const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  unsigned mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, unsigned) : 0;
  va_end(rest);
  return hidden(path) ? -1 : (int)syscall(SYS_openat, at, path, flags, mode);
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  unsigned mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, unsigned) : 0;
  va_end(rest);
  return openat(AT_FDCWD, path, flags, mode);
}

int access(const char *path, int mode) { return hidden(path) ? -1 : (int)syscall(SYS_faccessat, AT_FDCWD, path, mode); }

int stat(const char *restrict path, struct stat *restrict into) {
  return hidden(path) ? -1 : (int)syscall(SYS_newfstatat, AT_FDCWD, path, into, 0);
}

int openat64(int at, const char *path, int flags, ...) __attribute__((alias("openat")));
int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int stat64(const char *restrict path, struct stat64 *restrict into) {
  return stat(path, (struct stat *)into);
}
