#include "gateway.h"

#include <linux/stat.h>
#include <linux/un.h>

#include "text.h"

enum {
  LEVEL_SOCKET = 1,
  OPTION_PEER = 17,
  WRITABLE_BY_OTHERS = 022,
  FIRST_LOOK_MILLIS = 3000,
  GIVEN_UP_MILLIS = 13000,
  /* A JVM starts in half a second, but beside a fork bomb in many. */
  GIVEN_UP_LATER_MILLIS = 60000,
  /* Kept free in the queue for what must not be left out: HELD, EXECED and ENDED. */
  RESERVE = 128
};

static const char NAME[] = "/gateway-1";

/* Answers whether it is a directory of this user, and not a link; nobody else may change it if closed. */
static bool is_own_directory(const char *path, uint32_t user, bool closed) {
  struct statx status;
  unsigned wanted = STATX_TYPE | STATX_MODE | STATX_UID;
  if (SYSCALL(__NR_statx, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, wanted, &status) != 0) {
    return false;
  }
  bool directory = (status.stx_mode & S_IFMT) == S_IFDIR;
  bool changeable = (status.stx_mode & WRITABLE_BY_OTHERS) != 0;
  return directory && status.stx_uid == user && !(closed && changeable);
}

/* Never by a variable: it could name a directory where somebody else listens. */
static bool find_directory(struct text *path, uint32_t user) {
  if (user == 0) {
    add(path, "/run/guard");
  } else {
    add(path, "/run/user/");
    add_number(path, user);
    if (is_own_directory(path->at, user, false)) {
      add(path, "/guard");
    } else {
      path->used = 0;
      add(path, "/tmp/guard-");
      add_number(path, user);
    }
  }
  return is_own_directory(path->at, user, true);
}

static bool is_of(struct gateway *gateway, uint32_t user) {
  struct {
    int32_t pid;
    uint32_t user;
    uint32_t group;
  } peer;
  uint32_t size = sizeof peer;
  if (SYSCALL(__NR_getsockopt, gateway->fd, LEVEL_SOCKET, OPTION_PEER, &peer, &size) != 0) {
    return false;
  }
  gateway->pid = peer.pid;
  return size == sizeof peer && peer.user == user;
}

void gateway_clear(struct gateway *gateway) {
  gateway->fd = -1;
  gateway->out = -1;
  gateway->pid = 0;
  gateway->hello = NULL;
  gateway->queued = 0;
  gateway->come = gateway->small;
  gateway->capacity = sizeof gateway->small;
  gateway->used = 0;
}

static void renew_all(struct gateway *gateway, bool long_one) {
  gateway->hears.long_one = long_one;
  gateway->speaks.long_one = long_one;
  patience_renew(&gateway->hears);
  patience_renew(&gateway->speaks);
}

void gateway_take(struct gateway *gateway, int in, int out, int pid) {
  gateway_clear(gateway);
  gateway->fd = in;
  gateway->out = out;
  gateway->pid = pid;
  renew_all(gateway, true);
}

bool gateway_connect(struct gateway *gateway, const struct caller *caller) {
  gateway_clear(gateway);
  TEXT(directory, 64);
  if (!find_directory(&directory, caller->user)) {
    return false;
  }
  add(&directory, NAME);
  struct sockaddr_un address = {.sun_family = FAMILY_UNIX};
  memcpy(address.sun_path, directory.at, directory.used + 1);
  gateway->fd = (int)SYSCALL(__NR_socket, FAMILY_UNIX, TYPE_STREAM | O_NONBLOCK | O_CLOEXEC, 0);
  gateway->fd = above_standard(gateway->fd);
  /* EAGAIN is one whose callers stand in line already: a Java of its own is sooner there. */
  if (gateway->fd < 0 || SYSCALL(__NR_connect, gateway->fd, &address, sizeof address) != 0 ||
      !is_of(gateway, caller->user)) {
    gateway_close(gateway);
    return false;
  }
  gateway->out = gateway->fd;
  renew_all(gateway, false);
  return true;
}

static void forget_hello(struct gateway *gateway) {
  unmap_memory(gateway->hello, gateway->hello_size);
  gateway->hello = NULL;
}

void gateway_close(struct gateway *gateway) {
  forget_hello(gateway);
  gateway->queued = 0;
  if (gateway->out != gateway->fd) {
    close_if_open(&gateway->out);
  }
  gateway->out = -1;
  close_if_open(&gateway->fd);
}

bool gateway_hello(struct gateway *gateway, const struct hello *hello) {
  struct writer counting = {NULL, 0};
  if (!write_hello(&counting, hello)) {
    return false;
  }
  struct writer writing = {map_memory(counting.used), 0};
  if (writing.at == NULL) {
    return false;
  }
  write_hello(&writing, hello);
  gateway->hello = writing.at;
  gateway->hello_size = writing.used;
  gateway->hello_sent = 0;
  return true;
}

struct writer gateway_begin(struct gateway *gateway, uint8_t type, uint32_t payload_size) {
  struct writer frame = {gateway->queue, gateway->queued};
  write_head(&frame, type, payload_size);
  return frame;
}

