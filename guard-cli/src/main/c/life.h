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

struct life {
  struct caller caller;
  struct gateway gateway;
  struct child child;
  struct report report;
  struct terminal terminal;
  enum phase phase;
  bool granted;
  bool opened;
  /* An answer to HELD that can be on its way, though the child has died. */
  bool crossing;
  /* Signals since HELD was said: the gateway releases without knowing of them. */
  uint64_t since_held;
  int late;
  int wait_status;
  uint64_t released_at;
  /* When this process went on after it was stopped beyond the deadline; 0: it was not. */
  uint64_t overslept;
  /* The gateway is gone, or does not answer: nobody else ends the command. */
  bool alone;
  bool silent;
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
void tell_executed(void);
void tell_not_executed(const struct failure *failure);
void tell_ended(const struct usage *usage);
void tell_signal(const struct signal_info *info);
void say_in_time(struct bytes text);

#endif
