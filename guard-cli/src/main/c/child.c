#include "child.h"

#include "born.h"
#include "text.h"

enum {
  CLONE_SHARES_MEMORY = 0x100,
  STACK_SIZE = 32 << 10,
  SMALLEST_PAGE = 4096,
  NOT_NEEDED = 4,
  SOON_MILLIS = 1,
  KILL_PATIENCE_MILLIS = 5000
};

/* So that sums of times stay times; for ever, for a command. */
#define MOST_MILLIS (UINT64_C(1) << 60)

#define CLONE_INTO_A_CGROUP UINT64_C(0x200000000)

/* Of linux/sched.h, in the revision that has the cgroup. */
struct clone_arguments {
  uint64_t flags;
  uint64_t pidfd;
  uint64_t child_tid;
  uint64_t parent_tid;
  uint64_t exit_signal;
  uint64_t stack;
  uint64_t stack_size;
  uint64_t tls;
  uint64_t set_tid;
  uint64_t set_tid_size;
  uint64_t cgroup;
};

struct plan plan;

static uint8_t child_stack[STACK_SIZE] __attribute__((aligned(SMALLEST_PAGE)));

void child_clear(struct child *child) {
  *child = (struct child){.pid = 0, .status = -1, .output = -1};
}

static void release_memory(struct child *child) {
  child_executed(child);
  unmap_memory(child->block, child->block_size);
  child->block = NULL;
}

static bool is_replaced(const char *variable, struct list by) {
  while (by.count > 0) {
    const char *other = list_next_text(&by).at;
    const char *at = variable;
    while (*at == *other && *at != '=' && *at != 0) {
      at++;
      other++;
    }
    if (*at == '=' && *other == '=') {
      return true;
    }
  }
  return false;
}

static size_t count(char *const *vector) {
  size_t size = 0;
  while (vector[size] != NULL) {
    size++;
  }
  return size;
}

static void fill_environment(char **to, char *const *caller, struct list variables) {
  for (; *caller != NULL; caller++) {
    if (!is_replaced(*caller, variables)) {
      *to++ = *caller;
    }
  }
  while (variables.count > 0) {
    *to++ = (char *)list_next_text(&variables).at;
  }
  *to = NULL;
}

/* The strings stay where they are, however long they are; only pointers to them are written. */
static bool make_vectors(struct child *child, const struct caller *caller) {
  static char shell[] = "/bin/sh";
  char **argv = caller->argv + child->grant.first;
  size_t arguments = count(argv);
  size_t variables = count(caller->environment) + child->grant.variables.count;
  /* One more for each end, and for the shell. */
  child->vectors_size = (arguments + variables + 3) * sizeof(char *);
  child->vectors = map_memory(child->vectors_size);
  if (child->vectors == NULL) {
    return false;
  }
  plan.name = argv[0];
  plan.argv = argv;
  plan.environment = child->vectors;
  fill_environment(plan.environment, caller->environment, child->grant.variables);
  if (plan.as_script) {
    plan.argv = plan.environment + variables + 1;
    plan.argv[0] = shell;
    memcpy(plan.argv + 1, argv, (arguments + 1) * sizeof(char *));
  }
  return true;
}

static uint64_t at_most(uint64_t value, uint64_t most) { return value < most ? value : most; }

/* Copies the grant, whose frame the next one overwrites. */
static bool keep_grant(struct child *child, const struct grant *grant) {
  const uint8_t *begin = (const uint8_t *)grant->directory.at;
  child->block_size = (size_t)(grant->cgroups.end - begin);
  child->block = map_memory(child->block_size);
  if (child->block == NULL) {
    return false;
  }
  memcpy(child->block, begin, child->block_size);
  ptrdiff_t moved = child->block - begin;
  child->grant = *grant;
  child->grant.timeout = at_most(grant->timeout, MOST_MILLIS);
  child->grant.grace = at_most(grant->grace, MOST_MILLIS);
  child->grant.directory.at += moved;
  child->grant.variables.at += moved;
  child->grant.variables.end += moved;
  child->grant.cgroups.at += moved;
  child->grant.cgroups.end += moved;
  return true;
}

static void close_ends(void) {
  close_if_open(&plan.shim_end);
  close_if_open(&plan.child_end);
}

/* Opens the first cgroup of version 2 for the child to be born in; answers -ENOENT when there is none. */
static int open_birthplace(struct list cgroups) {
  for (int i = 0; cgroups.count > 0; i++) {
    struct cgroup cgroup = list_next_cgroup(&cgroups);
    if (cgroup.kind == CGROUP_V2 || cgroup.kind == CGROUP_V2_WITH_LEAF) {
      TEXT(path, PATH_MAX);
      add(&path, cgroup.directory.at);
      add(&path, cgroup.kind == CGROUP_V2_WITH_LEAF ? CGROUP_LEAF : "");
      plan.born_in = i;
      return path.too_long ? -ENAMETOOLONG : above_standard((int)sys_open(path.at, O_PATH, 0));
    }
  }
  return -ENOENT;
}

/* Whether a plain call can be tried; of the cgroup the child then says itself what is wrong. */
static bool is_refused(long error) {
  return error != -EAGAIN && error != -ENOMEM;
}

