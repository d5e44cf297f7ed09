#include "life.h"
#include "shell.h"
#include "text.h"

enum { STATUS_GUARD_ERROR = 125, LONGEST_WHY = 4096 };

static char why_buffer[sizeof SHELL_WHY + LONGEST_WHY];

/* It has called: guard exec [--profile=agent] -- GUARD-SHELL ARGUMENTS. Answers its own words; NULL: it has not. */
static char **words_of_shell(void) {
  const char *name;
  int caller = shell_mark(&life.caller, &name);
  if (caller == 0 || caller != (int)SYSCALL(__NR_getpid) || life.caller.argc < 2) {
    return NULL;
  }
  char **words = life.caller.argv + 2;
  while (*words != NULL && !text_equals(*words, "--")) {
    words++;
  }
  return *words == NULL || words[1] == NULL ? NULL : words + 1;
}

bool shell_calls(void) { return words_of_shell() != NULL; }

static void leave_to_shell(const char *why) {
  struct caller *caller = &life.caller;
  size_t count = 0;
  while (caller->environment[count] != NULL) {
    count++;
  }
  char **environment = map_memory((count + 2) * sizeof *environment);
  if (environment == NULL) {
    return;
  }
  struct text variable = {why_buffer, sizeof why_buffer, 0, false};
  add(&variable, SHELL_WHY "=");
  add(&variable, why);
  environment[0] = variable.at;
  memcpy(environment + 1, caller->environment, count * sizeof *environment);
  char **words = words_of_shell();
  caller_execute(caller, words[0], words, environment);
}

void fail_unrun(const char *why) {
  if (shell_calls()) {
    leave_to_shell(why);
  }
  TEXT(line, LONGEST_WHY + 16);
  add(&line, "guard: ");
  add(&line, why);
  say_line(&line);
  exit_now(STATUS_GUARD_ERROR);
}
