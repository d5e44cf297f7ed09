#include "text.h"

#include "sys.h"

/*
 * The compiler calls these three by itself. The empty asm keeps it from seeing, in their own loops,
 * a copy to call them for.
 */
__attribute__((used)) void *memcpy(void *to, const void *from, size_t size) {
  for (size_t i = 0; i < size; i++) {
    ((char *)to)[i] = ((const char *)from)[i];
    __asm__ volatile("" ::: "memory");
  }
  return to;
}

__attribute__((used)) void *memmove(void *to, const void *from, size_t size) {
  if ((uintptr_t)to <= (uintptr_t)from) {
    return memcpy(to, from, size);
  }
  while (size-- > 0) {
    ((char *)to)[size] = ((const char *)from)[size];
    __asm__ volatile("" ::: "memory");
  }
  return to;
}

__attribute__((used)) void *memset(void *to, int value, size_t size) {
  for (size_t i = 0; i < size; i++) {
    ((char *)to)[i] = (char)value;
    __asm__ volatile("" ::: "memory");
  }
  return to;
}

size_t text_length(const char *text) {
  size_t size = 0;
  while (text[size] != 0) {
    size++;
  }
  return size;
}

bool text_starts(const char *text, const char *with) {
  while (*with != 0) {
    if (*text++ != *with++) {
      return false;
    }
  }
  return true;
}

bool text_equals(const char *one, const char *other) {
  return text_length(one) == text_length(other) && text_starts(one, other);
}

void add_bytes(struct text *to, const char *bytes, size_t size) {
  if (to->too_long || to->used + size >= to->size) {
    to->too_long = true;
    return;
  }
  memcpy(to->at + to->used, bytes, size);
  to->used += size;
  to->at[to->used] = 0;
}

void add(struct text *to, const char *text) { add_bytes(to, text, text_length(text)); }

void add_number(struct text *to, uint64_t number) {
  char digits[20];
  size_t first = sizeof digits;
  do {
    digits[--first] = (char)('0' + number % 10);
    number /= 10;
  } while (number != 0);
  add_bytes(to, digits + first, sizeof digits - first);
}

void add_seconds(struct text *to, uint64_t millis) {
  add_number(to, millis / 1000);
  char decimals[] = {'.', (char)('0' + millis / 100 % 10), (char)('0' + millis / 10 % 10),
                     (char)('0' + millis % 10)};
  size_t size = sizeof decimals;
  while (size > 1 && decimals[size - 1] == '0') {
    size--;
  }
  add_bytes(to, decimals, size > 1 ? size : 0);
}

void say(const char *bytes, size_t size) {
  while (size > 0) {
    long written = sys_write(2, bytes, size);
    if (written == -EAGAIN) {
      struct pollable out = {2, POLL_OUT, 0};
      poll_for(&out, 1, -1);
    } else if (written <= 0) {
      /* Closed, or nobody reads: there is no other place to say it. */
      return;
    } else {
      bytes += written;
      size -= (size_t)written;
    }
  }
}

void say_line(struct text *line) {
  add(line, "\n");
  say(line->at, line->used);
}
