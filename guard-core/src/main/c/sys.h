/*
 * Linux itself, without a C library: system calls, the entry of the program, and the making of a
 * child on a stack of its own. What differs between x86-64 and aarch64 is in here alone.
 */
#ifndef GUARD_SYS_H
#define GUARD_SYS_H

#include <asm/errno.h>
#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Newer than the oldest headers that this is built with; the same everywhere. */
#ifndef __NR_clone3
#define __NR_clone3 435
#endif
#ifndef __NR_close_range
#define __NR_close_range 436
#endif
#ifndef __NR_faccessat2
#define __NR_faccessat2 439
#endif

/* A call answers -errno when it fails. */
#if defined __x86_64__

static inline long syscall6(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long answer;
  __asm__ volatile("syscall"
                   : "=a"(answer)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory");
  return answer;
}

/*
 * Runs a function that never returns in the child of a clone call, which takes two arguments here.
 * The child can have another stack, so nothing of this function may be used in it.
 */
static inline long clone_running(long number, long a, long b, void (*run)(void)) {
  register long r10 __asm__("r10") = 0;
  register long r8 __asm__("r8") = 0;
  /* Not one of the compiler's choice: that could be rbp, which is made the end of all frames. */
  register void (*r9)(void) __asm__("r9") = run;
  long answer;
  __asm__ volatile("syscall\n\t"
                   "test %%rax, %%rax\n\t"
                   "jnz 1f\n\t"
                   "xor %%ebp, %%ebp\n\t"
                   "and $-16, %%rsp\n\t"
                   "call *%%r9\n\t"
                   "hlt\n"
                   "1:"
                   : "=a"(answer)
                   : "a"(number), "D"(a), "S"(b), "d"(0), "r"(r10), "r"(r8), "r"(r9)
                   : "rcx", "r11", "memory", "cc");
  return answer;
}

/* The kernel begins a program with argc, argv, the environment and the auxiliary vector on the stack. */
#define ENTRY(main)                  \
  __asm__(".globl _start\n"          \
          "_start:\n\t"              \
          "xor %ebp, %ebp\n\t"       \
          "mov %rsp, %rdi\n\t"       \
          "and $-16, %rsp\n\t"       \
          "call " #main "\n\t"       \
          "hlt\n")

#elif defined __aarch64__

static inline long syscall6(long number, long a, long b, long c, long d, long e, long f) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  register long x3 __asm__("x3") = d;
  register long x4 __asm__("x4") = e;
  register long x5 __asm__("x5") = f;
  __asm__ volatile("svc #0"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "memory");
  return x0;
}

static inline long clone_running(long number, long a, long b, void (*run)(void)) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = 0;
  register long x3 __asm__("x3") = 0;
  register long x4 __asm__("x4") = 0;
  register void (*x5)(void) __asm__("x5") = run;
  __asm__ volatile("svc #0\n\t"
                   "cbnz x0, 1f\n\t"
                   "mov x29, xzr\n\t"
                   "blr x5\n\t"
                   "brk #0\n"
                   "1:"
                   : "+r"(x0)
                   : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                   : "x30", "memory", "cc");
  return x0;
}

#define ENTRY(main)            \
  __asm__(".globl _start\n"    \
          "_start:\n\t"        \
          "mov x29, xzr\n\t"   \
          "mov x30, xzr\n\t"   \
          "mov x0, sp\n\t"     \
          "bl " #main "\n\t"   \
          "brk #0\n")

#else
#error "guard's shim knows x86-64 and aarch64"
#endif

