/* The connection to the gateway: where it is, whom it belongs to, frames to and from it. */
#ifndef GUARD_GATEWAY_H
#define GUARD_GATEWAY_H

#include <stdbool.h>
#include <stdint.h>

#include "caller.h"
#include "frame.h"

/* How long the other side has neither read nor written; it was looked at once meanwhile. */
struct patience {
  uint64_t since;
  bool looked;
  /* Nobody else can be asked: whoever lives is waited for longer. */
  bool long_one;
};

struct gateway {
  /* Where it is read, and written: the same descriptor, or the ends of two pipes. */
  int fd;
  int out;
  int pid;
  struct patience hears;
  struct patience speaks;
  /* What is to be sent: a long first frame, then short ones. */
  uint8_t *hello;
  uint32_t hello_size;
  uint32_t hello_sent;
  uint8_t queue[512];
  uint32_t queued;
  /* What has come: whole frames, and the beginning of one, in the small buffer or in one mapped for it. */
  uint8_t small[4096];
  uint8_t *come;
  uint32_t capacity;
  uint32_t used;
};

enum arrival { ARRIVED_NOTHING, ARRIVED_FRAME, ARRIVED_END };

/* Makes it one that is not connected. */
void gateway_clear(struct gateway *gateway);

/* Connects, when a gateway of this user listens where it should. */
bool gateway_connect(struct gateway *gateway, const struct caller *caller);

/* Takes two ends of pipes to a process that serves this one alone. */
void gateway_take(struct gateway *gateway, int in, int out, int pid);
void gateway_close(struct gateway *gateway);

/* Queues HELLO; false: it can not be told what this caller has. */
bool gateway_hello(struct gateway *gateway, const struct hello *hello);

/* Room for a frame to be written into, already with its head. */
struct writer gateway_begin(struct gateway *gateway, uint8_t type, uint32_t payload_size);
void gateway_queue(struct gateway *gateway, const struct writer *frame);
bool gateway_has_room(const struct gateway *gateway);
bool gateway_wants_to_write(const struct gateway *gateway);

/* Sends what it takes; false: the connection has ended. */
bool gateway_flush(struct gateway *gateway);

/* Takes the next frame, which stays until gateway_drop. */
enum arrival gateway_next(struct gateway *gateway, struct frame *frame);
void gateway_drop(struct gateway *gateway);

/* When to look again at a silent gateway, and whether it was silent for too long. */
void patience_renew(struct patience *patience);
uint64_t patience_until(const struct patience *patience);
bool patience_is_over(struct patience *patience, int pid);

#endif
