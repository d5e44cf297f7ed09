package dev.guard.gateway;

import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Reads the arguments of shims that have more than the first message holds, where the kernel keeps
 * them, and bounds what they cost: they stay in memory as long as their command lives.
 */
public final class LongArguments {
  /** The most that the arguments of one call may cost, in bytes. */
  public static final long MOST_OF_ONE = 1 << 20;

  private static final long MOST_OF_ALL = 4 * MOST_OF_ONE;
  // What is kept of each beside its bytes.
  private static final long COST_OF_WORD = 64;

  private final Procfs procfs;
  private final long mostOfOne;
  private final long mostOfAll;
  private long taken;

  private LongArguments(Procfs procfs, long mostOfOne, long mostOfAll) {
    this.procfs = procfs;
    this.mostOfOne = mostOfOne;
    this.mostOfAll = mostOfAll;
  }

  /** Reads those of any shim. */
  public static LongArguments bounded(Procfs procfs) {
    return new LongArguments(procfs, MOST_OF_ONE, MOST_OF_ALL);
  }

  /** Reads those of the only shim of this process, as many as the kernel has let it have. */
  public static LongArguments unbounded(Procfs procfs) {
    return new LongArguments(procfs, Long.MAX_VALUE, Long.MAX_VALUE);
  }

  /** Holds all arguments of one call, which count until this is closed. */
  public final class Words implements AutoCloseable {
    private final List<OsString> all;
    private long cost;

    private Words(List<OsString> all, long cost) {
      this.all = all;
      this.cost = cost;
    }

    /** Answers all arguments. */
    public List<OsString> all() {
      return all;
    }

    /** Gives its place back. A second call has no effect. */
    @Override
    public void close() {
      synchronized (LongArguments.this) {
        taken -= cost;
        cost = 0;
      }
    }
  }

  /** Takes the arguments of a call; empty: they are more than there is room for. */
  public Optional<Words> of(ShimConnection shim, Hello hello) throws IOException {
    return hello.isWhole() ? Optional.of(new Words(hello.arguments(), 0)) : read(shim, hello);
  }

  /** Reads one after the other, so that no more than one is in memory that has no place. */
  private synchronized Optional<Words> read(ShimConnection shim, Hello hello) throws IOException {
    if (hello.argumentCount() > mostOfOne / COST_OF_WORD || taken >= mostOfAll) {
      return Optional.empty();
    }
    List<OsString> all = procfs.arguments(shim.process().pid()).orElse(List.of());
    List<OsString> told = hello.arguments();
    if (all.size() != hello.argumentCount() || !all.subList(0, told.size()).equals(told)) {
      throw new IOException("the arguments of process " + shim.process().pid() + " have changed");
    }
    long cost = all.stream().mapToLong(word -> word.length() + COST_OF_WORD).sum();
    if (cost > mostOfOne || taken + cost > mostOfAll) {
      return Optional.empty();
    }
    taken += cost;
    return Optional.of(new Words(all, cost));
  }
}
