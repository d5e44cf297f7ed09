#include "shell.h"
#include "text.h"

enum { GUARD_ERROR = 125, LARGEST_FILE = 128 << 10 };

static const char VARIABLE[] = "GUARD_SHELL_UNAVAILABLE";
static const char FILE[] = "/etc/guard/config.toml";
static const char KEY[] = "when_unavailable";

static const char *skip_blanks(const char *at) {
  while (*at == ' ' || *at == '\t') {
    at++;
  }
  return at;
}

/* Whether a line sets the key. */
static bool sets_key(const char *line) {
  for (const char *at = skip_blanks(line); *at != 0 && *at != '\n' && *at != '#'; at++) {
    if (text_starts(at, KEY)) {
      return true;
    }
  }
  return false;
}

/* Whether it is: when_unavailable = "run" */
static bool says_run(const char *line) {
  const char *at = skip_blanks(line);
  if (!text_starts(at, KEY)) {
    return false;
  }
  at = skip_blanks(at + sizeof KEY - 1);
  at = *at == '=' ? skip_blanks(at + 1) : "";
  if (!text_starts(at, "\"run\"") && !text_starts(at, "'run'")) {
    return false;
  }
  at = skip_blanks(at + 5);
  return *at == 0 || *at == '\n' || *at == '\r' || *at == '#';
}

/*
 * Whether the machine's file refuses. Nothing reads TOML where no Java starts, so the key is looked for line
 * by line, and whatever is not plainly "run" refuses, as does a file that can not be read.
 */
static bool file_refuses(void) {
  static char text[LARGEST_FILE + 1];
  int fd = (int)sys_open(FILE, O_RDONLY | O_NONBLOCK, 0);
  if (fd == -ENOENT || fd == -ENOTDIR) {
    return false;
  }
  size_t used = 0;
  long size = fd < 0 ? fd : 1;
  while (size > 0 && used < LARGEST_FILE) {
    size = sys_read(fd, text + used, LARGEST_FILE - used);
    used += size > 0 ? (size_t)size : 0;
  }
  close_if_open(&fd);
  if (size != 0) {
    return true;
  }
  bool refuses = false;
  const char *line = text;
  while (*line != 0) {
    if (sets_key(line)) {
      refuses = !says_run(line);
    }
    while (*line != 0 && *line++ != '\n') {
    }
  }
  return refuses;
}

void say_unguarded(const struct caller *caller, const char *why) {
  const char *variable = caller_variable(caller, VARIABLE);
  bool refuses = variable != NULL ? !text_equals(variable, "run") : file_refuses();
  TEXT(line, 8192);
  add(&line, "guard: not guarded: ");
  add(&line, why);
  if (refuses) {
    add(&line, "; so nothing has run, by shell.when_unavailable (");
    add(&line, variable != NULL ? VARIABLE : FILE);
    add(&line, ")");
  } else {
    add(&line, "; the shell runs without limits");
  }
  say_line(&line);
  if (refuses) {
    exit_now(GUARD_ERROR);
  }
}