/* On a stack of its own, and not as vfork(2): this process has to go on while the child waits. */
static long make_process(int birthplace) {
  uint64_t flags = CLONE_SHARES_MEMORY;
  long pid = -ENOSYS;
  if (birthplace >= 0) {
    struct clone_arguments arguments = {
        .flags = flags | CLONE_INTO_A_CGROUP,
        .exit_signal = SIG_CHLD,
        .stack = (uint64_t)(uintptr_t)child_stack,
        .stack_size = sizeof child_stack,
        .cgroup = (uint64_t)birthplace,
    };
    pid = clone_running(__NR_clone3, (long)&arguments, sizeof arguments, be_born);
    if (pid >= 0 || !is_refused(pid)) {
      return pid;
    }
    plan.born_in = -1;
  }
  long top = (long)(uintptr_t)(child_stack + sizeof child_stack);
  pid = clone_running(__NR_clone, (long)flags | SIG_CHLD, top, be_born);
  if (pid >= 0 || !is_refused(pid)) {
    return pid;
  }
  /* Under qemu-user, or a filter: with a copy of the memory, and so of the stack. */
  return clone_running(__NR_clone, SIG_CHLD, 0, be_born);
}

static bool failed(struct failure *failure, uint32_t what, long error) {
  *failure = (struct failure){what, (uint32_t)-error};
  return false;
}

/* Where the caller leaves no room, without what can be done without: the child joins by itself, signals wait. */
static long make_ends(struct caller *caller, int *birthplace) {
  long error = make_pair(&plan.shim_end, &plan.child_end);
  if (error == -EMFILE) {
    close_if_open(birthplace);
    plan.born_in = -1;
    close_if_open(&caller->signals);
    plan.signals = -1;
    error = make_pair(&plan.shim_end, &plan.child_end);
  }
  return error;
}

static bool start(struct child *child, struct caller *caller, struct failure *failure) {
  int birthplace = open_birthplace(child->grant.cgroups);
  if (birthplace == -EMFILE) {
    plan.born_in = -1;
  }
  if (birthplace < 0 && plan.born_in >= 0) {
    return failed(failure, WHAT_CGROUP, birthplace);
  }
  long pid = make_ends(caller, &birthplace);
  if (pid == 0) {
    pid = make_process(birthplace);
  }
  close_if_open(&birthplace);
  if (pid < 0) {
    close_ends();
    return failed(failure, WHAT_CHILD, pid);
  }
  child->pid = (int)pid;
  child->status = plan.shim_end;
  /* Not through plan, which the child reads: it has descriptors of its own, but this memory. */
  int end_of_child = plan.child_end;
  close_if_open(&end_of_child);
  return true;
}

bool child_make(struct child *child, struct caller *caller, const struct grant *grant, const int connection[2],
                struct failure *failure) {
  release_memory(child);
  plan = (struct plan){
      .caller = caller,
      .grant = &child->grant,
      .path_variable = caller_variable(caller, "PATH"),
      .as_script = (grant->flags & GRANT_AS_SCRIPT) != 0,
      .born_in = -1,
      .connection = {connection[0], connection[1]},
      .signals = caller->signals,
      .output = child->output,
      .shim_end = -1,
      .child_end = -1,
  };
  if (!keep_grant(child, grant) || !make_vectors(child, caller)) {
    return failed(failure, WHAT_CHILD, -ENOMEM);
  }
  long error = caller_become_reaper(caller);
  if (error < 0) {
    return failed(failure, WHAT_CHILD, error);
  }
  bool started = start(child, caller, failure);
  if (caller->signals < 0 && !caller_open_signals(caller) && started) {
    return failed(failure, WHAT_CHILD, -EMFILE);
  }
  return started;
}

enum child_word child_hear(struct child *child, struct failure *failure) {
  long got = sys_read(child->status, failure, sizeof *failure);
  if (got == sizeof *failure) {
    return failure->what == 0 ? CHILD_HELD : CHILD_FAILED;
  }
  close_if_open(&child->status);
  return CHILD_CLOSED;
}

void child_release(struct child *child) {
  /* Without a reader the child is dead already, which its status tells. */
  sys_write(child->status, "", 1);
}

/* Gives back what calls before this one have used of the stack, but for the page that is in use. */
static void free_stack(void) {
  uint64_t here = (uint64_t)(uintptr_t)__builtin_frame_address(0);
  uint64_t unused = (here & ~(uint64_t)(SMALLEST_PAGE - 1)) - SMALLEST_PAGE;
  SYSCALL(__NR_madvise, unused - STACK_SIZE, STACK_SIZE, NOT_NEEDED);
}

void child_executed(struct child *child) {
  free_stack();
  /* Its pages are given back; where pages are larger, they stay. */
  SYSCALL(__NR_madvise, child_stack, sizeof child_stack, NOT_NEEDED);
  unmap_memory(child->vectors, child->vectors_size);
  child->vectors = NULL;
}

bool child_is_in_foreground(const struct child *child) {
  return (child->grant.flags & GRANT_IN_FOREGROUND) != 0;
}

void child_signal(const struct child *child, int signal) {
  /* It fails where nobody is left, or the command has become another user's, as by sudo(8). */
  send_signal(child_is_in_foreground(child) ? child->pid : -child->pid, signal);
}

void child_end_unrun(struct child *child) {
  close_if_open(&child->status);
  if (child->pid == 0) {
    return;
  }
  send_signal(child->pid, SIG_KILL);
  struct child_info info;
  uint64_t begin = now_millis();
  while (wait_child(OF_PID, child->pid, &info, WAIT_EXITED | WAIT_NOHANG, NULL) == 0 && info.pid == 0) {
    if (now_millis() - begin > KILL_PATIENCE_MILLIS) {
      /* It waits for a dead file system. It never comes back from there, and finds nobody then who releases it. */
      break;
    }
    poll_for(NULL, 0, SOON_MILLIS);
  }
  child->pid = 0;
}
