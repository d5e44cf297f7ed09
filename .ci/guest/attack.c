/*
 * Attacks for the guest suite, each bounded by itself: by a count, and by a time after which every process of it ends.
 * Run them only inside a limit of tasks that was read back.
 *
 *   attack fork-bomb N           every process forks on until N forks; the first ends with 1 when the kernel refuses one
 *   attack threads N             starts threads until N; ends with 1 when the kernel refuses one
 *   attack daemon                leaves two daemons behind, the second without any environment, and ends with 0
 *   attack memory MIB            touches pages as fast as it can until MIB, then stays
 *   attack fds N                 opens files until N; ends with the errno of the first refusal
 *   attack cpu K SECONDS SHARE   K processes spin; ends with 0 when they got at most SHARE percent of one core, else spins on
 *   attack stubborn              ignores the polite signals, itself and in a session of its own
 *   attack fork-fast K           K chains in which every process forks its follower and ends
 *   attack sleep                 stays
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LIFE_SECONDS = 90 };

static double end_of_life;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what) {
  fprintf(stderr, "attack: %s: %s\n", what, strerror(errno));
  _exit(99);
}

static _Noreturn void stay(void) {
  for (double left; (left = end_of_life - now()) > 0;) {
    nanosleep(&(struct timespec){.tv_sec = (time_t)left, .tv_nsec = 1000000}, NULL);
  }
  _exit(98);
}

static int fork_bomb(int most) {
  atomic_int *forks = mmap(NULL, sizeof *forks, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (forks == MAP_FAILED) die("mmap");
  pid_t first = getpid();
  while (atomic_load(forks) < most && now() < end_of_life) {
    pid_t child = fork();
    if (child > 0) atomic_fetch_add(forks, 1);
    if (child < 0 && getpid() == first) {
      printf("fork refused: %s\n", strerror(errno));
      return 1;
    }
    if (child < 0) nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
  }
  stay();
}

static void *thread(void *unused) {
  (void)unused;
  stay();
}

static int threads(int most) {
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 64 * 1024);
  for (int i = 0; i < most; i++) {
    pthread_t t;
    int error = pthread_create(&t, &small, thread, NULL);
    if (error != 0) {
      printf("thread %d refused: %s\n", i, strerror(error));
      return 1;
    }
  }
  stay();
}

static void leave_daemon(char **environment) {
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) die("pipe");
  if (fork() == 0) {
    setsid();
    if (fork() == 0) {
      char self[4096] = {0};
      if (readlink("/proc/self/exe", self, sizeof self - 1) < 0) die("readlink");
      execve(self, (char *[]){self, "sleep", NULL}, environment);
      die("execve");
    }
    _exit(0);
  }
  close(ready[1]);
  char end;
  if (read(ready[0], &end, 1) != 0) die("read"); /* its end: both ends of the writers' side have gone at the exec */
  wait(NULL);
}

static int daemons(void) {
  extern char **environ;
  leave_daemon(environ);
  leave_daemon((char *[]){NULL});
  return 0;
}

static int memory(size_t mebibytes) {
  volatile char *all =
      mmap(NULL, mebibytes << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (all == MAP_FAILED) die("mmap");
  for (size_t i = 0; i < mebibytes << 20; i += 4096) all[i] = 1;
  stay();
}

static int fds(int most) {
  for (int count = 0; count < most; count++) {
    if (open("/dev/null", O_RDONLY) < 0) {
      int error = errno;
      printf("open refused after %d: %s\n", count, strerror(error));
      return error;
    }
  }
  stay();
}

static void spin_until(double end) {
  while (now() < end && now() < end_of_life) {
  }
}

static double cpu_of(int who) {
  struct rusage u;
  getrusage(who, &u);
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static int cpu(int processes, double seconds, double share) {
  double start = now();
  for (int i = 1; i < processes; i++) {
    if (fork() == 0) {
      spin_until(start + seconds);
      _exit(0);
    }
  }
  spin_until(start + seconds);
  while (wait(NULL) > 0) {
  }
  double took = now() - start;
  double got = cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN);
  printf("cpu %.2f of %.2f s\n", got, took);
  fflush(stdout);
  if (100 * got > share * took) spin_until(end_of_life);
  return 0;
}

static int stubborn(void) {
  signal(SIGTERM, SIG_IGN);
  signal(SIGINT, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  if (fork() == 0) setsid();
  stay();
}

static int fork_fast(int chains) {
  for (int i = 0; i < chains; i++) {
    if (fork() != 0) continue;
    while (now() < end_of_life) {
      if (i % 2 == 0) setsid();
      pid_t follower = fork();
      if (follower > 0) _exit(0);
    }
    _exit(98);
  }
  stay();
}

int main(int count, char **arguments) {
  const char *mode = count > 1 ? arguments[1] : "";
  double number[3] = {0};
  for (int i = 0; i < 3 && i + 2 < count; i++) number[i] = atof(arguments[i + 2]);
  end_of_life = now() + LIFE_SECONDS;
  if (!strcmp(mode, "fork-bomb")) return fork_bomb((int)number[0]);
  if (!strcmp(mode, "threads")) return threads((int)number[0]);
  if (!strcmp(mode, "daemon")) return daemons();
  if (!strcmp(mode, "memory")) return memory((size_t)number[0]);
  if (!strcmp(mode, "fds")) return fds((int)number[0]);
  if (!strcmp(mode, "cpu")) return cpu((int)number[0], number[1], number[2]);
  if (!strcmp(mode, "stubborn")) return stubborn();
  if (!strcmp(mode, "fork-fast")) return fork_fast((int)number[0]);
  if (!strcmp(mode, "sleep")) stay();
  fprintf(stderr, "attack: unknown mode %s\n", mode);
  return 2;
}
