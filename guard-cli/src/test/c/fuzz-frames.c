/*
 * Frames of a gateway, right ones and damaged ones, for the parser of the shim: fuzz-frames COUNT SEED.
 * Each payload is in memory of exactly its size, so that a sanitizer sees what is read beyond it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame.h"

static uint64_t state;

static uint32_t next(uint32_t below) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (uint32_t)((state >> 16) % below);
}

static void write_text(struct writer *to, const char *start, uint32_t most) {
  uint32_t size = (uint32_t)strlen(start) + next(most + 1);
  write_u32(to, size);
  for (uint32_t i = 0; i < size; i++) {
    write_u8(to, i < strlen(start) ? (uint8_t)start[i] : (uint8_t)('a' + next(26)));
  }
  write_u8(to, 0);
}

static void write_grant(struct writer *to) {
  write_u32(to, next(GRANT_FLAGS + 1));
  write_u32(to, next(UINT32_MAX));
  write_text(to, "", 20);
  uint32_t variables = next(5);
  write_u32(to, variables);
  while (variables-- > 0) {
    write_text(to, "GUARD_A=", 20);
  }
  uint32_t cgroups = next(4);
  write_u32(to, cgroups);
  while (cgroups-- > 0) {
    write_u8(to, (uint8_t)(1 + next(CGROUP_V2_BY_MANAGER)));
    write_text(to, "/", 20);
  }
  write_u64(to, state);
  write_u64(to, state * 3);
}

static void write_result(struct writer *to) {
  uint8_t how = (uint8_t)next(RESULT_HOW + 1);
  write_u8(to, how);
  write_u32(to, (how & RESULT_DIES) == 0 ? next(256) : 1 + next(64));
  write_text(to, "", 40);
  write_text(to, "", 40);
}

static uint8_t write_payload(struct writer *to) {
  uint8_t type = (uint8_t)(FRAME_DECLINE + next(FRAME_GOODBYE - FRAME_DECLINE + 1));
  /* That one no shim is sent. */
  type = type == FRAME_RESULT + 1 ? FRAME_RESULT : type;
  switch (type) {
    case FRAME_GRANT:
      write_grant(to);
      break;
    case FRAME_RESULT:
      write_result(to);
      break;
    case FRAME_RELEASE:
    case FRAME_ABANDON:
    case FRAME_DETACH:
    case FRAME_ADOPTED:
    case FRAME_GOODBYE:
      break;
    case FRAME_TELL:
      write_text(to, "0", 20);
      write_text(to, "/", 40);
      write_u64(to, state | 1);
      break;
    default:
      write_text(to, "", 40);
      break;
  }
  return type;
}

/* Answers a number that depends on every byte that the frame gives out. */
static uint32_t sum(struct bytes bytes) {
  uint32_t total = bytes.size;
  for (uint32_t i = 0; i <= bytes.size; i++) {
    total = total * 31 + (uint8_t)bytes.at[i];
  }
  return total;
}

static uint32_t use(const struct frame *frame) {
  uint32_t total = 0;
  if (frame->type == FRAME_GRANT) {
    struct list variables = frame->grant.variables;
    struct list cgroups = frame->grant.cgroups;
    total += sum(frame->grant.directory);
    while (variables.count > 0) {
      struct bytes variable = list_next_text(&variables);
      if (strncmp(variable.at, "GUARD_", 6) != 0 || strlen(variable.at) != variable.size) {
        abort();
      }
      total += sum(variable);
    }
    while (cgroups.count > 0) {
      total += sum(list_next_cgroup(&cgroups).directory);
    }
  } else if (frame->type == FRAME_RESULT) {
    total += sum(frame->result.lines) + sum(frame->result.report);
  } else if (frame->type == FRAME_TELL) {
    total += sum(frame->tell.id) + sum(frame->tell.log);
  } else if (frame->type == FRAME_DECLINE || frame->type == FRAME_SAY || frame->type == FRAME_OPEN ||
             frame->type == FRAME_PRINT) {
    total += sum(frame->text);
  }
  return total;
}

static uint32_t damage(uint8_t *bytes, uint32_t size) {
  for (uint32_t times = 1 + next(3); times > 0 && size > 0; times--) {
    switch (next(4)) {
      case 0:
        bytes[next(size)] ^= (uint8_t)(1u << next(8));
        break;
      case 1:
        bytes[next(size)] = (uint8_t)next(256);
        break;
      case 2:
        size = next(size + 1);
        break;
      default:
        memset(bytes + next(size), 0xff, 1);
        break;
    }
  }
  return size;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    return 2;
  }
  state = strtoull(argv[2], NULL, 10) | 1;
  unsigned long right = 0, taken = 0;
  uint32_t total = 0;
  for (unsigned long i = strtoul(argv[1], NULL, 10); i > 0; i--) {
    uint8_t buffer[1024];
    struct writer writer = {buffer, 0};
    uint8_t type = write_payload(&writer);
    bool damaged = next(4) != 0;
    uint32_t size = damaged ? damage(buffer, writer.used) : writer.used;
    type = damaged && next(8) == 0 ? (uint8_t)next(256) : type;
    uint8_t *payload = malloc(size > 0 ? size : 1);
    memcpy(payload, buffer, size);
    struct frame frame;
    bool good = frame_parse(type, payload, size, &frame);
    if (!damaged && !good) {
      fprintf(stderr, "a right frame of type %u was refused\n", type);
      return 1;
    }
    right += !damaged;
    taken += good;
    total += good ? use(&frame) : 0;
    free(payload);
  }
  printf("%lu %lu %u\n", right, taken, total);
  return 0;
}
