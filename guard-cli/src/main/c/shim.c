/*
 * bin/guard. It is the parent of the command, and asks a resident gateway what to do; where none
 * answers, or the call is not for one, it becomes Java, which does both. It decides nothing, but
 * ends the command at the deadline that it was told when nobody else does.
 */
#include "child.h"
#include "ending.h"
#include "gateway.h"
#include "text.h"
#include "tree.h"

enum {
  STATUS_TIMEOUT = 124,
  STATUS_GUARD_ERROR = 125,
  STATUS_NOT_EXECUTED = 126,
  STATUS_NOT_FOUND = 127,
  STATUS_SIGNAL = 128,
  STUCK_MILLIS = 1000,
  SILENT_MILLIS = 5000,
  /* How often it is looked whether leftovers have gone: some are nobody's children here. */
  LOOK_MILLIS = 10,
  SAY_MILLIS = 1000,
  SAY_AT_ONCE = 4096,
  CORE_DUMPED = 0x80
};

enum phase {
  /* For a grant, or for the result. */
  WAITING,
  /* The child is there, and joins its cgroups. */
  MAKING,
  HELD,
  /* The child may execute. */
  RELEASED,
  RUNNING,
  /* The main process is a zombie. */
  ENDED
};

static struct life {
  struct caller caller;
  struct gateway gateway;
  struct child child;
  struct report report;
  enum phase phase;
  bool granted;
  bool opened;
  /* An answer to HELD that can be on its way, though the child has died. */
  bool crossing;
  /* Signals since HELD was said: the gateway releases without knowing of them. */
  uint64_t since_held;
  int late;
  int wait_status;
  uint64_t released_at;
  uint64_t ended_at;
  /* The gateway is gone, or does not answer: nobody else ends the command. */
  bool alone;
  bool silent;
  bool timed_out;
  bool had_leftovers;
  bool ending;
  uint64_t kill_at;
} life;

/* Before release: nothing has run, and what was begun is taken back, so that another server can begin anew. */
static void become_java(void) __attribute__((noreturn));
static void become_java(void) {
  child_end_unrun(&life.child);
  gateway_close(&life.gateway);
  report_undo(&life.report);
  caller_become_java(&life.caller);
}

static void exit_as(int status) __attribute__((noreturn));
static void exit_as(int status) {
  if (life.late != 0) {
    die_of(life.late, status);
  }
  exit_now(status);
}

static void exit_as_main(void) __attribute__((noreturn));
static void exit_as_main(void) {
  int signal = life.wait_status & 0x7f;
  if (signal != 0) {
    die_of(signal, STATUS_SIGNAL + signal);
  }
  exit_as(life.wait_status >> 8 & 0xff);
}

static void say_alone(void) {
  TEXT(line, 256);
  add(&line, life.silent ? "guard: the gateway does not answer; " : "guard: the gateway has ended; ");
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
  tree_reap_all(&life.child);
  tree_remove_cgroups(&life.child);
  say_alone();
  if (life.timed_out) {
    exit_now(STATUS_TIMEOUT);
  }
  exit_as_main();
}

/* From here on nobody else ends the command, which goes on inside its limits. */
static void go_alone(bool silent) {
  gateway_close(&life.gateway);
  life.alone = true;
  life.silent = silent;
}

static void lose_gateway(void) {
  if (life.phase < RELEASED) {
    become_java();
  }
  go_alone(false);
}

static void send_u32s(uint8_t type, unsigned count, uint32_t one) {
  struct writer frame = gateway_begin(&life.gateway, type, count * 4);
  if (count > 0) {
    write_u32(&frame, one);
  }
  gateway_queue(&life.gateway, &frame);
}

static void send_not_executed(const struct failure *failure) {
  struct writer frame = gateway_begin(&life.gateway, FRAME_NOT_EXECUTED, 5);
  write_u8(&frame, (uint8_t)failure->what);
  write_u32(&frame, failure->error);
  gateway_queue(&life.gateway, &frame);
}

static void send_ended(const struct usage *usage) {
  struct writer frame = gateway_begin(&life.gateway, FRAME_ENDED, 28);
  write_u32(&frame, (uint32_t)life.wait_status);
  write_u64(&frame, (uint64_t)(usage->user_seconds * 1000000 + usage->user_micros));
  write_u64(&frame, (uint64_t)(usage->system_seconds * 1000000 + usage->system_micros));
  write_u64(&frame, (uint64_t)usage->peak_kib * 1024);
  gateway_queue(&life.gateway, &frame);
}

