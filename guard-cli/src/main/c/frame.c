#include "frame.h"

enum { TOLD_BYTES = 64 << 10, TOLD_VARIABLES = 256, LAST_SIGNAL = 64, LAST_STATUS = 255 };

/* What is left of a payload; bad once something did not fit. */
struct reader {
  const uint8_t *at;
  const uint8_t *end;
  bool bad;
};

static const uint8_t *take(struct reader *from, uint64_t size) {
  const uint8_t *taken = from->at;
  if (from->bad || (uint64_t)(from->end - from->at) < size) {
    from->bad = true;
    return NULL;
  }
  from->at += size;
  return taken;
}

static uint64_t read_number(struct reader *from, unsigned size) {
  const uint8_t *bytes = take(from, size);
  uint64_t value = 0;
  for (unsigned i = 0; bytes != NULL && i < size; i++) {
    value |= (uint64_t)bytes[i] << (8 * i);
  }
  return value;
}

static uint32_t read_u32(struct reader *from) { return (uint32_t)read_number(from, 4); }

static struct bytes read_bytes(struct reader *from) {
  uint32_t size = read_u32(from);
  const uint8_t *at = take(from, (uint64_t)size + 1);
  if (at == NULL || at[size] != 0) {
    from->bad = true;
    return (struct bytes){"", 0};
  }
  return (struct bytes){(const char *)at, size};
}

/* One that becomes a string of C: a NUL inside would cut it. */
static struct bytes read_text(struct reader *from) {
  struct bytes text = read_bytes(from);
  for (uint32_t i = 0; i < text.size; i++) {
    from->bad |= text.at[i] == 0;
  }
  return text;
}

static bool starts(const char *text, const char *with) {
  while (*with != 0) {
    if (*text++ != *with++) {
      return false;
    }
  }
  return true;
}

static bool is_assignment(struct bytes text) {
  for (uint32_t i = 0; i < text.size; i++) {
    if (text.at[i] == '=') {
      return i > 0;
    }
  }
  return false;
}

static struct cgroup read_cgroup(struct reader *from) {
  struct cgroup cgroup;
  cgroup.kind = (uint8_t)read_number(from, 1);
  cgroup.directory = read_text(from);
  from->bad |= cgroup.kind < CGROUP_V1 || cgroup.kind > CGROUP_V2_BY_MANAGER;
  from->bad |= cgroup.directory.size == 0;
  return cgroup;
}

static struct list read_variables(struct reader *from) {
  uint32_t count = read_u32(from);
  struct list list = {from->at, from->end, count};
  for (uint32_t i = 0; i < list.count && !from->bad; i++) {
    struct bytes variable = read_text(from);
    /* Others would let the gateway choose what the command loads: LD_PRELOAD, PATH. */
    from->bad |= !is_assignment(variable) || !starts(variable.at, "GUARD_");
  }
  return list;
}

static struct list read_cgroups(struct reader *from) {
  uint32_t count = read_u32(from);
  struct list list = {from->at, from->end, count};
  for (uint32_t i = 0; i < list.count && !from->bad; i++) {
    read_cgroup(from);
  }
  return list;
}

static struct grant read_grant(struct reader *from) {
  struct grant grant;
  grant.flags = read_u32(from);
  grant.first = read_u32(from);
  grant.directory = read_text(from);
  grant.variables = read_variables(from);
  grant.cgroups = read_cgroups(from);
  grant.timeout = read_number(from, 8);
  grant.grace = read_number(from, 8);
  from->bad |= (grant.flags & ~(uint32_t)GRANT_FLAGS) != 0;
  return grant;
}

static struct result read_result(struct reader *from) {
  struct result result;
  result.how = (uint8_t)read_number(from, 1);
  result.status = read_u32(from);
  result.lines = read_bytes(from);
  result.report = read_bytes(from);
  bool dies = (result.how & RESULT_DIES) != 0;
  from->bad |= (result.how & ~RESULT_HOW) != 0;
  from->bad |= dies ? result.status < 1 || result.status > LAST_SIGNAL : result.status > LAST_STATUS;
  return result;
}

static struct tell read_tell(struct reader *from) {
  struct tell tell;
  tell.id = read_text(from);
  tell.log = read_text(from);
  tell.most = read_number(from, 8);
  from->bad |= tell.id.size == 0 || tell.id.size > LONGEST_ID || tell.log.size == 0 || tell.most == 0;
  return tell;
}

