/*
 * A command whose gateway has gone looks for the next one, every two seconds, and asks it to take it
 * over by HELLO with HELLO_RUNS. Until that says so this process does everything alone, and it is
 * never this one that starts a gateway.
 */
#include "life.h"

enum { LOOK_AGAIN_MILLIS = 2000 };

void adopt_look_later(void) { life.look_at = now_millis() + LOOK_AGAIN_MILLIS; }

void adopt_give_up(void) {
  life.asks = false;
  gateway_close(&life.gateway);
}

void adopt_look(void) {
  adopt_look_later();
  if (life.asks && !patience_is_over(&life.gateway.hears, life.gateway.pid)) {
    /* It lives, and is slow. An answer that crosses a second question would be lost, and the command with it. */
    return;
  }
  adopt_give_up();
  if (life.phase != RUNNING || life.ending) {
    return;
  }
  life.asks = gateway_connect(&life.gateway, &life.caller) && tell_hello();
  if (!life.asks) {
    adopt_give_up();
  }
}

static bool is_adopted(const struct frame *frame) {
  if (life.ending || frame->type != FRAME_ADOPTED) {
    adopt_give_up();
    if (frame->type == FRAME_DECLINE) {
      life.look_at = 0;
    }
    return false;
  }
  gateway_drop(&life.gateway);
  log_forget();
  life.asks = false;
  life.alone = false;
  life.silent = false;
  if (life.phase == ENDED) {
    tell_ended();
  }
  return true;
}

bool adopt_hear(void) {
  struct frame frame;
  for (;;) {
    switch (gateway_next(&life.gateway, &frame)) {
      case ARRIVED_NOTHING:
        return false;
      case ARRIVED_END:
        adopt_give_up();
        return false;
      case ARRIVED_FRAME:
        if (frame.type != FRAME_SAY) {
          return is_adopted(&frame);
        }
        gateway_drop(&life.gateway);
        break;
    }
  }
}
