#include "tree.h"

#include "text.h"

enum { TYPE_DIRECTORY = 4, KILL_MILLIS = 5000, REMOVE_MILLIS = 1000, SOON_MILLIS = 2 };

static const char CHILDREN[] = "/proc/thread-self/children";

typedef bool visitor(const struct child *child, int pid, int signal);

bool tree_main_ended(const struct child *child, struct child_info *info, struct usage *usage) {
  int options = WAIT_EXITED | WAIT_NOHANG | WAIT_PEEK;
  return wait_child(OF_PID, child->pid, info, options, usage) == 0 && info->pid == child->pid;
}

int tree_take_stop(const struct child *child) {
  struct child_info info;
  bool known = wait_child(OF_PID, child->pid, &info, WAIT_STOPPED | WAIT_NOHANG, NULL) == 0;
  return known && info.pid != 0 ? info.status : 0;
}

static void note_server(struct child *child, const struct child_info *info) {
  if (info->pid == child->server) {
    child->server = 0;
    child->server_end = *info;
  }
}

void tree_reap_orphans(struct child *child) {
  struct child_info info;
  while (wait_child(OF_ALL, 0, &info, WAIT_EXITED | WAIT_NOHANG | WAIT_PEEK, NULL) == 0 &&
         info.pid != 0 && info.pid != child->pid) {
    note_server(child, &info);
    wait_child(OF_PID, info.pid, &info, WAIT_EXITED | WAIT_NOHANG, NULL);
  }
}

void tree_reap_all(struct child *child) {
  struct child_info info;
  child->pid = 0;
  while (wait_child(OF_ALL, 0, &info, WAIT_EXITED | WAIT_NOHANG, NULL) == 0 && info.pid != 0) {
    note_server(child, &info);
  }
}

/* Calls a visitor with each number in a file, until one answers true. Such files end in a newline or a space. */
static bool any_pid(const char *path, visitor *visit, const struct child *child, int signal) {
  char text[1024];
  int fd = (int)sys_open(path, O_RDONLY, 0);
  if (fd < 0) {
    /* Removed, which it can only be when empty; or never there. */
    return false;
  }
  bool found = false;
  int pid = 0;
  long got;
  while (!found && (got = sys_read(fd, text, sizeof text)) > 0) {
    for (long i = 0; i < got && !found; i++) {
      if (text[i] >= '0' && text[i] <= '9') {
        pid = pid * 10 + (text[i] - '0');
      } else {
        /* 0: a member in another namespace of processes, which has no number here. */
        found = pid > 0 && visit(child, pid, signal);
        pid = 0;
      }
    }
  }
  close_if_open(&fd);
  return found;
}

/* Those that have ended can not be stopped, so a wait for stopped children knows none but the living. */
static bool lives(int of, int pid) {
  struct child_info info;
  return wait_child(of, pid, &info, WAIT_STOPPED | WAIT_NOHANG | WAIT_PEEK, NULL) == 0;
}

static bool is_living_one(const struct child *child, int pid, int signal) {
  (void)signal;
  return pid != child->server && lives(OF_PID, pid);
}

static bool has_living_children(const struct child *child) {
  if (child->has_others) {
    return child->pid > 0 && lives(OF_PID, child->pid);
  }
  return child->server == 0 ? lives(OF_ALL, 0) : any_pid(CHILDREN, is_living_one, child, 0);
}

static bool name_file(struct text *path, const struct cgroup *cgroup, const char *file) {
  add(path, cgroup->directory.at);
  add(path, file);
  return !path->too_long;
}

static bool has_leaf(const struct cgroup *cgroup) {
  return cgroup->kind == CGROUP_V2_WITH_LEAF || cgroup->kind == CGROUP_V2_BY_MANAGER;
}

static bool any_member(const struct cgroup *cgroup, visitor *visit, const struct child *child, int signal) {
  TEXT(path, PATH_MAX);
  const char *file = has_leaf(cgroup) ? CGROUP_LEAF "/cgroup.procs" : "/cgroup.procs";
  return name_file(&path, cgroup, file) && any_pid(path.at, visit, child, signal);
}

static bool is_other(const struct child *child, int pid, int signal) {
  (void)signal;
  return pid != child->pid;
}

static bool send_it(const struct child *child, int pid, int signal) {
  (void)child;
  send_signal(pid, signal);
  return false;
}

static bool kill_one(const struct child *child, int pid, int signal) {
  if (pid != child->server) {
    send_signal(pid, signal);
  }
  return false;
}

