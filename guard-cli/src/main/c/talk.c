#include "life.h"
#include "text.h"

enum { SAY_MILLIS = 1000, SAY_AT_ONCE = 4096 };

void tell_number(uint8_t type, uint32_t number) {
  struct writer frame = gateway_begin(&life.gateway, type, 4);
  write_u32(&frame, number);
  gateway_queue(&life.gateway, &frame);
}

void tell_word(uint8_t type) {
  struct writer frame = gateway_begin(&life.gateway, type, 0);
  gateway_queue(&life.gateway, &frame);
}

void tell_not_executed(const struct failure *failure) {
  struct writer frame = gateway_begin(&life.gateway, FRAME_NOT_EXECUTED, 5);
  write_u8(&frame, (uint8_t)failure->what);
  write_u32(&frame, failure->error);
  gateway_queue(&life.gateway, &frame);
}

void tell_ended(void) {
  const struct usage *usage = &life.usage;
  struct writer frame = gateway_begin(&life.gateway, FRAME_ENDED, 28);
  write_u32(&frame, (uint32_t)life.wait_status);
  write_u64(&frame, (uint64_t)(usage->user_seconds * 1000000 + usage->user_micros));
  write_u64(&frame, (uint64_t)(usage->system_seconds * 1000000 + usage->system_micros));
  write_u64(&frame, (uint64_t)usage->peak_kib * 1024);
  gateway_queue(&life.gateway, &frame);
}

void tell_signal(const struct signal_info *info) {
  /* One that does not read finds out less, and the command gets the signal nevertheless. */
  if (!life.alone && gateway_has_room(&life.gateway)) {
    struct writer frame = gateway_begin(&life.gateway, FRAME_SIGNAL, 5);
    write_u32(&frame, info->signal);
    write_u8(&frame, info->code > 0);
    gateway_queue(&life.gateway, &frame);
  }
}

bool tell_hello(void) {
  char directory[PATH_MAX];
  long size = SYSCALL(__NR_getcwd, directory, sizeof directory);
  /* Where it is outside of the root, it begins with "(unreachable)". */
  if (size < 0 || directory[0] != '/') {
    directory[0] = 0;
  }
  struct hello hello = {
      .ignored = life.caller.ignored,
      .blocked = life.caller.blocked,
      .flags = caller_descriptors() | (life.alone ? 1u << HELLO_RUNS : 0),
      .directory = directory,
      .argc = life.caller.argc,
      .argv = life.caller.argv,
      .environment = life.caller.environment,
      .log = life.detached.stays ? (uint32_t)life.detached.log : 0,
      .whole = life.server.is_there,
  };
  return gateway_hello(&life.gateway, &hello);
}

void print_and_tell(struct bytes text) {
  static const struct report output = {1, -1};
  int error = report_write(&output, text.at, text.size);
  tell_number(FRAME_ANSWER, (uint32_t)error);
}

/* A pipe takes a page without blocking once it is writable; a reader that stays away must not hold up signals. */
void say_in_time(struct bytes text) {
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

