/*
 * A detached command. This process becomes two when the gateway says so: the first is what the
 * caller waits for, the second stays with the command, in a session of its own. It calls the
 * gateway anew, as itself. Between them are two pipes: the second says the id; the first says that
 * its caller has the id. If either ends without a word, nobody knows the id, and the command is
 * ended.
 */
#include "life.h"
#include "text.h"
#include "tree.h"

enum { STATUS_GUARD_ERROR = 125, STATUS_SIGNAL = 128, FIRST_OTHER = 3, MOST_DESCRIPTORS = 1 << 20 };

static void fail(void) __attribute__((noreturn));
static void fail(void) {
  TEXT(line, 128);
  add(&line, "guard: no descriptor or process is left to detach with; raise ulimit -n or -u");
  say_line(&line);
  exit_now(STATUS_GUARD_ERROR);
}

/* ---- the first */

/* What it had made comes here when it is killed, since this process adopts orphans. */
static void end_with_killed_second(void) __attribute__((noreturn));
static void end_with_killed_second(void) {
  tree_kill(&life.child);
  TEXT(line, 128);
  add(&line, "guard: the detached guard was killed, and its command ");
  add(&line, tree_is_left(&life.child) ? "may run; see guard ps" : "does not run");
  say_line(&line);
  exit_now(STATUS_GUARD_ERROR);
}

static void await_end_of(int second, struct child_info *info) {
  while (wait_child(OF_PID, second, info, WAIT_EXITED, NULL) == -EINTR) {
  }
}

static void end_as_second(int second) __attribute__((noreturn));
static void end_as_second(int second) {
  struct child_info info;
  await_end_of(second, &info);
  if (info.code == CHILD_EXITED) {
    exit_now(info.status);
  }
  if (info.status == SIG_KILL) {
    end_with_killed_second();
  }
  exit_now(STATUS_SIGNAL + info.status);
}

/* Answers how much was said at once: so few bytes come whole, see pipe(7); 0: the second has ended. */
static long hear_second(int from, char *said, size_t size) {
  long got;
  do {
    got = sys_read(from, said, size);
  } while (got == -EINTR);
  return got < 0 ? 0 : got;
}

static void tell_id(const char *id, size_t size, int second, int *to_second) __attribute__((noreturn));
static void tell_id(const char *id, size_t size, int second, int *to_second) {
  bool closed = (caller_descriptors() & 1u << (HELLO_CLOSED + 1)) != 0;
  struct report output = {closed ? -1 : 1, -1};
  if (report_write(&output, id, size) == 0) {
    /* Without a reader the command has ended already. */
    sys_write(*to_second, "\n", 1);
    exit_now(0);
  }
  struct child_info info;
  close_if_open(to_second);
  await_end_of(second, &info);
  TEXT(line, 128);
  add(&line, "guard: the id could not be written, and the command does not run");
  say_line(&line);
  exit_now(STATUS_GUARD_ERROR);
}

static void wait_for(int second, int from_second, int to_second) __attribute__((noreturn));
static void wait_for(int second, int from_second, int to_second) {
  char said[LONGEST_ID + 1];
  caller_go_on_as_before(&life.caller);
  long size = hear_second(from_second, said, sizeof said);
  if (size == 0) {
    end_as_second(second);
  }
  tell_id(said, (size_t)size, second, &to_second);
}

/* ---- the second */

void close_from_to(unsigned first, unsigned last) {
  if (first > last || SYSCALL(__NR_close_range, first, last, 0) == 0) {
    return;
  }
  /* Before 5.9. */
  for (unsigned fd = first; fd <= last && fd < MOST_DESCRIPTORS; fd++) {
    SYSCALL(__NR_close, fd);
  }
}

