package dev.guard;

/** Names the ways to treat processes of a command that outlive its main process. */
public enum Leftovers {
  /** Leftovers are ended. */
  KILL,
  /** Leftovers live no longer than the process that called Guard. */
  WITH_PARENT,
  /** Leftovers stay, inside their limits. */
  KEEP
}