void gateway_queue(struct gateway *gateway, const struct writer *frame) {
  if (!gateway_wants_to_write(gateway)) {
    patience_renew(&gateway->speaks);
  }
  gateway->queued = frame->used;
}

bool gateway_has_room(const struct gateway *gateway) {
  return gateway->queued + RESERVE < sizeof gateway->queue;
}

bool gateway_wants_to_write(const struct gateway *gateway) {
  return gateway->hello != NULL || gateway->queued > 0;
}

/* Answers what was sent; 0: nothing now; negative: nothing any more. */
static long send_some(struct gateway *gateway, const uint8_t *from, uint32_t size) {
  long sent = sys_write(gateway->out, from, size);
  if (sent > 0) {
    patience_renew(&gateway->speaks);
  }
  return sent == -EAGAIN ? 0 : sent == 0 ? -EPIPE : sent;
}

bool gateway_flush(struct gateway *gateway) {
  while (gateway->hello != NULL) {
    uint32_t left = gateway->hello_size - gateway->hello_sent;
    long sent = send_some(gateway, gateway->hello + gateway->hello_sent, left);
    if (sent <= 0) {
      return sent == 0;
    }
    gateway->hello_sent += (uint32_t)sent;
    if (gateway->hello_sent == gateway->hello_size) {
      forget_hello(gateway);
    }
  }
  while (gateway->queued > 0) {
    long sent = send_some(gateway, gateway->queue, gateway->queued);
    if (sent <= 0) {
      return sent == 0;
    }
    gateway->queued -= (uint32_t)sent;
    memmove(gateway->queue, gateway->queue + sent, gateway->queued);
  }
  return true;
}

static uint32_t size_of_next(const struct gateway *gateway) {
  const uint8_t *at = gateway->come;
  return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Makes room for a frame that is longer than the buffer; exactly for it, so that nothing behind it is read. */
static bool grow(struct gateway *gateway, uint32_t size) {
  uint8_t *larger = map_memory(size);
  if (larger == NULL) {
    return false;
  }
  memcpy(larger, gateway->come, gateway->used);
  gateway->come = larger;
  gateway->capacity = size;
  return true;
}

enum arrival gateway_next(struct gateway *gateway, struct frame *frame) {
  for (;;) {
    if (gateway->used >= LENGTH_SIZE) {
      uint32_t size = size_of_next(gateway);
      if (size < 1 || size > LARGEST_FROM_GATEWAY) {
        return ARRIVED_END;
      }
      if (gateway->used >= LENGTH_SIZE + size) {
        const uint8_t *at = gateway->come + LENGTH_SIZE;
        return frame_parse(at[0], at + 1, size - 1, frame) ? ARRIVED_FRAME : ARRIVED_END;
      }
      if (LENGTH_SIZE + size > gateway->capacity && !grow(gateway, LENGTH_SIZE + size)) {
        return ARRIVED_END;
      }
    }
    long got = sys_read(gateway->fd, gateway->come + gateway->used, gateway->capacity - gateway->used);
    if (got == -EAGAIN) {
      return ARRIVED_NOTHING;
    }
    if (got <= 0) {
      return ARRIVED_END;
    }
    gateway->used += (uint32_t)got;
  }
}

void gateway_drop(struct gateway *gateway) {
  uint32_t size = LENGTH_SIZE + size_of_next(gateway);
  gateway->used -= size;
  if (gateway->come != gateway->small) {
    unmap_memory(gateway->come, gateway->capacity);
    gateway->come = gateway->small;
    gateway->capacity = sizeof gateway->small;
  } else {
    memmove(gateway->small, gateway->small + size, gateway->used);
  }
  patience_renew(&gateway->hears);
}

void patience_renew(struct patience *patience) {
  patience->since = now_millis();
  patience->looked = false;
}

uint64_t patience_until(const struct patience *patience) {
  uint64_t last = patience->long_one ? GIVEN_UP_LATER_MILLIS : GIVEN_UP_MILLIS;
  return patience->since + (patience->looked ? last : FIRST_LOOK_MILLIS);
}

/* Answers whether a process is gone, or stopped: it will not answer. What can not be seen is alive. */
static bool has_stopped(int pid) {
  TEXT(path, 64);
  add(&path, "/proc/");
  add_number(&path, (uint64_t)pid);
  add(&path, "/stat");
  char stat[512];
  int fd = (int)sys_open(path.at, O_RDONLY, 0);
  if (fd < 0) {
    return fd == -ENOENT;
  }
  long total = sys_read(fd, stat, sizeof stat);
  close_if_open(&fd);
  long size = total;
  /* The state is behind the name, which can have parentheses and spaces of its own. */
  while (size > 0 && stat[size - 1] != ')') {
    size--;
  }
  char state = size > 0 && size + 1 < total ? stat[size + 1] : 'R';
  return state == 'T' || state == 't' || state == 'Z' || state == 'X';
}

bool patience_is_over(struct patience *patience, int pid) {
  if (now_millis() < patience_until(patience)) {
    return false;
  }
  if (patience->looked) {
    return true;
  }
  patience->looked = true;
  /* 0: it is in another namespace of processes. */
  return pid > 0 && has_stopped(pid);
}
