/* Strings, numbers and lines of text. */
#ifndef GUARD_TEXT_H
#define GUARD_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);

size_t text_length(const char *text);
bool text_equals(const char *one, const char *other);
bool text_starts(const char *text, const char *with);

/* A text in a buffer of fixed size; what does not fit makes it too long, and is left out. */
struct text {
  char *at;
  size_t size;
  size_t used;
  bool too_long;
};

#define TEXT(name, bytes)     \
  char name##_buffer[bytes];  \
  struct text name = {name##_buffer, sizeof name##_buffer, 0, false}; \
  name##_buffer[0] = 0

void add_bytes(struct text *to, const char *bytes, size_t size);
void add(struct text *to, const char *text);
void add_number(struct text *to, uint64_t number);
/* In seconds, with as many decimals as it has. */
void add_seconds(struct text *to, uint64_t millis);

/* Writes to descriptor 2, as far as that takes it. */
void say(const char *bytes, size_t size);
void say_line(struct text *line);

#endif
