/*
 * The frames that shim and gateway send each other: u32 length of what follows, u8 type, payload.
 * Integers are little-endian; a string is u32 n, n bytes and a NUL. No system calls in here, so
 * that it builds with a C library too, for sanitizers.
 */
#ifndef GUARD_FRAME_H
#define GUARD_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  FRAME_HELLO = 1,
  FRAME_HELD = 2,
  FRAME_EXECED = 3,
  FRAME_NOT_EXECUTED = 4,
  FRAME_ENDED = 5,
  FRAME_SIGNAL = 6,
  FRAME_ANSWER = 7,
  /* 8 is for a question that a shim does not ask. */
  FRAME_TOLD = 9,
  FRAME_CANCEL = 10,
  FRAME_DECLINE = 65,
  FRAME_SAY = 66,
  FRAME_OPEN = 67,
  FRAME_GRANT = 68,
  FRAME_RELEASE = 69,
  FRAME_ABANDON = 70,
  FRAME_RESULT = 71,
  /* 72 answers 8. */
  FRAME_DETACH = 73,
  FRAME_TELL = 74,
  FRAME_ADOPTED = 75,
  /* For descriptor 1; ANSWER says how that went. */
  FRAME_PRINT = 76,
  /* It ends on purpose: what has not run is another server's, and what runs goes on, see alone.c and adopt.c. */
  FRAME_GOODBYE = 77
};

enum { PROTOCOL = 1, LENGTH_SIZE = 4, LARGEST_FROM_GATEWAY = 16 << 20, LONGEST_ID = 32 };

/* What could not be done, in NOT_EXECUTED. */
enum { WHAT_LOOKUP = 1, WHAT_CHDIR = 2, WHAT_CHILD = 3, WHAT_CGROUP = 4, WHAT_EXEC = 5 };

struct failure {
  uint32_t what;
  uint32_t error;
};

/*
 * Of HELLO; bits 3 to 5 say of descriptors 0 to 2 that they are terminals, bit 6 that a command runs
 * whose gateway has gone.
 */
enum { HELLO_CLOSED = 0, HELLO_TERMINAL = 3, HELLO_RUNS = 6 };

/*
 * The last two have their processes in the leaf CGROUP_LEAF, since their controllers are enabled for others beside that.
 * The last one may not be joined: a service manager moves the child there.
 */
enum { CGROUP_V1 = 1, CGROUP_V2 = 2, CGROUP_V2_WITH_LEAF = 3, CGROUP_V2_BY_MANAGER = 4 };
#define CGROUP_LEAF "/main"

/*
 * Of GRANT. In the foreground the child is in the group of its shim, and the terminal is left
 * alone. What outlives the main process may stay, or may as long as the shim's caller.
 */
enum {
  GRANT_AS_SCRIPT = 1,
  GRANT_IN_FOREGROUND = 2,
  GRANT_KEEPS = 4,
  GRANT_KEEPS_WITH_CALLER = 8,
  GRANT_FLAGS = 15
};

/*
 * Of RESULT. A command that has not ended by itself has left modes of the terminal that nobody else
 * can use. One that keeps has left processes that stay. One that is unavailable has not run since Guard
 * could not, and was not refused.
 */
enum { RESULT_DIES = 1, RESULT_WAS_ENDED = 2, RESULT_KEEPS = 4, RESULT_UNAVAILABLE = 8, RESULT_HOW = 15 };

/* A string inside of a frame; a NUL follows it. */
struct bytes {
  const char *at;
  uint32_t size;
};

/* A list inside of a frame, checked as a whole; its elements are taken one after the other. */
struct list {
  const uint8_t *at;
  const uint8_t *end;
  uint32_t count;
};

struct cgroup {
  uint8_t kind;
  struct bytes directory;
};

struct grant {
  uint32_t flags;
  uint32_t first;
  struct bytes directory;
  struct list variables;
  struct list cgroups;
  uint64_t timeout;
  uint64_t grace;
};

struct result {
  uint8_t how;
  uint32_t status;
  struct bytes lines;
  struct bytes report;
};

/* Of a detached command: what its caller is told, and where its output goes, so many bytes in a file. */
struct tell {
  struct bytes id;
  struct bytes log;
  uint64_t most;
};

/* A frame of the gateway, which points into the bytes that it was read from. */
struct frame {
  uint8_t type;
  union {
    struct bytes text;
    struct grant grant;
    struct result result;
    struct tell tell;
  };
};

/* Answers whether the payload is one of this type, whole and with nothing behind it. */
bool frame_parse(uint8_t type, const uint8_t *payload, uint32_t size, struct frame *frame);

/* Takes the next element of a list that frame_parse has checked, while count says that one is left. */
struct bytes list_next_text(struct list *list);
struct cgroup list_next_cgroup(struct list *list);

/* Writes at an address, or only counts where it is NULL. */
struct writer {
  uint8_t *at;
  uint32_t used;
};

void write_u8(struct writer *to, uint8_t value);
void write_u32(struct writer *to, uint32_t value);
void write_u64(struct writer *to, uint64_t value);
void write_head(struct writer *to, uint8_t type, uint32_t payload_size);

struct hello {
  uint64_t ignored;
  uint64_t blocked;
  uint32_t flags;
  const char *directory;
  uint32_t argc;
  char *const *argv;
  char *const *environment;
  /* The descriptor that the output of a detached command is read from; 0: this shim has not detached. */
  uint32_t log;
  /* All variables of the told names, however many: to a server that is this shim's alone. */
  bool whole;
};

/* Writes HELLO; false: the variables are too many or too long to be told. */
bool write_hello(struct writer *to, const struct hello *hello);

#endif
