package dev.guard.cli;

/** Runs guard on a host with cgroups, or as in a sandbox that has none. */
enum Cgroups {
  AS_THEY_ARE,
  NONE;

  GuardProcess on(GuardProcess guard) {
    return this == NONE ? guard.withoutCgroups() : guard;
  }
}
