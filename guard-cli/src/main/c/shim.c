/*
 * bin/guard. It is the parent of the command, and asks a resident gateway what to do; where none
 * answers, or declines, it asks a server of its own, see private.c. It decides nothing, but ends the
 * command at the deadline that it was told when nobody else does. What is not guard exec becomes
 * Java.
 */
#include "holder.h"
#include "life.h"
#include "text.h"
#include "tree.h"

enum {
  STATUS_GUARD_ERROR = 125,
  STUCK_MILLIS = 1000,
  SILENT_MILLIS = 5000,
  CORE_DUMPED = 0x80
};

struct life life;

/* Before release: nothing has run, and what was begun is taken back, so that another server can begin anew. */
static void take_back(void) {
  child_end_unrun(&life.child);
  caller_stop_reaping(&life.caller);
  tree_remove_cgroups(&life.child);
  report_undo(&life.report);
  life.phase = WAITING;
  life.granted = false;
  life.opened = false;
  life.crossing = false;
  life.since_held = 0;
}

/* Signals that the last one was told of come again. */
static void serve_privately(void) __attribute__((noreturn));
static void serve_privately(void) {
  gateway_close(&life.gateway);
  caller_send_again(&life.caller);
  if (!terminal_is_there(&life.terminal) && !life.detached.stays) {
    terminal_open(&life.terminal);
  }
  private_start();
  serve();
}

static bool has_gateway(void) {
  return caller_may_connect(&life.caller) && !life.child.has_others && gateway_connect(&life.gateway, &life.caller) &&
         tell_hello();
}

/* The next gateway may listen already, or a service manager for it. */
static void serve_anew(void) __attribute__((noreturn));
static void serve_anew(void) {
  if (!has_gateway()) {
    serve_privately();
  }
  caller_send_again(&life.caller);
  if (!terminal_is_there(&life.terminal) && !life.detached.stays) {
    terminal_open(&life.terminal);
  }
  serve();
}

static void lose_gateway(bool silent) {
  if (life.phase < RELEASED && life.server.is_there) {
    take_back();
    private_fail(silent);
  }
  if (life.phase < RELEASED) {
    take_back();
    serve_privately();
  }
  go_alone(silent);
}

static void not_executed(const struct failure *failure) {
  child_end_unrun(&life.child);
  terminal_end(&life.terminal);
  if (life.alone) {
    exit_unexecuted_alone(failure->error);
  }
  life.crossing = life.phase == HELD;
  life.phase = WAITING;
  tell_not_executed(failure);
  patience_renew(&life.gateway.hears);
}

