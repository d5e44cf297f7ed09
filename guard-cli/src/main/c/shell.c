#include "shell.h"

#include "text.h"

enum { GUARD_ERROR = 125, NOT_EXECUTED = 126, NOT_FOUND = 127, MOST_WORDS_BEFORE = 5 };

/* What bash-env.sh gives to the shell that it becomes, so that it does not begin anew: its number. */
static const char OF_BASH_ENV[] = "_guard_bash_env=";

static struct caller caller;

static void add_own_number(struct text *to) { add_number(to, (uint64_t)SYSCALL(__NR_getpid)); }

static void *memory_for(size_t count) {
  void *memory = map_memory(count * sizeof(char *));
  if (memory == NULL) {
    TEXT(line, 64);
    add(&line, "guard: no memory is left for a shell");
    say_line(&line);
    exit_now(GUARD_ERROR);
  }
  return memory;
}

static bool is_of(const char *entry, const char *name) {
  return text_starts(entry, name) && entry[text_length(name)] == '=';
}

/* The caller's variables without this program's own, behind one that may be added; NULL: none. */
static char **environment_with(char *added) {
  size_t count = 0;
  while (caller.environment[count] != NULL) {
    count++;
  }
  char **all = memory_for(count + 2);
  size_t size = 0;
  if (added != NULL) {
    all[size++] = added;
  }
  for (char **each = caller.environment; *each != NULL; each++) {
    bool replaced = added != NULL && text_starts(added, "GUARD_SHELL=") && is_of(*each, "GUARD_SHELL");
    if (!replaced && !is_of(*each, SHELL_MARK) && !is_of(*each, SHELL_WHY)) {
      all[size++] = *each;
    }
  }
  return all;
}

/* Becomes the real shell, with the words that this one was called with. */
static void become_real(const char *name, char **environment) __attribute__((noreturn));
static void become_real(const char *name, char **environment) {
  char room[CANDIDATE_SIZE];
  TEXT(seen, 64);
  add(&seen, OF_BASH_ENV);
  add_own_number(&seen);
  for (char **each = environment; *each != NULL; each++) {
    if (text_starts(*each, OF_BASH_ENV)) {
      *each = seen.at;
    }
  }
  char *alone[] = {(char *)name, NULL};
  char **argv = caller.argc > 0 ? caller.argv : alone;
  argv[0] = (char *)name;
  const char *program = real_shell(&caller, name, room);
  long error = SYSCALL(__NR_execve, program, argv, environment);
  TEXT(line, CANDIDATE_SIZE + 128);
  add(&line, "guard: ");
  add(&line, program);
  add(&line, ": this shell could not be executed: error ");
  add_number(&line, (uint64_t)-error);
  say_line(&line);
  exit_now(error == -ENOENT ? NOT_FOUND : NOT_EXECUTED);
}

static void go_unguarded(const char *name, const char *why) __attribute__((noreturn));
static void go_unguarded(const char *name, const char *why) {
  say_unguarded(&caller, why);
  become_real(name, environment_with(NULL));
}

/* The command's main process: from here on GUARD_SHELL says whose shells need no guard of their own. */
static void become_command(const char *name) __attribute__((noreturn));
static void become_command(const char *name) {
  TEXT(inside, 64);
  const char *id = caller_variable(&caller, "GUARD_ID");
  add(&inside, "GUARD_SHELL=");
  add(&inside, id == NULL ? "" : id);
  become_real(name, environment_with(inside.at));
}

/* Finds this program, and guard beside it; false: neither can be known. */
static bool find_guard(struct text *self, struct text *guard) {
  long size = SYSCALL(__NR_readlinkat, AT_FDCWD, "/proc/self/exe", self->at, self->size - 1);
  if (size <= 0 || self->at[0] != '/') {
    return false;
  }
  self->used = (size_t)size;
  self->at[size] = 0;
  while (size > 0 && self->at[size - 1] != '/') {
    size--;
  }
  add_bytes(guard, self->at, (size_t)size);
  add(guard, "guard");
  return !guard->too_long;
}

/* The mark is the first variable, so that inside.c finds it soon. */
static void become_guarded(const char *name) __attribute__((noreturn));
static void become_guarded(const char *name) {
  TEXT(self, PATH_MAX);
  TEXT(guard, PATH_MAX);
  if (!find_guard(&self, &guard)) {
    go_unguarded(name, "/proc does not show this process; mount it: mount -t proc proc /proc");
  }
  struct text mark = {.size = sizeof SHELL_MARK + text_length(name) + 32};
  mark.at = memory_for(mark.size);
  add(&mark, SHELL_MARK "=");
  add_own_number(&mark);
  add(&mark, " ");
  add(&mark, name);
  char **argv = memory_for(caller.argc + MOST_WORDS_BEFORE + 1);
  size_t size = 0;
  argv[size++] = guard.at;
  argv[size++] = "exec";
  if (caller_variable(&caller, "GUARD_PROFILE") == NULL) {
    argv[size++] = "--profile=agent";
  }
  argv[size++] = "--";
  argv[size++] = self.at;
  for (uint32_t i = 1; i < caller.argc; i++) {
    argv[size++] = caller.argv[i];
  }
  long error = SYSCALL(__NR_execve, guard.at, argv, environment_with(mark.at));
  TEXT(why, PATH_MAX + 128);
  add(&why, guard.at);
  add(&why, " could not be executed: error ");
  add_number(&why, (uint64_t)-error);
  add(&why, error == -E2BIG ? "; shorten the arguments or the environment" : "; reinstall guard");
  go_unguarded(name, why.at);
}

void shell_main(long *stack) __attribute__((noreturn, used));
void shell_main(long *stack) {
  caller_read(&caller, stack);
  const char *name = caller.argc > 0 ? caller.argv[0] : "guard-shell";
  const char *marked = "";
  int number = shell_mark(&caller, &marked);
  const char *why = caller_variable(&caller, SHELL_WHY);
  if (number != 0 && number == (int)SYSCALL(__NR_getppid)) {
    become_command(marked);
  }
  if (number != 0 && number == (int)SYSCALL(__NR_getpid) && why != NULL) {
    go_unguarded(marked, why);
  }
  if (is_inside(&caller)) {
    become_real(name, environment_with(NULL));
  }
  become_guarded(name);
}

ENTRY(shell_main);
