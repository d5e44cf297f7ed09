package dev.guard;

/** The ways to treat processes of a command that outlive its main process. */
public enum Leftovers {
  /** They are ended. */
  KILL,
  /** They live no longer than the process that called Guard. */
  WITH_PARENT,
  /** They stay, inside their limits. */
  KEEP
}