bool frame_parse(uint8_t type, const uint8_t *payload, uint32_t size, struct frame *frame) {
  struct reader from = {payload, payload + size, false};
  frame->type = type;
  switch (type) {
    case FRAME_DECLINE:
    case FRAME_SAY:
    case FRAME_PRINT:
      frame->text = read_bytes(&from);
      break;
    case FRAME_OPEN:
      frame->text = read_text(&from);
      break;
    case FRAME_GRANT:
      frame->grant = read_grant(&from);
      break;
    case FRAME_RELEASE:
    case FRAME_ABANDON:
    case FRAME_DETACH:
    case FRAME_ADOPTED:
    case FRAME_GOODBYE:
      break;
    case FRAME_TELL:
      frame->tell = read_tell(&from);
      break;
    case FRAME_RESULT:
      frame->result = read_result(&from);
      break;
    default:
      return false;
  }
  return !from.bad && from.at == from.end;
}

struct bytes list_next_text(struct list *list) {
  struct reader from = {list->at, list->end, false};
  struct bytes text = read_text(&from);
  list->at = from.at;
  list->count--;
  return text;
}

struct cgroup list_next_cgroup(struct list *list) {
  struct reader from = {list->at, list->end, false};
  struct cgroup cgroup = read_cgroup(&from);
  list->at = from.at;
  list->count--;
  return cgroup;
}

void write_u8(struct writer *to, uint8_t value) {
  if (to->at != NULL) {
    to->at[to->used] = value;
  }
  to->used++;
}

static void write_number(struct writer *to, uint64_t value, unsigned size) {
  for (unsigned i = 0; i < size; i++) {
    write_u8(to, (uint8_t)(value >> (8 * i)));
  }
}

void write_u32(struct writer *to, uint32_t value) { write_number(to, value, 4); }

void write_u64(struct writer *to, uint64_t value) { write_number(to, value, 8); }

void write_head(struct writer *to, uint8_t type, uint32_t payload_size) {
  write_u32(to, payload_size + 1);
  write_u8(to, type);
}

static uint64_t length(const char *text) {
  uint64_t size = 0;
  while (text[size] != 0) {
    size++;
  }
  return size;
}

static void write_text(struct writer *to, const char *text) {
  uint32_t size = (uint32_t)length(text);
  write_u32(to, size);
  for (uint32_t i = 0; i <= size; i++) {
    write_u8(to, (uint8_t)text[i]);
  }
}

/* Answers whether a variable is one that settings come from, or that programs are found by. */
static bool is_told(const char *variable) {
  static const char *const all[] = {"HOME=",  "PATH=",    "TERM=", "TZ=",
                                    "GUARD_", "CLAUDEX_", "XDG_",
                                    /* What agents say of a command; no other variables of theirs, since some are secrets. */
                                    "CLAUDECODE=", "CLAUDE_CODE_SESSION_ID=", "CODEX_SESSION_ID=",
                                    "CODEX_TOOL_CALL_ID=", "GEMINI_CLI=", "OPENCODE=", "PI_CODING_AGENT=",
                                    "PI_SESSION_ID=", "QWEN_CODE=", "QWEN_CODE_SESSION_ID="};
  for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
    if (starts(variable, all[i])) {
      return is_assignment((struct bytes){variable, (uint32_t)length(variable)});
    }
  }
  return false;
}

/* Writes as many whole arguments as fit. */
static void write_arguments(struct writer *to, const struct hello *hello) {
  uint32_t told = 0;
  for (uint64_t bytes = 0; told < hello->argc; told++) {
    bytes += length(hello->argv[told]) + 1;
    if (bytes > TOLD_BYTES) {
      break;
    }
  }
  write_u32(to, hello->argc);
  write_u32(to, told);
  for (uint32_t i = 0; i < told; i++) {
    write_text(to, hello->argv[i]);
  }
}

static bool write_variables(struct writer *to, char *const *environment, bool whole) {
  uint64_t bytes = 0;
  uint32_t told = 0;
  for (char *const *each = environment; *each != NULL; each++) {
    if (is_told(*each)) {
      told++;
      bytes += length(*each) + 1;
    }
  }
  if (!whole && (told > TOLD_VARIABLES || bytes > TOLD_BYTES)) {
    return false;
  }
  write_u32(to, told);
  for (char *const *each = environment; *each != NULL; each++) {
    if (is_told(*each)) {
      write_text(to, *each);
    }
  }
  return true;
}

bool write_hello(struct writer *to, const struct hello *hello) {
  struct writer head = *to;
  write_head(to, FRAME_HELLO, 0);
  uint32_t begin = to->used;
  write_u32(to, PROTOCOL);
  write_u64(to, hello->ignored);
  write_u64(to, hello->blocked);
  write_u32(to, hello->flags);
  write_text(to, hello->directory);
  write_arguments(to, hello);
  bool told = write_variables(to, hello->environment, hello->whole);
  write_u32(to, hello->log);
  write_head(&head, FRAME_HELLO, to->used - begin);
  return told;
}
