#include "terminal.h"

#include <asm/ioctls.h>
#include <linux/stat.h>

enum { NOBODY = -1 };

static bool get_foreground(int fd, int *group) { return SYSCALL(__NR_ioctl, fd, TIOCGPGRP, group) == 0; }

/* NOBODY, too, where it was hung up: then somebody else has it. */
static int foreground(const struct terminal *terminal) {
  int group = NOBODY;
  return get_foreground(terminal->fd, &group) ? group : NOBODY;
}

/* TTOU is blocked or ignored here, so it works from the background. It fails when the group has just ended. */
static bool give(const struct terminal *terminal, int group) {
  return SYSCALL(__NR_ioctl, terminal->fd, TIOCSPGRP, &group) == 0;
}

static struct modes get_modes(const struct terminal *terminal) {
  struct modes modes = {.known = false};
  modes.known = SYSCALL(__NR_ioctl, terminal->fd, TCGETS, modes.of_kernel) == 0;
  return modes;
}

static void set_modes(const struct terminal *terminal, const struct modes *modes) {
  if (modes->known) {
    /* Not when the output has gone: Ctrl-S can hold it for ever. One that was hung up has no modes. */
    SYSCALL(__NR_ioctl, terminal->fd, TCSETS, modes->of_kernel);
  }
}

/* A shell inside of the command may have been killed with its job: then nobody is in that group. */
static bool exists(int group) { return group <= 1 || send_signal(-group, 0) != -ESRCH; }

static bool take_back(struct terminal *terminal) {
  int now = foreground(terminal);
  bool others = now != terminal->group && exists(now);
  if (!terminal->lent || now == NOBODY || others) {
    return false;
  }
  terminal->lent = false;
  return give(terminal, terminal->own_group);
}

/* Never while a third group has it: then it is the shell's, or another job's. */
static bool lend(struct terminal *terminal) {
  if (foreground(terminal) != terminal->own_group) {
    return false;
  }
  terminal->before = get_modes(terminal);
  set_modes(terminal, &terminal->of_stopped);
  terminal->of_stopped.known = false;
  terminal->lent = give(terminal, terminal->group);
  return terminal->lent;
}

static bool output_is_pipe(void) {
  struct statx status;
  if (SYSCALL(__NR_statx, 1, "", AT_EMPTY_PATH, STATX_TYPE, &status) != 0) {
    return false;
  }
  int type = status.stx_mode & S_IFMT;
  return type == S_IFIFO || type == S_IFSOCK;
}

void terminal_open(struct terminal *terminal) {
  int group;
  *terminal = (struct terminal){.fd = above_standard((int)sys_open("/dev/tty", O_RDWR, 0))};
  terminal->own_group = (int)SYSCALL(__NR_getpgid, 0);
  /* As input it is the controlling one only where it answers who has it. */
  terminal->commands_turn = terminal->fd >= 0 && get_foreground(0, &group) && !output_is_pipe();
}

bool terminal_is_there(const struct terminal *terminal) { return terminal->fd >= 0; }

void terminal_leave(struct terminal *terminal) { close_if_open(&terminal->fd); }

void terminal_begin(struct terminal *terminal, int group) {
  terminal->group = group;
  if (terminal_is_there(terminal) && terminal->commands_turn) {
    lend(terminal);
  }
}

void terminal_end(struct terminal *terminal) {
  if (terminal_is_there(terminal)) {
    terminal->was_lent |= take_back(terminal);
  }
}

void terminal_reset(struct terminal *terminal) {
  if (terminal->was_lent && foreground(terminal) == terminal->own_group) {
    set_modes(terminal, &terminal->before);
  }
}

static bool uses_terminal(int signal) { return signal == SIG_TTIN || signal == SIG_TTOU; }

static bool command_asks(struct terminal *terminal) {
  terminal->commands_turn = true;
  return foreground(terminal) == terminal->group || lend(terminal);
}

static bool own_group_asks(struct terminal *terminal) {
  if (foreground(terminal) == terminal->own_group) {
    return true;
  }
  bool taken = take_back(terminal);
  terminal->commands_turn &= !taken;
  return taken;
}

/*
 * Stops this process, or its whole group, and returns once it was continued. False: it was not
 * stopped, since in an orphaned group, which nobody could continue, the kernel does not do that.
 */
static bool stop(const struct caller *caller, int signal, bool group) {
  set_disposition(signal, DISPOSITION_DEFAULT);
  send_signal(group ? 0 : (int)SYSCALL(__NR_getpid), signal);
  set_mask(MASK_UNBLOCK, BIT(signal));
  /* Stopped here. A CONT that came before that has taken the stop away, and counts, too. */
  set_mask(MASK_SET, caller->reading);
  if ((caller->ignored & BIT(signal)) != 0) {
    set_disposition(signal, DISPOSITION_IGNORE);
  }
  uint64_t pending = 0;
  SYSCALL(__NR_rt_sigpending, &pending, sizeof pending);
  return (pending & BIT(SIG_CONT)) != 0;
}

static void continue_command(const struct terminal *terminal) {
  /* It fails for another user's, as under sudo(8), only outside of the session. */
  send_signal(-terminal->group, SIG_CONT);
}

bool terminal_stop_asked(struct terminal *terminal, const struct caller *caller, int signal, bool runs) {
  if (uses_terminal(signal) && own_group_asks(terminal)) {
    send_signal(0, SIG_CONT);
    return false;
  }
  if (runs) {
    /* It comes back as the stop of the command. */
    terminal->passed_on = true;
    send_signal(-terminal->group, signal);
    return false;
  }
  return stop(caller, signal, false);
}

static void take_from_stopped(struct terminal *terminal) {
  struct modes modes = get_modes(terminal);
  if (take_back(terminal)) {
    terminal->of_stopped = modes;
    set_modes(terminal, &terminal->before);
  }
}

bool terminal_follow(struct terminal *terminal, const struct caller *caller, int signal) {
  if (uses_terminal(signal) && !terminal->passed_on && command_asks(terminal)) {
    continue_command(terminal);
    return false;
  }
  take_from_stopped(terminal);
  /* STOP went to the command alone. Here it would also stop an orphaned group. */
  bool alone = terminal->passed_on || signal == SIG_STOP;
  terminal->passed_on = false;
  if (stop(caller, signal == SIG_STOP ? SIG_TSTP : signal, !alone)) {
    return true;
  }
  if (terminal->commands_turn) {
    lend(terminal);
  }
  if (signal == SIG_TSTP) {
    /* Without guard the command's group would be the orphaned one, in which Ctrl-Z stops nobody. */
    continue_command(terminal);
  }
  return false;
}

void terminal_continued(struct terminal *terminal, bool runs) {
  terminal->passed_on = false;
  if (runs) {
    if (terminal->commands_turn) {
      lend(terminal);
    }
    continue_command(terminal);
  }
}
