package dev.guard.bench;

/** The least that a Java program can cost: what {@link WholeProcess} compares guard with. */
final class Empty {
  private Empty() {}

  /** Does nothing. */
  public static void main(String[] args) {}
}
