/* One command, from HELLO to the end of the shim. */
#ifndef GUARD_LIFE_H
#define GUARD_LIFE_H

#include "child.h"
#include "ending.h"
#include "gateway.h"
#include "terminal.h"

enum phase {
  /* For a grant, or for the result. */
  WAITING,
  /* The child is there, and joins its cgroups. */
  MAKING,
  HELD,
  /* The child may execute. */
  RELEASED,
  RUNNING,
  /* The main process is a zombie. */
  ENDED
};

/* A process that stays with a command which its caller leaves, see detach.c. */
struct detached {
  bool stays;
  /* To the process that the caller waits for, and from it: it has told the id. Negative: that is over. */
  int to_first;
  int from_first;
  bool passed_on;
  /* When it turned out that nobody has the id, and the gateway was told; 0: it was not. */
  uint64_t cancelled_at;
  /* What the command writes can be read there. */
  int log;
};

/* A server for this process alone, see private.c. */
struct server {
  /* It was started; it may have ended. */
  bool is_there;
  /* It was the last that served this process, and is no more. */
  bool was_lost;
  /* It has said something. */
  bool speaks;
  /* What it says to a person, who sees it only where it fails. */
  int words;
};

struct life {
  struct caller caller;
  struct gateway gateway;
  struct child child;
  struct report report;
  struct terminal terminal;
  struct detached detached;
  struct server server;
  enum phase phase;
  bool granted;
  bool opened;
  /* An answer to HELD that can be on its way, though the child has died. */
  bool crossing;
  /* Signals since HELD was said: the gateway releases without knowing of them. */
  uint64_t since_held;
  int late;
  int wait_status;
  struct usage usage;
  uint64_t released_at;
  /* When this process went on after it was stopped beyond the deadline; 0: it was not. */
  uint64_t overslept;
  /* The gateway is gone, or does not answer: nobody else ends the command. */
  bool alone;
  bool silent;
  /* Alone: when to look for another gateway, and whether one was asked to take the command over. */
  uint64_t look_at;
  bool asks;
  bool timed_out;
  bool had_leftovers;
  bool ending;
  uint64_t kill_at;
  /* The gateway has not ended the tree in time, so that was done from here; it may tell the result until then. */
  bool overdue;
  uint64_t give_up_at;
};

extern struct life life;

/* ask.c: calls that look at commands or end them, as guard ps; a gateway answers, and this process prints. */

/* Whether this is such a call, and may be left to a gateway. */
bool asks(const struct caller *caller);

/* Where no gateway answers, this process becomes Java, which answers by itself. */
void ask(void) __attribute__((noreturn));

/* alone.c: what the shim does when nobody else ends the command. */

/* It goes on inside its limits; silent: the gateway is there, but says nothing. */
void go_alone(bool silent);

/* Whether the command has to end at a time, and when. */
bool has_deadline(void);
uint64_t deadline(void);

/* When something is to be done if nothing comes before; UINT64_MAX: never. */
uint64_t alone_until(void);
void keep_time_alone(void);

/* Kills all that is left; the timeout was over long ago. */
void end_at_timeout_alone(void) __attribute__((noreturn));
void exit_unexecuted_alone(uint32_t error) __attribute__((noreturn));

/* Dies of the signal that the command was ended by, with its group where that was typed. */
void die_as_command(int signal) __attribute__((noreturn));

/* Exits, or dies of a signal that came too late for the command. */
void exit_as(int status) __attribute__((noreturn));

/* Ends a command that nobody else ends, as at its timeout. */
void begin_to_end(void);

/* adopt.c: another gateway for a command that runs, whose own has gone. */

/* Looks whether there is one; 0 as the time: it is not to be looked for. */
void adopt_look_later(void);
void adopt_look(void);

/* Reads its answer; whether it has taken the command over. */
bool adopt_hear(void);

/* Gives up the one that was asked. */
void adopt_give_up(void);

/* detach.c: a second process of this program, which stays with the command. */

/* Becomes two: one waits until the other has begun, and ends as the caller is to see it. */
void detach(void) __attribute__((noreturn));

/* Passes the id on; false: it is out of turn. */
bool pass_id_on(const struct tell *tell);

/* Hears that the caller has the id, or that nobody is left who could tell it. */
void hear_first(void);

/* Serves the call of this process to its end. */
void serve(void) __attribute__((noreturn));

/* Closes descriptors from one number to another. */
void close_from_to(unsigned first, unsigned last);

/* Has a descriptor of 0 to 2 lead to /dev/null. */
bool turn_to_nothing(int fd, int how);

/* private.c: a server for this process alone, where no gateway serves its call. */

/* Starts it, and tells it how this process was called; does not return where that fails. */
void private_start(void);

/* It has failed before the release, so that nothing has run, or says nothing. */
void private_fail(bool silent) __attribute__((noreturn));

/* Hangs up, so that it ends. */
void private_hang_up(void);

/* Waits for its end after that, so that nobody is left when this process ends. */
void private_await_end(void);

/* Whether it goes on for leftovers that may live as long as the caller, and can not be found by a cgroup. */
bool private_keeps(void);

/* Ends it, since it does nothing any more. */
void private_kill(void);

/* unguarded.c: nothing serves this call. */

/* Whether it is guard-shell that has called. */
bool shell_calls(void);

/* Says why, and exits, since nothing has run; what guard-shell has called for is left to that. */
void fail_unrun(const char *why) __attribute__((noreturn));

/* keeper.c: a process of its own that stays with what a command has left, and may leave. */

/* Takes note of the caller, with which it may have to end. */
void keeper_remember_caller(void);

/* Whether what is left may stay. */
bool keeper_is_wanted(void);

/* Makes that process. */
void keeper_start(void);

/* log.c: the output of a detached command, when no gateway takes it. */

void log_goes_to(const char *path, uint64_t most);

/* Takes what can be read now; false: nothing. */
bool log_take(int *from);

/* Closes the file, which may be another one when this process writes again. */
void log_forget(void);

/* signals.c: what comes to this process, and the stops of the command. */

/* Reads the signals that have come, tells of them, and passes them on or acts on them. */
void take_signals(void);

/* Signals came after HELD was said, and so may have crossed the release. */
void pass_on_since_held(void);

/* Stops with a command that was stopped on a terminal. */
void follow_stop(void);

/* talk.c: what is told to the gateway, and to whoever reads descriptor 2. */

/* False: this caller can not be told. */
bool tell_hello(void);
void tell_number(uint8_t type, uint32_t number);
/* Tells what has no more to it than its type. */
void tell_word(uint8_t type);
void tell_not_executed(const struct failure *failure);
void tell_ended(void);
void tell_signal(const struct signal_info *info);
void say_in_time(struct bytes text);

/* Writes to descriptor 1, and tells how that went. */
void print_and_tell(struct bytes text);

#endif
