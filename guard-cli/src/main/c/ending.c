#include "ending.h"

#include <linux/prctl.h>

#include "text.h"

enum { MODE = 0666, LIMIT_OF_CORE = 4, MOST_DIGITS = 6 };

/* Answers the N of "fd:N", or -1. */
static int number_of(const char *to) {
  int number = 0;
  const char *digit = to + 3;
  for (; *digit >= '0' && *digit <= '9' && digit - to < 3 + MOST_DIGITS; digit++) {
    number = number * 10 + (*digit - '0');
  }
  return *digit == 0 && digit > to + 3 ? number : -1;
}

static int take_descriptor(struct report *report, int fd) {
  if (fd < 1) {
    return EBADF;
  }
  long flags = SYSCALL(__NR_fcntl, fd, F_GETFD);
  if (flags < 0) {
    return (int)-flags;
  }
  if ((flags & FD_CLOEXEC) != 0) {
    /* It is our own: whatever the caller has given has come through an exec. */
    return EBADF;
  }
  if (fd > 2) {
    /* It is for guard, and not for the command. */
    long error = SYSCALL(__NR_fcntl, fd, F_SETFD, flags | FD_CLOEXEC);
    if (error < 0) {
      return (int)-error;
    }
  }
  *report = (struct report){fd, flags};
  return 0;
}

int report_open(struct report *report, const struct caller *caller, const char *to) {
  if (text_starts(to, "fd:")) {
    return take_descriptor(report, number_of(to));
  }
  /* A FIFO without a reader blocks: until then signals end the shim, as nothing runs yet. */
  set_mask(MASK_SET, caller->blocked);
  int fd = (int)sys_open(to, O_WRONLY | O_CREAT | O_TRUNC, MODE);
  set_mask(MASK_SET, caller->reading);
  fd = above_standard(fd);
  if (fd < 0) {
    return -fd;
  }
  *report = (struct report){fd, -1};
  return 0;
}

void report_undo(struct report *report) {
  if (report->fd > 2 && report->flags >= 0) {
    SYSCALL(__NR_fcntl, report->fd, F_SETFD, report->flags);
  } else if (report->fd > 2) {
    close_if_open(&report->fd);
  }
  report->fd = -1;
}

int report_write(const struct report *report, const char *bytes, size_t size) {
  while (report->fd >= 0 && size > 0) {
    long written = sys_write(report->fd, bytes, size);
    if (written == -EAGAIN) {
      struct pollable out = {report->fd, POLL_OUT, 0};
      poll_for(&out, 1, -1);
    } else if (written <= 0) {
      return written == 0 ? EIO : (int)-written;
    } else {
      bytes += written;
      size -= (size_t)written;
    }
  }
  return 0;
}

void die_of(int signal, int else_status, bool group) {
  uint64_t none[2] = {0, 0};
  /* Both, since where cores go to a program the limit alone does not keep them from it. */
  SYSCALL(__NR_prlimit64, 0, LIMIT_OF_CORE, none, NULL);
  SYSCALL(__NR_prctl, PR_SET_DUMPABLE, 0);
  if (signal != SIG_STOP) {
    set_disposition(signal, DISPOSITION_DEFAULT);
    send_signal(group ? 0 : (int)SYSCALL(__NR_getpid), signal);
    set_mask(MASK_UNBLOCK, BIT(signal));
  }
  exit_now(else_status);
}