/* Closes what the caller has left open, which the command and this process would keep from others. */
static void close_all_but(const int kept[3]) {
  unsigned from = FIRST_OTHER;
  for (;;) {
    unsigned next = ~0u;
    for (int i = 0; i < 3; i++) {
      next = (unsigned)kept[i] >= from && (unsigned)kept[i] < next ? (unsigned)kept[i] : next;
    }
    close_from_to(from, next == ~0u ? next : next - 1);
    if (next == ~0u) {
      return;
    }
    from = next + 1;
  }
}

/* So that nobody waits for the end of what the caller reads, and nothing of a terminal is used. */
bool turn_to_nothing(int fd, int how) {
  int nothing = (int)sys_open("/dev/null", how, 0);
  if (nothing < 0) {
    return false;
  }
  long error = nothing == fd ? SYSCALL(__NR_fcntl, fd, F_SETFD, 0) : SYSCALL(__NR_dup3, nothing, fd, 0);
  if (nothing != fd) {
    close_if_open(&nothing);
  }
  return error >= 0;
}

static bool open_log(void) {
  int to;
  if (make_pipe(&life.detached.log, &to) < 0) {
    return false;
  }
  life.child.output = to;
  return SYSCALL(__NR_fcntl, life.detached.log, F_SETFL, O_NONBLOCK) == 0;
}

static void stay(int to_first, int from_first, bool is_private) __attribute__((noreturn));
static void stay(int to_first, int from_first, bool is_private) {
  int kept[] = {to_first, from_first, life.caller.signals};
  /* A process that was just made leads no group, so this does not fail. */
  SYSCALL(__NR_setsid);
  close_all_but(kept);
  gateway_clear(&life.gateway);
  life.detached = (struct detached){true, to_first, from_first, false, 0, -1};
  /* Those that came are the first's. */
  life.caller.read = 0;
  life.caller.reaps = false;
  terminal_leave(&life.terminal);
  if (!turn_to_nothing(0, O_RDONLY) || !turn_to_nothing(1, O_WRONLY) || !open_log()) {
    fail();
  }
  if (is_private || !gateway_connect(&life.gateway, &life.caller) || !tell_hello()) {
    gateway_close(&life.gateway);
    private_start();
  }
  serve();
}

bool pass_id_on(const struct tell *tell) {
  bool runs = life.phase == RUNNING || life.phase == ENDED;
  if (!life.detached.stays || life.detached.passed_on || !runs) {
    return false;
  }
  TEXT(line, LONGEST_ID + 2);
  add_bytes(&line, tell->id.at, tell->id.size);
  add(&line, "\n");
  /* One that has gone is noticed by what it does not say. */
  sys_write(life.detached.to_first, line.at, line.used);
  close_if_open(&life.detached.to_first);
  life.detached.passed_on = true;
  log_goes_to(tell->log.at, tell->most);
  return true;
}

void hear_first(void) {
  char word;
  bool told = sys_read(life.detached.from_first, &word, 1) == 1;
  close_if_open(&life.detached.from_first);
  if (told) {
    turn_to_nothing(2, O_WRONLY);
  }
  if (!told && !life.alone) {
    /* Nobody could stop it by its id: it is ended, also where the gateway goes now. */
    life.detached.passed_on = false;
    life.detached.cancelled_at = now_millis();
  }
  if (!life.alone) {
    tell_word(told ? FRAME_TOLD : FRAME_CANCEL);
  } else if (!told && !life.ending) {
    begin_to_end();
  }
}

/* ---- both */

void detach(void) {
  int from_second;
  int to_first;
  int from_first;
  int to_second;
  if (make_pipe(&from_second, &to_first) < 0 || make_pipe(&from_first, &to_second) < 0 ||
      caller_become_reaper(&life.caller) < 0) {
    fail();
  }
  bool is_private = life.server.is_there;
  private_await_end();
  gateway_close(&life.gateway);
  long second = SYSCALL(__NR_clone, SIG_CHLD);
  if (second == 0) {
    stay(to_first, from_first, is_private);
  }
  close_if_open(&to_first);
  close_if_open(&from_first);
  if (second < 0) {
    fail();
  }
  wait_for((int)second, from_second, to_second);
}
