/* The signals that come to the shim, and the stops of its command. */
#include "ending.h"
#include "life.h"
#include "tree.h"

enum { STATUS_SIGNAL = 128 };

/* To the group of the main process, as long as its number is no other's. */
static void pass_on(int signal, bool of_kernel) {
  struct child_info info;
  if (life.child.pid == 0) {
    /* 0 would be the shim's own group. */
    return;
  }
  bool keys = signal == SIG_INT || signal == SIG_QUIT || signal == SIG_WINCH;
  if (of_kernel && keys && child_is_in_foreground(&life.child)) {
    /* It has reached the command already. */
    return;
  }
  bool ending = signal == SIG_HUP || signal == SIG_INT || signal == SIG_QUIT || signal == SIG_TERM;
  if (of_kernel && signal == SIG_XCPU) {
    /* For the shim's own processor time. */
    return;
  }
  if (ending && (life.phase == ENDED || tree_main_ended(&life.child, &info, NULL))) {
    life.late = signal;
  }
  child_signal(&life.child, signal);
}

void pass_on_since_held(void) {
  for (int signal = 1; signal <= LAST_OF_SIGNALS; signal++) {
    if ((life.since_held & BIT(signal)) != 0) {
      pass_on(signal, false);
    }
  }
  life.since_held = 0;
}

/* The main process runs, and is no zombie. */
static bool runs(void) {
  struct child_info info;
  bool released = life.phase == RELEASED || life.phase == RUNNING;
  return released && !tree_main_ended(&life.child, &info, NULL);
}

/* After a stop of this process: what is late, is so for that. */
static void wake(void) {
  patience_renew(&life.gateway.hears);
  patience_renew(&life.gateway.speaks);
  if (life.overslept == 0 && has_deadline() && now_millis() >= deadline()) {
    life.overslept = now_millis();
  }
}

/* What was said before is not to wait for the end of a stop. */
static void say_before_stop(void) {
  if (!life.alone && gateway_wants_to_write(&life.gateway)) {
    /* An end of the connection is seen again after the stop. */
    gateway_flush(&life.gateway);
  }
}

void follow_stop(void) {
  bool followed = life.phase >= RELEASED && terminal_is_there(&life.terminal);
  int signal = followed ? tree_take_stop(&life.child) : 0;
  if (signal != 0) {
    say_before_stop();
    if (terminal_follow(&life.terminal, &life.caller, signal)) {
      wake();
    }
  }
}

/* Answers whether a signal is about stopping and going on with a terminal. */
static bool controls_job(const struct signal_info *info) {
  int signal = (int)info->signal;
  if ((BIT(signal) & STOPS) != 0 && child_is_in_foreground(&life.child)) {
    /* The caller has it blocked, and whoever sent it has reached the command, too. */
    return true;
  }
  if (!terminal_is_there(&life.terminal)) {
    return false;
  }
  if (signal == SIG_CONT) {
    terminal_continued(&life.terminal, runs());
    return true;
  }
  if ((BIT(signal) & STOPS) == 0) {
    return false;
  }
  say_before_stop();
  if (terminal_stop_asked(&life.terminal, &life.caller, signal, runs())) {
    wake();
  }
  return true;
}

/* What ends this process while its own server does not answer yet, as where Java hangs on a dead file system. */
static bool is_for_start(const struct signal_info *info) {
  uint64_t ending = BIT(SIG_HUP) | BIT(SIG_INT) | BIT(SIG_QUIT) | BIT(SIG_TERM);
  bool starts = life.server.is_there && !life.server.speaks && life.phase == WAITING && !life.alone;
  return starts && (BIT(info->signal) & ending) != 0;
}

void take_signals(void) {
  struct signal_info info;
  while (caller_next_signal(&life.caller, &info)) {
    bool of_kernel = info.code > 0;
    if (info.signal == SIG_CHLD && of_kernel) {
      continue;
    }
    if (is_for_start(&info)) {
      private_kill();
      die_of((int)info.signal, STATUS_SIGNAL + (int)info.signal, false);
    }
    tell_signal(&info);
    if (controls_job(&info)) {
      /* It was acted on, so it does not come again for another server. */
      life.caller.read &= ~BIT(info.signal);
      continue;
    }
    if (life.phase >= RELEASED) {
      pass_on((int)info.signal, of_kernel);
      if (info.signal == SIG_HUP && life.alone && !life.ending && caller_window(&life.caller) != NULL) {
        begin_to_end();
      }
    } else if (life.phase == HELD) {
      life.since_held |= BIT(info.signal);
    }
  }
}
