#include "life.h"
#include "text.h"

enum { STATUS_LOST = 125, FROM_SIGNAL = 128 };

bool asks(const struct caller *caller) {
  static const char *const words[] = {"ps", "logs", "wait", "stop", "kill", "rm", "history", "why"};
  for (unsigned i = 0; caller_may_connect(caller) && i < sizeof words / sizeof *words; i++) {
    if (text_equals(caller->argv[1], words[i])) {
      return true;
    }
  }
  return false;
}

static void end_with(const struct result *result) __attribute__((noreturn));
static void end_with(const struct result *result) {
  say(result->lines.at, result->lines.size);
  if ((result->how & RESULT_DIES) != 0) {
    die_of((int)result->status, FROM_SIGNAL + (int)result->status, false);
  }
  exit_now((int)result->status);
}

/* What was printed can not be taken back, so that nobody else can begin anew. */
static void lose(bool printed) __attribute__((noreturn));
static void lose(bool printed) {
  gateway_close(&life.gateway);
  if (!printed) {
    caller_become_java(&life.caller, life.caller.argv);
  }
  TEXT(line, 128);
  add(&line, "guard: the gateway has gone, or says nothing more, before all was told; call guard again");
  say_line(&line);
  exit_now(STATUS_LOST);
}

/* Does what a frame says; false: it does not answer, or is out of turn. */
static bool obey(const struct frame *frame, bool *printed) {
  switch (frame->type) {
    case FRAME_SAY:
      *printed |= frame->text.size > 0;
      say(frame->text.at, frame->text.size);
      return true;
    case FRAME_PRINT:
      *printed = true;
      print_and_tell(frame->text);
      return true;
    case FRAME_RESULT:
      end_with(&frame->result);
    default:
      return false;
  }
}

/* Sends what it takes, without PIPE for whoever has hung up; false: the connection has ended. */
static bool flush(void) {
  bool dies = (life.caller.ignored & BIT(SIG_PIPE)) == 0;
  if (!gateway_wants_to_write(&life.gateway)) {
    return true;
  }
  if (dies) {
    set_disposition(SIG_PIPE, DISPOSITION_IGNORE);
  }
  bool there = gateway_flush(&life.gateway);
  if (dies) {
    set_disposition(SIG_PIPE, DISPOSITION_DEFAULT);
  }
  return there;
}

/* Waits for the gateway; false: it has been silent, or has not read, for too long. */
static bool await(struct gateway *gateway) {
  bool writes = gateway_wants_to_write(gateway);
  struct patience *patience = writes ? &gateway->speaks : &gateway->hears;
  if (patience_is_over(patience, gateway->pid)) {
    return false;
  }
  struct pollable of = {gateway->fd, (short)(writes ? POLL_IN | POLL_OUT : POLL_IN), 0};
  uint64_t until = patience_until(patience);
  uint64_t now = now_millis();
  poll_for(&of, 1, until > now ? (int64_t)(until - now) : 0);
  return true;
}

void ask(void) {
  bool printed = false;
  caller_look_at_ignored(&life.caller);
  if (!gateway_connect(&life.gateway, &life.caller) || !tell_hello()) {
    lose(printed);
  }
  for (;;) {
    bool speaks = flush();
    struct frame frame;
    switch (gateway_next(&life.gateway, &frame)) {
      case ARRIVED_FRAME:
        if (!obey(&frame, &printed)) {
          lose(printed);
        }
        gateway_drop(&life.gateway);
        break;
      case ARRIVED_NOTHING:
        if (!speaks || !await(&life.gateway)) {
          lose(printed);
        }
        break;
      case ARRIVED_END:
        lose(printed);
    }
  }
}