static void hear_child(void) {
  struct failure failure;
  switch (child_hear(&life.child, &failure)) {
    case CHILD_HELD:
      life.phase = HELD;
      tell_number(FRAME_HELD, (uint32_t)life.child.pid);
      patience_renew(&life.gateway.hears);
      break;
    case CHILD_FAILED:
      not_executed(&failure);
      break;
    case CHILD_CLOSED:
      if (life.phase == RELEASED) {
        life.phase = RUNNING;
        child_executed(&life.child);
        close_if_open(&life.child.output);
        if (!life.alone) {
          tell_word(FRAME_EXECED);
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
  follow_stop();
  if (!tree_main_ended(&life.child, &info, &life.usage)) {
    tree_reap_orphans(&life.child);
    return;
  }
  /* What it has said before comes before its end. */
  while (life.child.status >= 0) {
    hear_child();
  }
  if (life.phase == RUNNING) {
    life.phase = ENDED;
    terminal_end(&life.terminal);
    life.wait_status = status_of(&info);
    patience_renew(&life.gateway.hears);
    if (!life.alone) {
      tell_ended();
    }
  }
}

/* Nothing has run, and guard-shell decides what is done about that. */
static void leave_unavailable(const struct result *result) __attribute__((noreturn));
static void leave_unavailable(const struct result *result) {
  static const char begin[] = "guard: ";
  TEXT(why, PATH_MAX);
  const char *line = result->lines.at;
  line += text_starts(line, begin) ? sizeof begin - 1 : 0;
  size_t size = 0;
  while (line[size] != 0 && line[size] != '\n') {
    size++;
  }
  add_bytes(&why, line, size);
  bool more = line[size] == '\n' && line[size + 1] != 0;
  add(&why, more ? " (and more, see guard config check)" : "");
  take_back();
  private_await_end();
  gateway_close(&life.gateway);
  fail_unrun(why.at);
}

/* It stays with what only it can find. */
static void part_from_server(const struct result *result) {
  if ((result->how & RESULT_KEEPS) == 0 || !private_keeps()) {
    private_await_end();
  }
}

static void end_with(const struct result *result) __attribute__((noreturn));
static void end_with(const struct result *result) {
  if ((result->how & RESULT_UNAVAILABLE) != 0 && life.phase < RELEASED && shell_calls()) {
    leave_unavailable(result);
  }
  if (life.phase < RELEASED) {
    child_end_unrun(&life.child);
  } else if (life.phase < ENDED || (life.child.grant.cgroups.count == 0 && (result->how & RESULT_KEEPS) == 0)) {
    /* Without a cgroup the server knows those that lost their parents by number only, and this process is their parent. */
    tree_kill(&life.child);
  }
  /* What came for the command's end, until nothing can be passed on any more. */
  take_signals();
  terminal_end(&life.terminal);
  if ((result->how & RESULT_WAS_ENDED) != 0) {
    terminal_reset(&life.terminal);
  }
  tree_reap_all(&life.child);
  if ((result->how & RESULT_KEEPS) != 0 && !private_keeps()) {
    keeper_start();
  }
  private_hang_up();
  say(result->lines.at, result->lines.size);
  int error = report_write(&life.report, result->report.at, result->report.size);
  if (error != 0) {
    TEXT(line, 128);
    add(&line, "guard: --report: it could not be written: ");
    add(&line, error == ENOSPC ? "no space is left" : "error ");
    if (error != ENOSPC) {
      add_number(&line, (uint64_t)error);
    }
    say_line(&line);
    part_from_server(result);
    exit_now(STATUS_GUARD_ERROR);
  }
  part_from_server(result);
  if ((result->how & RESULT_DIES) != 0) {
    die_as_command((int)result->status);
  }
  exit_as((int)result->status);
}

static void take_grant(const struct grant *grant) {
  struct failure failure;
  const int connection[] = {life.gateway.fd, life.gateway.out};
  life.granted = true;
  life.crossing = false;
  life.since_held = 0;
  if ((grant->flags & GRANT_IN_FOREGROUND) != 0) {
    terminal_leave(&life.terminal);
    caller_let_stop(&life.caller);
  }
  if (child_make(&life.child, &life.caller, grant, connection, &failure)) {
    life.phase = MAKING;
  } else {
    not_executed(&failure);
  }
}

static void release(void) {
  life.phase = RELEASED;
  life.released_at = now_millis();
  terminal_begin(&life.terminal, life.child.pid);
  /* It has them blocked until it executes, so they wait for it. */
  pass_on_since_held();
  child_release(&life.child);
}

static void open_report(const char *to) {
  life.opened = true;
  int error = report_open(&life.report, &life.caller, to);
  tell_number(FRAME_ANSWER, (uint32_t)error);
}

/* Does what a frame says; false: it is out of turn. */
static bool obey(const struct frame *frame) {
  bool ungranted = life.phase == WAITING && !life.granted;
  switch (frame->type) {
    case FRAME_SAY:
      say_in_time(frame->text);
      return true;
    case FRAME_PRINT:
      if (ungranted) {
        print_and_tell(frame->text);
      }
      return ungranted;
    case FRAME_RESULT:
      end_with(&frame->result);
    case FRAME_DECLINE:
      /* Also of a child that the gateway could not put where its limits are. */
      if (life.phase < RELEASED && !life.server.is_there) {
        take_back();
        serve_privately();
      }
      return false;
    case FRAME_GOODBYE:
      if (life.phase < RELEASED && !life.server.is_there) {
        take_back();
        gateway_close(&life.gateway);
        serve_anew();
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
    case FRAME_DETACH:
      if (ungranted && !life.opened && !life.detached.stays) {
        detach();
      }
      return false;
    case FRAME_TELL:
      return pass_id_on(&frame->tell);
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
  if (life.alone && (!life.asks || !adopt_hear())) {
    return;
  }
  while (!life.alone) {
    switch (gateway_next(&life.gateway, &frame)) {
      case ARRIVED_NOTHING:
        return;
      case ARRIVED_END:
        lose_gateway(false);
        return;
      case ARRIVED_FRAME:
        life.server.speaks = true;
        if (!obey(&frame)) {
          lose_gateway(false);
          return;
        }
        gateway_drop(&life.gateway);
        break;
    }
  }
}

static bool gateway_must_answer(void) { return life.phase == WAITING || life.phase == HELD; }

/* The gateway ends the command at its timeout, or when this process has gone on; so much later the shim does. */
static uint64_t stuck_at(void) {
  uint64_t from = deadline() > life.overslept ? deadline() : life.overslept;
  return from + life.child.grant.grace + STUCK_MILLIS;
}

/* When a gateway that was told that nobody has the id must have ended the command; UINT64_MAX: it was not told so. */
static uint64_t cancelled_until(void) {
  uint64_t at = life.detached.cancelled_at;
  return at == 0 ? UINT64_MAX : at + life.child.grant.grace + SILENT_MILLIS;
}

static uint64_t earlier(uint64_t one, uint64_t other) { return one < other ? one : other; }

/* When something is to be done if nothing comes before; UINT64_MAX: never. */
static uint64_t next_time(void) {
  uint64_t next = UINT64_MAX;
  if (life.alone) {
    bool looks = life.look_at != 0 && (life.phase == RUNNING || life.asks);
    return looks ? earlier(alone_until(), life.look_at) : alone_until();
  }
  if (gateway_must_answer()) {
    next = patience_until(&life.gateway.hears);
  }
  if (gateway_wants_to_write(&life.gateway)) {
    next = earlier(next, patience_until(&life.gateway.speaks));
  }
  if (life.overdue) {
    next = earlier(next, life.give_up_at);
  } else if (has_deadline()) {
    next = earlier(next, stuck_at());
  }
  if (life.phase == ENDED && !life.overdue) {
    next = earlier(next, life.gateway.hears.since + SILENT_MILLIS);
  }
  if (!life.overdue) {
    next = earlier(next, cancelled_until());
  }
  return next;
}

/* A gateway that is only slow, beside a fork bomb, sees the end then, and tells the result. */
static void end_for_the_gateway(void) {
  life.overdue = true;
  life.had_leftovers = life.phase == ENDED && tree_is_left(&life.child);
  tree_kill(&life.child);
  life.give_up_at = now_millis() + SILENT_MILLIS;
}

static void give_the_gateway_up(void) {
  if (life.timed_out) {
    end_at_timeout_alone();
  }
  go_alone(true);
  keep_time_alone();
}

static void keep_time(void) {
  uint64_t now = now_millis();
  if (life.alone) {
    keep_time_alone();
    if (life.look_at != 0 && now >= life.look_at) {
      adopt_look();
    }
    return;
  }
  if ((gateway_must_answer() && patience_is_over(&life.gateway.hears, life.gateway.pid)) ||
      (gateway_wants_to_write(&life.gateway) &&
       patience_is_over(&life.gateway.speaks, life.gateway.pid))) {
    lose_gateway(true);
  } else if (life.overdue && now >= life.give_up_at) {
    give_the_gateway_up();
  } else if (!life.overdue && has_deadline() && now >= stuck_at()) {
    life.timed_out = true;
    end_for_the_gateway();
  } else if (!life.overdue && life.phase == ENDED &&
             now >= life.gateway.hears.since + SILENT_MILLIS) {
    if (keeper_is_wanted()) {
      /* They may stay, whoever is stuck. */
      give_the_gateway_up();
    } else {
      end_for_the_gateway();
    }
  } else if (!life.overdue && now >= cancelled_until()) {
    end_for_the_gateway();
  }
}

enum { SIGNALS, CHILD, GATEWAY, GATEWAY_OUT, FIRST, LOG, ALL };

static void wait_for_something(struct pollable of[ALL]) {
  of[SIGNALS] = (struct pollable){life.caller.signals, POLL_IN, 0};
  of[CHILD] = (struct pollable){life.child.status, POLL_IN, 0};
  of[GATEWAY] = (struct pollable){life.gateway.fd, POLL_IN, 0};
  of[FIRST] = (struct pollable){life.detached.from_first, POLL_IN, 0};
  /* The gateway reads it, as long as there is one. */
  of[LOG] = (struct pollable){life.alone ? life.detached.log : -1, POLL_IN, 0};
  of[GATEWAY_OUT] = (struct pollable){-1, POLL_OUT, 0};
  if (gateway_wants_to_write(&life.gateway)) {
    of[GATEWAY_OUT].fd = life.gateway.out;
  }
  uint64_t next = next_time();
  uint64_t now = now_millis();
  int64_t wait = next == UINT64_MAX ? -1 : next <= now ? 0 : (int64_t)(next - now);
  if (poll_for(of, ALL, wait) < 0) {
    /* Out of memory: look at all, which do not block, but for the status, and come again. */
    of[SIGNALS].revents = POLL_IN;
    of[GATEWAY].revents = POLL_IN;
    of[LOG].revents = POLL_IN;
  }
}

void serve(void) {
  for (;;) {
    if (!life.alone && gateway_wants_to_write(&life.gateway) && !gateway_flush(&life.gateway)) {
      /* What it said before it ended is still there to be read. */
      hear_gateway();
      if (!life.alone) {
        lose_gateway(false);
      }
    }
    if (life.asks && gateway_wants_to_write(&life.gateway) && !gateway_flush(&life.gateway)) {
      adopt_give_up();
    }
    struct pollable of[ALL];
    wait_for_something(of);
    if (of[CHILD].revents != 0) {
      hear_child();
    }
    if (of[SIGNALS].revents != 0) {
      take_signals();
      look_at_children();
    }
    if (of[GATEWAY].revents != 0) {
      hear_gateway();
    }
    if (of[FIRST].revents != 0) {
      hear_first();
    }
    if (of[LOG].revents != 0) {
      log_take(&life.detached.log);
    }
    keep_time();
  }
}

void shim_main(long *stack) __attribute__((noreturn, used));
void shim_main(long *stack) {
  caller_read(&life.caller, stack);
  hold_if_asked(&life.caller);
  child_clear(&life.child);
  life.report = (struct report){-1, -1};
  gateway_clear(&life.gateway);
  life.terminal.fd = -1;
  life.detached = (struct detached){false, -1, -1, false, 0, -1};
  if (asks(&life.caller)) {
    ask();
  }
  if (!caller_executes(&life.caller)) {
    caller_become_java(&life.caller, life.caller.argv);
  }
  keeper_remember_caller();
  life.child.has_others = caller_has_children();
  caller_block_signals(&life.caller);
  if (!caller_watch_signals(&life.caller)) {
    fail_unrun("no descriptor is left to read signals from; raise ulimit -n");
  }
  serve_anew();
}

ENTRY(shim_main);
