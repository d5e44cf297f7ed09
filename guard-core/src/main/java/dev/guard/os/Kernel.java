package dev.guard.os;

/**
 * Holds the ways by which Guard talks to the kernel, handed down from whoever makes it.
 *
 * @param os system calls
 * @param procfs the proc file system
 * @param cgroupfs the files of cgroups
 */
public record Kernel(Os os, Procfs procfs, Cgroupfs cgroupfs) {
  /** Makes the kernel of this machine. */
  public static Kernel system() {
    return new Kernel(Os.linux(), Procfs.system(), Cgroupfs.system());
  }
}