static void send_signal_frame(const struct signal_info *info) {
  /* One that does not read finds out less, and the command gets the signal nevertheless. */
  if (!life.alone && gateway_has_room(&life.gateway)) {
    struct writer frame = gateway_begin(&life.gateway, FRAME_SIGNAL, 5);
    write_u32(&frame, info->signal);
    write_u8(&frame, info->code > 0);
    gateway_queue(&life.gateway, &frame);
  }
}

static bool send_hello(void) {
  static char directory[PATH_MAX];
  long size = SYSCALL(__NR_getcwd, directory, sizeof directory);
  /* Where it is outside of the root, it begins with "(unreachable)". */
  if (size < 0 || directory[0] != '/') {
    directory[0] = 0;
  }
  struct hello hello = {
      .ignored = life.caller.ignored,
      .blocked = life.caller.blocked,
      .flags = caller_descriptors(),
      .directory = directory,
      .argc = life.caller.argc,
      .argv = life.caller.argv,
      .environment = life.caller.environment,
  };
  return gateway_hello(&life.gateway, &hello);
}

/* A pipe takes a page without blocking once it is writable; a reader that stays away must not hold up signals. */
static void say_in_time(struct bytes text) {
  while (text.size > 0) {
    struct pollable out = {2, POLL_OUT, 0};
    if (poll_for(&out, 1, SAY_MILLIS) != 1 || (out.revents & POLL_OUT) == 0) {
      return;
    }
    uint32_t size = text.size < SAY_AT_ONCE ? text.size : SAY_AT_ONCE;
    say(text.at, size);
    text.at += size;
    text.size -= size;
  }
}

/* To the group of the main process, as long as its number is no other's. */
static void pass_on(int signal, bool of_kernel) {
  struct child_info info;
  bool ending = signal == SIG_HUP || signal == SIG_INT || signal == SIG_QUIT || signal == SIG_TERM;
  if (of_kernel && signal == SIG_XCPU) {
    /* For the shim's own processor time. */
    return;
  }
  if (ending && (life.phase == ENDED || tree_main_ended(&life.child, &info, NULL))) {
    life.late = signal;
  }
  /* It fails where the command has become another user's, as by sudo(8): no signal of ours can reach it. */
  send_signal(-life.child.pid, signal);
}

static void pass_on_since_held(void) {
  for (int signal = 1; signal <= LAST_OF_SIGNALS; signal++) {
    if ((life.since_held & BIT(signal)) != 0) {
      pass_on(signal, false);
    }
  }
  life.since_held = 0;
}

static void not_executed(const struct failure *failure) {
  child_end_unrun(&life.child);
  if (life.alone) {
    TEXT(line, 128);
    add(&line, "guard: the gateway has ended; the command was not executed: error ");
    add_number(&line, failure->error);
    say_line(&line);
    tree_remove_cgroups(&life.child);
    exit_now(failure->error == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTED);
  }
  life.crossing = life.phase == HELD;
  life.phase = WAITING;
  send_not_executed(failure);
  patience_renew(&life.gateway.hears);
}

static void hear_child(void) {
  struct failure failure;
  switch (child_hear(&life.child, &failure)) {
    case CHILD_HELD:
      life.phase = HELD;
      send_u32s(FRAME_HELD, 1, (uint32_t)life.child.pid);
      patience_renew(&life.gateway.hears);
      break;
    case CHILD_FAILED:
      not_executed(&failure);
      break;
    case CHILD_CLOSED:
      if (life.phase == RELEASED) {
        life.phase = RUNNING;
        child_executed(&life.child);
        if (!life.alone) {
          send_u32s(FRAME_EXECED, 0, 0);
        }
      } else {
        /* Somebody has killed it. */
        failure = (struct failure){WHAT_CHILD, ESRCH};
        not_executed(&failure);
      }
      break;
  }
}

static int status_of(const struct child_info *info) {
  if (info->code == CHILD_EXITED) {
    return info->status << 8;
  }
  return info->status | (info->code == CHILD_DUMPED ? CORE_DUMPED : 0);
}

static void look_at_children(void) {
  if (life.child.pid == 0 || life.phase == ENDED) {
    return;
  }
  struct child_info info;
  struct usage usage;
  if (!tree_main_ended(&life.child, &info, &usage)) {
    tree_reap_orphans(&life.child);
    return;
  }
  /* What it has said before comes before its end. */
  while (life.child.status >= 0) {
    hear_child();
  }
  if (life.phase == RUNNING) {
    life.phase = ENDED;
    life.ended_at = now_millis();
    life.wait_status = status_of(&info);
    patience_renew(&life.gateway.hears);
    if (!life.alone) {
      send_ended(&usage);
    }
  }
}

