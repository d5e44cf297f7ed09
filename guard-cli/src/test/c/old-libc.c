// For LD_PRELOAD: hides what glibc has had since 2.29 and 2.34 from who looks it up by name.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>

#ifdef __aarch64__
#define FIRST "GLIBC_2.17"
#else
#define FIRST "GLIBC_2.2.5"
#endif

void *dlsym(void *handle, const char *name) {
  static void *(*real)(void *, const char *);
  if (!real) real = dlvsym(RTLD_NEXT, "dlsym", FIRST);
  if (!strcmp(name, "posix_spawn_file_actions_addchdir_np") ||
      !strcmp(name, "posix_spawn_file_actions_addclosefrom_np"))
    return 0;
  return real(handle, name);
}
