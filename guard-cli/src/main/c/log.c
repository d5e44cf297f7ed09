/*
 * What a detached command writes, when no gateway takes it: this process has the same end of the
 * pipe open, so that the command neither gets PIPE nor waits for ever. A full file becomes the one
 * beside it. What can not be written is lost, and that is said in the file.
 */
#include "life.h"
#include "text.h"

enum { AT_ONCE = 4096, LOG_MODE = 0600, FROM_END = 2 };

static struct {
  char path[PATH_MAX];
  uint64_t most;
  uint64_t size;
  uint64_t lost;
} file;
static int file_fd = -1;

void log_goes_to(const char *path, uint64_t most) {
  struct text to = {file.path, sizeof file.path, 0, false};
  add(&to, path);
  file.most = to.too_long ? 0 : most;
}

static bool open_file(void) {
  if (file_fd < 0 && file.most > 0) {
    file_fd = (int)sys_open(file.path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, LOG_MODE);
    long size = file_fd < 0 ? 0 : SYSCALL(__NR_lseek, file_fd, 0, FROM_END);
    file.size = size < 0 ? 0 : (uint64_t)size;
  }
  return file_fd >= 0;
}

static void put_aside_when_full(void) {
  if (file_fd >= 0 && file.size >= file.most) {
    TEXT(older, PATH_MAX);
    add(&older, file.path);
    add(&older, ".1");
    close_if_open(&file_fd);
    if (older.too_long || SYSCALL(__NR_renameat, AT_FDCWD, file.path, AT_FDCWD, older.at) < 0) {
      /* It would grow beyond its bound. */
      file.most = 0;
    }
  }
}

static bool write_all(const char *bytes, uint64_t size) {
  while (size > 0) {
    long written = sys_write(file_fd, bytes, size);
    if (written <= 0) {
      file.lost += size;
      return false;
    }
    file.size += (uint64_t)written;
    bytes += written;
    size -= (uint64_t)written;
  }
  return true;
}

static void say_lost(void) {
  TEXT(line, 128);
  uint64_t lost = file.lost;
  add(&line, "\nguard: at least ");
  add_number(&line, lost);
  add(&line, " bytes of output are missing here\n");
  file.lost = 0;
  if (!write_all(line.at, line.used)) {
    file.lost = lost;
  }
}

void log_forget(void) { close_if_open(&file_fd); }

bool log_take(int *from) {
  char bytes[AT_ONCE];
  if (*from < 0) {
    return false;
  }
  put_aside_when_full();
  bool there = open_file();
  uint64_t room = there && file.size < file.most ? file.most - file.size : AT_ONCE;
  long got = sys_read(*from, bytes, room < AT_ONCE ? room : AT_ONCE);
  if (got == -EAGAIN || got == -EINTR) {
    return false;
  }
  if (got <= 0) {
    close_if_open(from);
    return false;
  }
  if (!there) {
    file.lost += (uint64_t)got;
    return true;
  }
  if (file.lost > 0) {
    say_lost();
  }
  write_all(bytes, (uint64_t)got);
  return true;
}
