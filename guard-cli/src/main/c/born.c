#include "born.h"

#include "lookup.h"
#include "text.h"

enum { ENDS_WITHOUT_RELEASE = 125 };

static void tell(uint32_t what, long error) {
  struct failure word = {what, (uint32_t)-error};
  /* It takes so few bytes at once or not at all; without a reader there is nobody to be told. */
  sys_write(plan.child_end, &word, sizeof word);
}

static void fail(uint32_t what, long error) __attribute__((noreturn));
static void fail(uint32_t what, long error) {
  tell(what, error);
  exit_now(ENDS_WITHOUT_RELEASE);
}

/* 0 means the writer itself: the kernel need not stop all others for that, nor translate a number. */
static long join(const struct cgroup *cgroup) {
  TEXT(path, PATH_MAX);
  add(&path, cgroup->directory.at);
  add(&path, cgroup->kind == CGROUP_V2_WITH_LEAF ? CGROUP_LEAF : "");
  add(&path, cgroup->kind == CGROUP_V1 ? "/tasks" : "/cgroup.procs");
  if (path.too_long) {
    return -ENAMETOOLONG;
  }
  int fd = (int)sys_open(path.at, O_WRONLY, 0);
  if (fd < 0) {
    return fd;
  }
  long written = sys_write(fd, "0", 1);
  close_if_open(&fd);
  return written < 0 ? written : 0;
}

static void join_all(void) {
  struct list cgroups = plan.grant->cgroups;
  for (int i = 0; cgroups.count > 0; i++) {
    struct cgroup cgroup = list_next_cgroup(&cgroups);
    bool waits = i == plan.born_in || cgroup.kind == CGROUP_V2_BY_MANAGER;
    long error = waits ? 0 : join(&cgroup);
    if (error < 0) {
      fail(WHAT_CGROUP, error);
    }
  }
}

static void close_of_parent(int fd) { close_if_open(&fd); }

void be_born(void) {
  /* What is still open here would hide the shim's death: from the gateway, and from whoever waits for a release below. */
  close_of_parent(plan.connection[0]);
  close_of_parent(plan.connection[1]);
  close_of_parent(plan.signals);
  close_of_parent(plan.shim_end);
  bool leads = (plan.grant->flags & GRANT_IN_FOREGROUND) == 0;
  long error = leads ? SYSCALL(__NR_setpgid, 0, 0) : 0;
  if (error < 0) {
    fail(WHAT_CHILD, error);
  }
  join_all();
  for (int fd = 1; fd <= 2 && plan.output >= 0; fd++) {
    error = SYSCALL(__NR_dup3, plan.output, fd, 0);
    if (error < 0) {
      fail(WHAT_CHILD, error);
    }
  }
  if (plan.grant->directory.size > 0) {
    error = SYSCALL(__NR_chdir, plan.grant->directory.at);
    if (error < 0) {
      fail(WHAT_CHDIR, error);
    }
  }
  char room[CANDIDATE_SIZE];
  const char *program = "";
  error = look_up(plan.name, plan.path_variable, room, &program);
  if (error != 0) {
    fail(WHAT_LOOKUP, -error);
  }
  tell(0, 0);
  char release;
  if (sys_read(plan.child_end, &release, 1) != 1) {
    exit_now(ENDS_WITHOUT_RELEASE);
  }
  if (plan.as_script) {
    plan.argv[1] = (char *)program;
    program = plan.argv[0];
  }
  caller_restore_signals(plan.caller);
  fail(WHAT_EXEC, SYSCALL(__NR_execve, program, plan.argv, plan.environment));
}