static void take_signals(void) {
  struct signal_info info;
  while (caller_next_signal(&life.caller, &info)) {
    bool of_kernel = info.code > 0;
    if (info.signal == SIG_CHLD && of_kernel) {
      continue;
    }
    send_signal_frame(&info);
    if (life.phase >= RELEASED) {
      pass_on((int)info.signal, of_kernel);
    } else if (life.phase == HELD) {
      life.since_held |= BIT(info.signal);
    }
  }
}

static void end_with(const struct result *result) __attribute__((noreturn));
static void end_with(const struct result *result) {
  if (life.phase < RELEASED) {
    child_end_unrun(&life.child);
  } else if (life.phase < ENDED) {
    tree_kill(&life.child);
  }
  /* What came for the command's end, until nothing can be passed on any more. */
  take_signals();
  tree_reap_all(&life.child);
  say(result->lines.at, result->lines.size);
  int error = report_write(&life.report, result->report.at, result->report.size);
  if (error != 0) {
    TEXT(line, 64);
    add(&line, "guard: --report: error ");
    add_number(&line, (uint64_t)error);
    say_line(&line);
    exit_now(STATUS_GUARD_ERROR);
  }
  if (result->how == RESULT_SIGNAL) {
    die_of((int)result->status, STATUS_SIGNAL + (int)result->status);
  }
  exit_as((int)result->status);
}

static void take_grant(const struct grant *grant) {
  struct failure failure;
  life.granted = true;
  life.crossing = false;
  life.since_held = 0;
  if (child_make(&life.child, &life.caller, grant, life.gateway.fd, &failure)) {
    life.phase = MAKING;
  } else {
    not_executed(&failure);
  }
}

static void release(void) {
  life.phase = RELEASED;
  life.released_at = now_millis();
  /* It has them blocked until it executes, so they wait for it. */
  pass_on_since_held();
  child_release(&life.child);
}

static void open_report(const char *to) {
  life.opened = true;
  int error = report_open(&life.report, &life.caller, to, life.gateway.fd);
  send_u32s(FRAME_ANSWER, 1, (uint32_t)error);
}

/* Does what a frame says; false: it is out of turn. */
static bool obey(const struct frame *frame) {
  bool ungranted = life.phase == WAITING && !life.granted;
  switch (frame->type) {
    case FRAME_SAY:
      say_in_time(frame->text);
      return true;
    case FRAME_RESULT:
      end_with(&frame->result);
    case FRAME_DECLINE:
      if (ungranted) {
        become_java();
      }
      return false;
    case FRAME_OPEN:
      if (ungranted && !life.opened) {
        open_report(frame->text.at);
        return true;
      }
      return false;
    case FRAME_GRANT:
      if (life.phase == WAITING && frame->grant.first < life.caller.argc) {
        take_grant(&frame->grant);
        return true;
      }
      return false;
    case FRAME_RELEASE:
      if (life.phase == HELD) {
        release();
        return true;
      }
      break;
    case FRAME_ABANDON:
      if (life.phase == MAKING || life.phase == HELD) {
        child_end_unrun(&life.child);
        life.phase = WAITING;
        return true;
      }
      break;
    default:
      return false;
  }
  /* It was sent before the gateway knew that the child had died. */
  bool crossed = life.phase == WAITING && life.crossing;
  life.crossing = false;
  return crossed;
}

static void hear_gateway(void) {
  struct frame frame;
  while (!life.alone) {
    switch (gateway_next(&life.gateway, &frame)) {
      case ARRIVED_NOTHING:
        return;
      case ARRIVED_END:
        lose_gateway();
        return;
      case ARRIVED_FRAME:
        if (!obey(&frame)) {
          lose_gateway();
          return;
        }
        gateway_drop(&life.gateway);
        break;
    }
  }
}

static uint64_t deadline(void) { return life.released_at + life.child.grant.timeout; }

static bool has_deadline(void) {
  bool runs = life.phase == RELEASED || life.phase == RUNNING;
  return runs && life.child.grant.timeout > 0;
}

static bool gateway_must_answer(void) { return life.phase == WAITING || life.phase == HELD; }

static uint64_t earlier(uint64_t one, uint64_t other) { return one < other ? one : other; }

