/*
 * A server for this process alone, where no gateway serves its call: a JVM, which is a child of this
 * process in a session of its own, and is spoken to over two pipes, by the frames that a gateway gets
 * and sends. It has nothing of its caller's but what Java and settings need, and is none of the
 * command's processes.
 */
#include "life.h"
#include "text.h"

enum {
  STATUS_GUARD_ERROR = 125,
  STATUS_ABORTED = 6,
  /* Where it finds the pipes. */
  FROM_SHIM = 3,
  TO_SHIM = 4,
  /* Above all that it is given. */
  OUT_OF_THE_WAY = 10,
  END_MILLIS = 5000,
  LOOK_MILLIS = 10,
  MOST_WORDS = 4096
};

#define ENDING                                                                                         \
  (BIT(SIG_HUP) | BIT(SIG_INT) | BIT(SIG_QUIT) | BIT(SIG_USR1) | BIT(SIG_USR2) | BIT(SIG_ALRM) | BIT(SIG_TERM))

static const char BEGIN_OF_LINE[] = "guard: ";

struct ends {
  int from_server;
  int to_server;
  int words;
  int of_server[3];
};

/* ---- its process */

static bool is_for_server(const char *variable) {
  static const char *const all[] = {"HOME=",  "PATH=",    "TERM=", "TZ=",  "LANG=", "LC_",
                                    "GUARD_", "CLAUDEX_", "XDG_",  "JAVA_HOME="};
  for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
    if (text_starts(variable, all[i])) {
      return true;
    }
  }
  return false;
}

/* They are fewer than those of this process, so they fit through its exec. */
static char **variables_for_server(void) {
  char *const *from = life.caller.environment;
  size_t count = 0;
  while (from[count] != NULL) {
    count++;
  }
  char **kept = map_memory((count + 1) * sizeof *kept);
  for (size_t at = 0; kept != NULL && *from != NULL; from++) {
    if (is_for_server(*from)) {
      kept[at++] = *from;
    }
  }
  return kept;
}

static bool place_descriptors(const int ends[3]) {
  static const int places[3] = {FROM_SHIM, TO_SHIM, 2};
  int moved[3];
  for (int i = 0; i < 3; i++) {
    moved[i] = (int)SYSCALL(__NR_fcntl, ends[i], F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
    if (moved[i] < 0) {
      return false;
    }
  }
  for (int i = 0; i < 3; i++) {
    if (SYSCALL(__NR_dup3, moved[i], places[i], 0) < 0) {
      return false;
    }
  }
  close_from_to(TO_SHIM + 1, ~0u);
  return turn_to_nothing(0, O_RDONLY) && turn_to_nothing(1, O_WRONLY);
}

static void be_server(const struct ends *ends) __attribute__((noreturn));
static void be_server(const struct ends *ends) {
  char *stays = life.detached.stays ? "detached" : NULL;
  char *argv[] = {life.caller.argv[0], "gateway", "private", stays, NULL};
  /* Not of the caller's group, which may be killed as a whole. */
  SYSCALL(__NR_setsid);
  if (!place_descriptors(ends->of_server)) {
    exit_now(STATUS_GUARD_ERROR);
  }
  for (int signal = 1; signal <= LAST_OF_SIGNALS; signal++) {
    /* It ends with this process, and not by what a service's manager, or a kill of all, sends to both and to the command. */
    bool ends = (BIT(signal) & ENDING) != 0;
    set_disposition(signal, ends ? DISPOSITION_IGNORE : DISPOSITION_DEFAULT);
  }
  set_mask(MASK_SET, 0);
  char **environment = variables_for_server();
  if (environment == NULL) {
    exit_now(STATUS_GUARD_ERROR);
  }
  caller_execute_java(&life.caller, argv, environment);
}

/* Neither side waits for the other in the middle of a write. */
static bool make_ends(struct ends *ends) {
  *ends = (struct ends){-1, -1, -1, {-1, -1, -1}};
  if (make_pipe(&ends->of_server[0], &ends->to_server) < 0 ||
      make_pipe(&ends->from_server, &ends->of_server[1]) < 0 ||
      make_pipe(&ends->words, &ends->of_server[2]) < 0) {
    return false;
  }
  int all[] = {ends->of_server[0], ends->of_server[1], ends->of_server[2],
               ends->from_server,  ends->to_server,    ends->words};
  for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
    if (SYSCALL(__NR_fcntl, all[i], F_SETFL, O_NONBLOCK) < 0) {
      return false;
    }
  }
  return true;
}

