/*
 * Times whole processes as a caller that costs nothing itself:
 *   processes turns ROUNDS PAUSE_MS COMMAND...   each in turn with the others; ratios to the first
 *   processes many CALLERS SECONDS COMMAND...    so many callers at once, commands a second, twice in turn; ratios to the first
 *   processes killed TIMES COMMAND               kills it, and waits until the cgroup of its child is empty
 * A COMMAND is one argument: words with single spaces between them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_WORDS = 64, MOST_COMMANDS = 8, WARM_UP = 200, TREE = 4 };

extern char **environ;

static void fail(const char *what) {
  fprintf(stderr, "processes: %s: %s\n", what, strerror(errno));
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void split(char *command, char **words) {
  int count = 0;
  for (char *word = strtok(command, " "); word != NULL && count < MOST_WORDS - 1; word = strtok(NULL, " ")) {
    words[count++] = word;
  }
  words[count] = NULL;
}

static pid_t spawn(char **words) {
  pid_t pid;
  errno = posix_spawnp(&pid, words[0], NULL, NULL, words, environ);
  if (errno != 0) {
    fail(words[0]);
  }
  return pid;
}

static double run(char **words) {
  double begin = now();
  int status;
  pid_t pid = spawn(words);
  if (waitpid(pid, &status, 0) != pid || status != 0) {
    fprintf(stderr, "processes: %s ended with wait status %d\n", words[0], status);
    exit(1);
  }
  return now() - begin;
}

static int compare(const void *one, const void *other) {
  double a = *(const double *)one, b = *(const double *)other;
  return a < b ? -1 : a > b;
}

static double *sorted(const double *values, int count) {
  double *copy = malloc(sizeof *copy * (size_t)count);
  memcpy(copy, values, sizeof *copy * (size_t)count);
  qsort(copy, (size_t)count, sizeof *copy, compare);
  return copy;
}

static void turns(int rounds, int pause, int count, char **commands) {
  static char *words[MOST_COMMANDS][MOST_WORDS];
  double *times[MOST_COMMANDS];
  for (int i = 0; i < count; i++) {
    split(commands[i], words[i]);
    times[i] = malloc(sizeof(double) * (size_t)rounds);
  }
  for (int round = -(pause == 0 ? WARM_UP : 20); round < rounds; round++) {
    for (int i = 0; i < count; i++) {
      if (pause > 0) {
        usleep((useconds_t)pause * 1000);
      }
      double time = run(words[i]);
      if (round >= 0) {
        times[i][round] = time;
      }
    }
  }
  for (int i = 0; i < count; i++) {
    double *ratios = malloc(sizeof(double) * (size_t)rounds);
    for (int round = 0; round < rounds; round++) {
      ratios[round] = times[i][round] / times[0][round];
    }
    double *order = sorted(times[i], rounds);
    printf("%9.2f ms %9.2f p90 %7.2f x   %s\n", order[rounds / 2], order[rounds * 9 / 10],
           sorted(ratios, rounds)[rounds / 2], words[i][0]);
  }
}

static double a_second(int callers, int seconds, char **words) {
  unsigned long *done = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  double begin = now();
  double end = begin + seconds * 1e3;
  for (int i = 0; i < callers; i++) {
    if (fork() == 0) {
      while (now() < end) {
        run(words);
        __atomic_add_fetch(done, 1, __ATOMIC_RELAXED);
      }
      _exit(0);
    }
  }
  int status;
  while (wait(&status) > 0) {
    if (status != 0) {
      exit(1);
    }
  }
  double rate = (double)*done * 1e3 / (now() - begin);
  munmap(done, 4096);
  return rate;
}

static void many(int callers, int seconds, int count, char **commands) {
  static char *words[MOST_COMMANDS][MOST_WORDS];
  double first = 0;
  for (int i = 0; i < count; i++) {
    split(commands[i], words[i]);
  }
  for (int turn = 0; turn < 2; turn++) {
    for (int i = 0; i < count; i++) {
      double rate = a_second(callers, seconds, words[i]);
      first = i == 0 ? rate : first;
      printf("%9.0f a second %7.2f x   %s\n", rate, rate / first, words[i][0]);
    }
  }
}

/* Reads a file of proc or of a cgroup; answers its size, or -1. */
static int slurp(const char *path, char *to, int size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return -1;
  }
  int got = (int)read(fd, to, (size_t)size - 1);
  close(fd);
  if (got >= 0) {
    to[got] = 0;
  }
  return got;
}

/* The file with the processes of the cgroup that guard has made for the only child of a process; false: not there yet. */
static int members_of_child(pid_t parent, char *path) {
  char name[64], text[8192];
  snprintf(name, sizeof name, "/proc/%d/task/%d/children", parent, parent);
  if (slurp(name, text, sizeof text) <= 0) {
    return 0;
  }
  snprintf(name, sizeof name, "/proc/%d/cgroup", atoi(text));
  if (slurp(name, text, sizeof text) <= 0) {
    return 0;
  }
  for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
    char *end = strstr(line, "/cmd_");
    char *controllers = strchr(line, ':') + 1;
    char *place = strchr(controllers, ':') + 1;
    if (end == NULL) {
      continue;
    }
    place[-1] = 0;
    const char *mount = *controllers == 0 ? "" : controllers;
    const char *roots[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
    for (int i = 0; i < 2; i++) {
      snprintf(path, PATH_MAX, "%s%s%s%s/cgroup.procs", roots[i], *mount == 0 ? "" : "/", mount, place);
      if (access(path, R_OK) == 0) {
        return 1;
      }
    }
  }
  return 0;
}

static int members(const char *path) {
  char text[8192];
  int count = 0;
  if (slurp(path, text, sizeof text) < 0) {
    return 0;
  }
  for (char *at = text; (at = strchr(at, '\n')) != NULL; at++) {
    count++;
  }
  return count;
}

static void killed(int times, char *command) {
  char *words[MOST_WORDS];
  double *millis = malloc(sizeof(double) * (size_t)times);
  split(command, words);
  for (int i = 0; i < times; i++) {
    char path[PATH_MAX];
    pid_t pid = spawn(words);
    while (!members_of_child(pid, path) || members(path) < TREE) {
      usleep(1000);
    }
    double begin = now();
    kill(pid, SIGKILL);
    while (members(path) > 0) {
    }
    millis[i] = now() - begin;
    waitpid(pid, NULL, 0);
  }
  double *order = sorted(millis, times);
  printf("%9.2f ms %9.2f p90 %9.2f most   until the tree was empty\n", order[times / 2], order[times * 9 / 10],
         order[times - 1]);
}

int main(int argc, char **argv) {
  if (argc >= 5 && argc <= 4 + MOST_COMMANDS && strcmp(argv[1], "turns") == 0) {
    turns(atoi(argv[2]), atoi(argv[3]), argc - 4, argv + 4);
  } else if (argc >= 5 && argc <= 4 + MOST_COMMANDS && strcmp(argv[1], "many") == 0) {
    many(atoi(argv[2]), atoi(argv[3]), argc - 4, argv + 4);
  } else if (argc == 4 && strcmp(argv[1], "killed") == 0) {
    killed(atoi(argv[2]), argv[3]);
  } else {
    fprintf(stderr, "processes: see the head of its source\n");
    return 2;
  }
  return 0;
}