/* When something is to be done if nothing comes before; UINT64_MAX: never. */
static uint64_t next_time(void) {
  uint64_t next = UINT64_MAX;
  if (life.alone) {
    if (life.ending) {
      next = earlier(life.kill_at, now_millis() + LOOK_MILLIS);
    } else if (has_deadline()) {
      next = deadline();
    }
    return next;
  }
  if (gateway_must_answer()) {
    next = patience_until(&life.gateway.hears);
  }
  if (gateway_wants_to_write(&life.gateway)) {
    next = earlier(next, patience_until(&life.gateway.speaks));
  }
  if (has_deadline()) {
    next = earlier(next, deadline() + life.child.grant.grace + STUCK_MILLIS);
  }
  if (life.phase == ENDED) {
    next = earlier(next, life.gateway.hears.since + SILENT_MILLIS);
  }
  return next;
}

static void begin_to_end(void) {
  life.ending = true;
  life.kill_at = now_millis() + life.child.grant.grace;
  tree_signal(&life.child, SIG_TERM);
  /* A stopped process acts on TERM only when it goes on. */
  tree_signal(&life.child, SIG_CONT);
}

static void keep_time_alone(void) {
  if (!life.ending && has_deadline() && now_millis() >= deadline()) {
    life.timed_out = true;
    begin_to_end();
  }
  if (life.phase == ENDED && !tree_is_left(&life.child)) {
    end_alone();
  }
  if (life.phase == ENDED && !life.timed_out) {
    life.had_leftovers = true;
  }
  if (life.phase == ENDED && !life.ending) {
    begin_to_end();
  }
  if (life.ending && now_millis() >= life.kill_at) {
    tree_kill(&life.child);
    end_alone();
  }
}

static void keep_time(void) {
  if (life.alone) {
    keep_time_alone();
    return;
  }
  uint64_t now = now_millis();
  if ((gateway_must_answer() && patience_is_over(&life.gateway.hears, life.gateway.pid)) ||
      (gateway_wants_to_write(&life.gateway) &&
       patience_is_over(&life.gateway.speaks, life.gateway.pid))) {
    lose_gateway();
  } else if (has_deadline() && now >= deadline() + life.child.grant.grace + STUCK_MILLIS) {
    go_alone(true);
    life.timed_out = true;
    tree_kill(&life.child);
    end_alone();
  } else if (life.phase == ENDED && now >= life.gateway.hears.since + SILENT_MILLIS) {
    go_alone(true);
    keep_time_alone();
  }
}

static void wait_for_something(struct pollable of[3]) {
  of[0] = (struct pollable){life.caller.signals, POLL_IN, 0};
  of[1] = (struct pollable){life.child.status, POLL_IN, 0};
  of[2] = (struct pollable){life.gateway.fd, POLL_IN, 0};
  if (gateway_wants_to_write(&life.gateway)) {
    of[2].events |= POLL_OUT;
  }
  uint64_t next = next_time();
  uint64_t now = now_millis();
  int64_t wait = next == UINT64_MAX ? -1 : next <= now ? 0 : (int64_t)(next - now);
  if (poll_for(of, 3, wait) < 0) {
    /* Out of memory: look at all, which do not block, but for the status, and come again. */
    of[0].revents = POLL_IN;
    of[2].revents = POLL_IN;
  }
}

static void serve(void) __attribute__((noreturn));
static void serve(void) {
  for (;;) {
    if (!life.alone && gateway_wants_to_write(&life.gateway) && !gateway_flush(&life.gateway)) {
      /* What it said before it ended is still there to be read. */
      hear_gateway();
      if (!life.alone) {
        lose_gateway();
      }
    }
    struct pollable of[3];
    wait_for_something(of);
    if (of[1].revents != 0) {
      hear_child();
    }
    if (of[0].revents != 0) {
      take_signals();
      look_at_children();
    }
    if (of[2].revents != 0) {
      hear_gateway();
    }
    keep_time();
  }
}

void shim_main(long *stack) __attribute__((noreturn, used));
void shim_main(long *stack) {
  caller_read(&life.caller, stack);
  child_clear(&life.child);
  life.report = (struct report){-1, -1};
  life.gateway.fd = -1;
  if (caller_may_be_served(&life.caller) && gateway_connect(&life.gateway, &life.caller) &&
      caller_watch_signals(&life.caller) && send_hello()) {
    serve();
  }
  become_java();
}

ENTRY(shim_main);
