// LD_PRELOAD: once the file CRASH_WHEN exists, a JVM in whose environment it is reads address 0.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *wait_and_crash(void *file) {
  while (access(file, F_OK) != 0) {
    usleep(10000);
  }
  return (void *)(long)*(volatile char *)0;
}

__attribute__((constructor)) static void begin(void) {
  char name[16] = "";
  FILE *comm = fopen("/proc/self/comm", "r");
  char *file = getenv("CRASH_WHEN");
  pthread_t thread;
  if (comm && fgets(name, sizeof name, comm) && strcmp(name, "java\n") == 0 && file) {
    pthread_create(&thread, NULL, wait_and_crash, file);
  }
  if (comm) {
    fclose(comm);
  }
}