static void send_to_group(const struct child *child, int signal) {
  if (child->pid > 0) {
    child_signal(child, signal);
  }
}

bool tree_is_left(const struct child *child) {
  if (has_living_children(child)) {
    return true;
  }
  struct list cgroups = child->grant.cgroups;
  while (cgroups.count > 0) {
    struct cgroup cgroup = list_next_cgroup(&cgroups);
    if (any_member(&cgroup, is_other, child, 0)) {
      return true;
    }
  }
  return false;
}

void tree_signal(const struct child *child, int signal) {
  send_to_group(child, signal);
  struct list cgroups = child->grant.cgroups;
  while (cgroups.count > 0) {
    struct cgroup cgroup = list_next_cgroup(&cgroups);
    any_member(&cgroup, send_it, child, signal);
  }
}

/* Answers whether the kernel kills all members at once, and of the cgroups below. */
static bool kill_at_once(const struct cgroup *cgroup) {
  TEXT(path, PATH_MAX);
  if (cgroup->kind == CGROUP_V1 || !name_file(&path, cgroup, "/cgroup.kill")) {
    return false;
  }
  int fd = (int)sys_open(path.at, O_WRONLY, 0);
  if (fd < 0) {
    /* Before 5.14 there is none. */
    return false;
  }
  long written = sys_write(fd, "1", 1);
  close_if_open(&fd);
  return written == 1;
}

static void kill_once(const struct child *child) {
  send_to_group(child, SIG_KILL);
  struct list cgroups = child->grant.cgroups;
  while (cgroups.count > 0) {
    struct cgroup cgroup = list_next_cgroup(&cgroups);
    if (!kill_at_once(&cgroup)) {
      any_member(&cgroup, send_it, child, SIG_KILL);
    }
  }
  /* What left the group and is in no cgroup: each that dies brings its children here. */
  if (!child->has_others) {
    any_pid(CHILDREN, kill_one, child, SIG_KILL);
  }
}

void tree_kill(struct child *child) {
  uint64_t begin = now_millis();
  do {
    kill_once(child);
    tree_reap_orphans(child);
    if (!tree_is_left(child)) {
      return;
    }
    poll_for(NULL, 0, SOON_MILLIS);
  } while (now_millis() - begin < KILL_MILLIS);
}

/* Of linux/dirent.h, which no header for programs has. */
struct entry {
  uint64_t inode;
  int64_t next;
  unsigned short size;
  uint8_t type;
  char name[];
};

/* A leaf, and marks on a command whose leftovers stay; what else is there stays for whoever comes next. */
static void remove_those_below(const char *path) {
  char room[1024] __attribute__((aligned(8)));
  int fd = (int)sys_open(path, O_RDONLY | O_DIRECTORY, 0);
  long got = fd < 0 ? 0 : SYSCALL(__NR_getdents64, fd, room, sizeof room);
  while (got > 0) {
    for (long at = 0; at < got;) {
      const struct entry *entry = (const struct entry *)(room + at);
      if (entry->type == TYPE_DIRECTORY && entry->name[0] != '.') {
        SYSCALL(__NR_unlinkat, fd, entry->name, AT_REMOVEDIR);
      }
      at += entry->size;
    }
    got = SYSCALL(__NR_getdents64, fd, room, sizeof room);
  }
  close_if_open(&fd);
}

static bool remove_directory(const char *path, uint64_t until) {
  for (;;) {
    remove_those_below(path);
    /* EBUSY: the last member has ended, but the kernel has not put it away yet. */
    if (SYSCALL(__NR_unlinkat, AT_FDCWD, path, AT_REMOVEDIR) != -EBUSY) {
      return true;
    }
    if (now_millis() >= until) {
      return false;
    }
    poll_for(NULL, 0, SOON_MILLIS);
  }
}

bool tree_remove_cgroups(const struct child *child) {
  bool removed = true;
  uint64_t until = now_millis() + REMOVE_MILLIS;
  struct list cgroups = child->grant.cgroups;
  while (cgroups.count > 0) {
    struct cgroup cgroup = list_next_cgroup(&cgroups);
    TEXT(leaf, PATH_MAX);
    if (has_leaf(&cgroup) && name_file(&leaf, &cgroup, CGROUP_LEAF)) {
      removed &= remove_directory(leaf.at, until);
    }
    removed &= remove_directory(cgroup.directory.at, until);
  }
  return removed;
}
