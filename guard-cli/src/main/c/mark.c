#include "shell.h"
#include "text.h"

enum { MOST_DIGITS = 9 };

int shell_mark(const struct caller *caller, const char **name) {
  const char *at = caller_variable(caller, SHELL_MARK);
  int number = 0;
  for (int digits = 0; at != NULL && *at >= '0' && *at <= '9' && digits < MOST_DIGITS; digits++) {
    number = number * 10 + (*at++ - '0');
  }
  if (number == 0 || *at != ' ') {
    return 0;
  }
  *name = at + 1;
  return number;
}