#define SYSCALL_OF(number, a, b, c, d, e, f, ...) \
  syscall6(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define SYSCALL(...) SYSCALL_OF(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)

/* Structures and numbers of the kernel's interface whose headers clash with one another. */
enum {
  SIG_HUP = 1,
  SIG_INT = 2,
  SIG_QUIT = 3,
  SIG_KILL = 9,
  SIG_USR1 = 10,
  SIG_USR2 = 12,
  SIG_PIPE = 13,
  SIG_ALRM = 14,
  SIG_TERM = 15,
  SIG_CHLD = 17,
  SIG_CONT = 18,
  SIG_STOP = 19,
  SIG_TSTP = 20,
  SIG_TTIN = 21,
  SIG_TTOU = 22,
  SIG_XCPU = 24,
  SIG_XFSZ = 25,
  SIG_WINCH = 28,
  LAST_OF_SIGNALS = 64
};

#define BIT(signal) (UINT64_C(1) << ((signal)-1))

/* What a terminal stops processes by. */
#define STOPS (BIT(SIG_TSTP) | BIT(SIG_TTIN) | BIT(SIG_TTOU))

struct kernel_sigaction {
  unsigned long handler;
  unsigned long flags;
  unsigned long restorer;
  uint64_t mask;
};

enum { DISPOSITION_DEFAULT = 0, DISPOSITION_IGNORE = 1 };
enum { MASK_BLOCK = 0, MASK_UNBLOCK = 1, MASK_SET = 2 };

struct signal_info {
  uint32_t signal;
  int32_t error;
  int32_t code;
  uint32_t pid;
  uint8_t rest[112];
};

/* siginfo_t as waitid(2) fills it. */
struct child_info {
  int32_t signal;
  int32_t error;
  int32_t code;
  int32_t padding;
  int32_t pid;
  uint32_t uid;
  int32_t status;
  uint8_t rest[100];
};

enum { FAMILY_UNIX = 1, TYPE_STREAM = 1 };

enum { CODE_USER = 0, CHILD_EXITED = 1, CHILD_KILLED = 2, CHILD_DUMPED = 3 };
enum { OF_ALL = 0, OF_PID = 1 };
enum {
  WAIT_NOHANG = 1,
  WAIT_STOPPED = 2,
  WAIT_EXITED = 4,
  WAIT_PEEK = 0x01000000
};

struct kernel_time {
  int64_t seconds;
  int64_t nanos;
};

struct usage {
  int64_t user_seconds;
  int64_t user_micros;
  int64_t system_seconds;
  int64_t system_micros;
  int64_t peak_kib;
  int64_t rest[13];
};

struct pollable {
  int fd;
  short events;
  short revents;
};

enum { POLL_IN = 1, POLL_OUT = 4 };

static inline void exit_now(int status) __attribute__((noreturn));
static inline void exit_now(int status) {
  for (;;) {
    SYSCALL(__NR_exit_group, status);
  }
}

static inline long sys_read(int fd, void *to, size_t size) { return SYSCALL(__NR_read, fd, to, size); }

static inline long sys_write(int fd, const void *from, size_t size) {
  return SYSCALL(__NR_write, fd, from, size);
}

static inline long sys_open(const char *path, int flags, int mode) {
  return SYSCALL(__NR_openat, AT_FDCWD, path, flags | O_CLOEXEC, mode);
}

static inline void close_if_open(int *fd) {
  if (*fd >= 0) {
    /* An error of close(2) leaves nothing to be done: the descriptor is gone. */
    SYSCALL(__NR_close, *fd);
  }
  *fd = -1;
}

static inline long send_signal(int pid, int signal) { return SYSCALL(__NR_kill, pid, signal); }

static inline void set_mask(int how, uint64_t set) {
  /* Fails for bad arguments only. */
  SYSCALL(__NR_rt_sigprocmask, how, &set, NULL, sizeof set);
}

static inline void set_disposition(int signal, unsigned long disposition) {
  struct kernel_sigaction action = {disposition, 0, 0, 0};
  /* Fails for KILL and STOP only, which have no other one. */
  SYSCALL(__NR_rt_sigaction, signal, &action, NULL, sizeof action.mask);
}

/* Looks at, or waits for, a child that has ended; answers 0, or -ECHILD where there is no child. */
static inline long wait_child(int of, int pid, struct child_info *info, int options,
                              struct usage *usage) {
  info->pid = 0;
  return SYSCALL(__NR_waitid, of, pid, info, options, usage);
}

/* Milliseconds that only grow. */
static inline uint64_t now_millis(void) {
  struct kernel_time time = {0, 0};
  SYSCALL(__NR_clock_gettime, 1, &time);
  return (uint64_t)time.seconds * 1000 + (uint64_t)time.nanos / 1000000;
}

/* Waits for one of these, at most so long; negative: for ever. */
static inline long poll_for(struct pollable *of, unsigned count, int64_t millis) {
  struct kernel_time time = {millis / 1000, millis % 1000 * 1000000};
  return SYSCALL(__NR_ppoll, of, count, millis < 0 ? NULL : &time, NULL, 0);
}

/* Memory that is the process's alone, zeros; NULL: there is none. */
static inline void *map_memory(size_t size) {
  long at = SYSCALL(__NR_mmap, NULL, size, 3, 0x22, -1, 0);
  return at < 0 && at > -4096 ? NULL : (void *)at;
}

static inline void unmap_memory(void *at, size_t size) {
  if (at != NULL) {
    SYSCALL(__NR_munmap, at, size);
  }
}

#endif