void private_start(void) {
  struct ends ends;
  if (!make_ends(&ends)) {
    fail_unrun("no descriptor is left to start Java with; raise ulimit -n");
  }
  long pid = SYSCALL(__NR_clone, SIG_CHLD);
  if (pid == 0) {
    be_server(&ends);
  }
  for (int i = 0; i < 3; i++) {
    close_if_open(&ends.of_server[i]);
  }
  if (pid < 0) {
    fail_unrun("no process can be had to start Java in; raise ulimit -u");
  }
  life.child.server = (int)pid;
  life.server = (struct server){.is_there = true, .words = ends.words};
  gateway_take(&life.gateway, ends.from_server, ends.to_server, (int)pid);
  if (!tell_hello()) {
    private_fail(false);
  }
}

/* ---- its end */

static bool has_ended(void) {
  struct child_info info;
  if (life.child.server == 0) {
    return true;
  }
  if (wait_child(OF_PID, life.child.server, &info, WAIT_EXITED | WAIT_NOHANG, NULL) == 0 && info.pid == 0) {
    return false;
  }
  life.child.server = 0;
  life.child.server_end = info;
  return true;
}

void private_kill(void) {
  if (life.child.server != 0) {
    send_signal(life.child.server, SIG_KILL);
  }
  for (uint64_t until = now_millis() + END_MILLIS; !has_ended() && now_millis() < until;) {
    poll_for(NULL, 0, 1);
  }
  if (life.server.is_there) {
    close_if_open(&life.server.words);
  }
}

void private_hang_up(void) {
  if (life.server.is_there && life.gateway.out != life.gateway.fd) {
    close_if_open(&life.gateway.out);
  }
}

bool private_keeps(void) {
  const struct grant *grant = &life.child.grant;
  return life.server.is_there && grant->cgroups.count == 0 && (grant->flags & GRANT_KEEPS_WITH_CALLER) != 0;
}

void private_await_end(void) {
  char rest[256];
  bool open = life.gateway.fd >= 0;
  private_hang_up();
  for (uint64_t until = now_millis() + END_MILLIS; !has_ended() && now_millis() < until;) {
    /* The end of what it writes comes with its own. */
    struct pollable of = {open ? life.gateway.fd : -1, POLL_IN, 0};
    poll_for(&of, 1, open ? LOOK_MILLIS : 1);
    open = open && (of.revents == 0 || sys_read(life.gateway.fd, rest, sizeof rest) > 0);
  }
  private_kill();
  if (life.server.is_there) {
    gateway_close(&life.gateway);
    life.server.is_there = false;
  }
}

/* ---- its failure */

/* Finds what guard itself says; everything else is a JVM's, or a loader's, and tells a caller nothing. */
static const char *find_line(char *words, long size) {
  for (long at = 0; at < size; at++) {
    bool begins = at == 0 || words[at - 1] == '\n';
    long end = at;
    while (end < size && words[end] != '\n') {
      end++;
    }
    if (begins && end < size) {
      words[end] = 0;
      if (text_starts(words + at, BEGIN_OF_LINE)) {
        return words + at + sizeof BEGIN_OF_LINE - 1;
      }
      words[end] = '\n';
    }
  }
  return NULL;
}

static void add_how_it_ended(struct text *line, bool killed, bool silent) {
  const struct child_info *end = &life.child.server_end;
  const char *unrun = shell_calls() ? "" : ", and the command has not run";
  if (silent) {
    add(line, "the process of Java that serves this call does not answer");
    add(line, unrun);
    add(line, "; call guard again");
  } else if (!killed && end->code != CHILD_EXITED && end->status != STATUS_ABORTED) {
    add(line, "the process of Java that serves this call was killed by signal ");
    add_number(line, (uint64_t)end->status);
    add(line, unrun);
    add(line, "; call guard again");
  } else {
    add(line, "Java could not start or go on");
    add(line, unrun);
    add(line, "; see ulimit -v, -d, -u, -n, or let a gateway serve the call: guard gateway start");
  }
}

void private_fail(bool silent) {
  char words[MOST_WORDS];
  /* One that has hung up is about to end. */
  for (uint64_t until = now_millis() + (silent ? 0 : LOOK_MILLIS * 10); !has_ended() && now_millis() < until;) {
    poll_for(NULL, 0, 1);
  }
  bool killed = life.child.server != 0;
  if (killed) {
    send_signal(life.child.server, SIG_KILL);
  }
  long size = sys_read(life.server.words, words, sizeof words);
  const char *line = find_line(words, size);
  TEXT(how, 512);
  add_how_it_ended(&how, killed, silent);
  private_kill();
  fail_unrun(line != NULL ? line : how.at);
}
