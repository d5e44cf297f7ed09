#include "life.h"
#include "text.h"
#include "tree.h"

enum {
  STATUS_TIMEOUT = 124,
  STATUS_GUARD_ERROR = 125,
  STATUS_NOT_EXECUTED = 126,
  STATUS_NOT_FOUND = 127,
  STATUS_SIGNAL = 128,
  /* How often it is looked whether leftovers have gone: some are nobody's children here. */
  LOOK_MILLIS = 10
};

/* tmux waits for what the command has left on the window's terminal, so that is closed by whoever knows tmux. */
static void close_window(void) {
  const char *name = caller_window(&life.caller);
  if (name != NULL) {
    char *argv[] = {life.caller.argv[0], "session", "ended", (char *)name, NULL};
    /* What came was for the command. */
    life.caller.read = 0;
    caller_become_java(&life.caller, argv);
  }
}

void die_as_command(int signal) {
  close_window();
  bool keys = signal == SIG_INT || signal == SIG_QUIT;
  /* The terminal sent it to the command's group, and not to ours, where it would have come here. */
  bool typed = keys && life.terminal.was_lent && (life.caller.read & BIT(signal)) == 0;
  die_of(signal, STATUS_SIGNAL + signal, typed);
}

void exit_as(int status) {
  close_window();
  if (life.late != 0) {
    die_of(life.late, status, false);
  }
  exit_now(status);
}

static void exit_as_main(void) __attribute__((noreturn));
static void exit_as_main(void) {
  int signal = life.wait_status & 0x7f;
  if (signal != 0) {
    die_as_command(signal);
  }
  exit_as(life.wait_status >> 8 & 0xff);
}

/* Its caller has no id to stop it by, and gets none any more. */
static bool is_untold(void) { return life.detached.stays && !life.detached.passed_on; }

/* Which server this process has lost, and how. */
static void add_lost(struct text *line) {
  add(line, "guard: ");
  add(line, life.server.was_lost ? "the process of Java that served this call" : "the gateway");
  add(line, life.silent ? " does not answer; " : " has ended; ");
}

static void say_untold(void) {
  TEXT(line, 128);
  add_lost(&line);
  add(&line, "the command was ended, since its id was not told yet");
  say_line(&line);
}

static void say_alone(void) {
  TEXT(line, 256);
  add_lost(&line);
  if (life.timed_out) {
    add(&line, "the command was ended at its timeout of ");
    add_seconds(&line, life.child.grant.timeout);
    add(&line, " s");
  } else if (life.had_leftovers) {
    add(&line, "what the command had left running was ended");
  } else {
    add(&line, "the command has ended by itself");
  }
  if (life.timed_out || life.had_leftovers || life.silent) {
    say_line(&line);
  }
}

static void end_alone(void) __attribute__((noreturn));
static void end_alone(void) {
  terminal_end(&life.terminal);
  if (life.timed_out || (life.wait_status & 0x7f) != 0) {
    terminal_reset(&life.terminal);
  }
  tree_reap_all(&life.child);
  tree_remove_cgroups(&life.child);
  while (log_take(&life.detached.log)) {
  }
  if (is_untold()) {
    say_untold();
    exit_now(STATUS_GUARD_ERROR);
  }
  say_alone();
  if (life.timed_out) {
    exit_as(STATUS_TIMEOUT);
  }
  exit_as_main();
}

/* From here on nobody else ends the command, which goes on inside its limits. */
void go_alone(bool silent) {
  gateway_close(&life.gateway);
  private_kill();
  /* The next one is a gateway, if any. */
  life.server.was_lost = life.server.is_there;
  life.server.is_there = false;
  life.alone = true;
  life.asks = false;
  if (caller_may_connect(&life.caller) && !life.child.has_others) {
    adopt_look_later();
  }
  life.silent = silent;
}

uint64_t deadline(void) { return life.released_at + life.child.grant.timeout; }

bool has_deadline(void) {
  bool runs = life.phase == RELEASED || life.phase == RUNNING;
  return runs && life.child.grant.timeout > 0;
}

uint64_t alone_until(void) {
  if (is_untold()) {
    return 0;
  }
  if (life.ending) {
    uint64_t look = now_millis() + LOOK_MILLIS;
    return life.kill_at < look ? life.kill_at : look;
  }
  if (life.phase == ENDED) {
    return life.asks ? life.look_at : 0;
  }
  return has_deadline() ? deadline() : UINT64_MAX;
}

void begin_to_end(void) {
  life.ending = true;
  life.kill_at = now_millis() + life.child.grant.grace;
  tree_signal(&life.child, SIG_TERM);
  /* A stopped process acts on TERM only when it goes on. */
  tree_signal(&life.child, SIG_CONT);
}

void keep_time_alone(void) {
  if (life.asks && life.phase == ENDED && !life.ending && now_millis() < life.look_at) {
    /* Whoever takes it over is to hear how it has ended. */
    return;
  }
  if (!life.ending && has_deadline() && now_millis() >= deadline()) {
    life.timed_out = true;
    begin_to_end();
  }
  if (life.phase == ENDED && !tree_is_left(&life.child)) {
    end_alone();
  }
  if (life.phase == ENDED && !life.ending && keeper_is_wanted()) {
    keeper_start();
    terminal_end(&life.terminal);
    exit_as_main();
  }
  if (life.phase == ENDED && !life.timed_out) {
    life.had_leftovers = true;
  }
  if (life.phase == ENDED && !life.ending) {
    begin_to_end();
  }
  if (life.phase >= RELEASED && is_untold()) {
    tree_kill(&life.child);
    end_alone();
  }
  if (life.ending && now_millis() >= life.kill_at) {
    tree_kill(&life.child);
    end_alone();
  }
}

void end_at_timeout_alone(void) {
  go_alone(true);
  life.timed_out = true;
  tree_kill(&life.child);
  end_alone();
}

void exit_unexecuted_alone(uint32_t error) {
  TEXT(line, 128);
  add_lost(&line);
  add(&line, "the command was not executed: error ");
  add_number(&line, error);
  say_line(&line);
  tree_remove_cgroups(&life.child);
  exit_now(error == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTED);
}
