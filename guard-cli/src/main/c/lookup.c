#include "lookup.h"

#include "sys.h"
#include "text.h"

static const char DEFAULT_PATH[] = "/bin:/usr/bin";

static long may_execute(const char *path) {
  long error = SYSCALL(__NR_faccessat2, AT_FDCWD, path, 1, AT_EACCESS);
  /* Filters that know no faccessat2(2) refuse it with EPERM. The old call asks for the real user, who is the same here. */
  if (error == -EPERM || error == -ENOSYS) {
    error = SYSCALL(__NR_faccessat, AT_FDCWD, path, 1);
  }
  return error;
}

static bool is_directory(struct text *path) {
  add(path, "/.");
  bool directory = may_execute(path->at) == 0;
  path->used -= 2;
  path->at[path->used] = 0;
  return directory;
}

/* Answers 0, or why this directory of PATH does not have the program. */
static int try(const char *directory, size_t size, const char *name, char *room) {
  struct text path = {room, PATH_MAX, 0, false};
  add_bytes(&path, directory, size);
  add(&path, size > 0 ? "/" : "");
  add(&path, name);
  if (path.too_long) {
    return ENAMETOOLONG;
  }
  long error = may_execute(path.at);
  if (error != 0) {
    return (int)-error;
  }
  path.size = CANDIDATE_SIZE;
  return is_directory(&path) ? EACCES : 0;
}

/* Whether execvp(3) goes on to the next directory: nobody can be sure that it is there. */
static bool is_tried_elsewhere(int error) {
  return error == EACCES || error == ENOENT || error == ENOTDIR || error == ENODEV ||
         error == ESTALE || error == ETIMEDOUT;
}

static int search(const char *name, const char *path, char *room) {
  int error = ENOENT;
  bool denied = false;
  const char *directory = path;
  for (;;) {
    const char *end = directory;
    while (*end != 0 && *end != ':') {
      end++;
    }
    error = try(directory, (size_t)(end - directory), name, room);
    denied |= error == EACCES;
    if (error == 0 || *end == 0 || !is_tried_elsewhere(error)) {
      return denied && is_tried_elsewhere(error) ? EACCES : error;
    }
    directory = end + 1;
  }
}

static bool has_slash(const char *name) {
  while (*name != 0 && *name != '/') {
    name++;
  }
  return *name == '/';
}

int look_up(const char *name, const char *path, char room[CANDIDATE_SIZE], const char **found) {
  if (has_slash(name)) {
    *found = name;
    return 0;
  }
  size_t size = text_length(name);
  if (size == 0) {
    return ENOENT;
  }
  if (size > NAME_MAX) {
    return ENAMETOOLONG;
  }
  *found = room;
  return search(name, path == NULL ? DEFAULT_PATH : path, room);
}
