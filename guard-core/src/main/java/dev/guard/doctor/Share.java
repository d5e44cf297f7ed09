package dev.guard.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;

/**
 * What commands may take at most of something that the machine has so much of.
 *
 * @param maximum where {@code most} comes from
 * @param most how much there is
 * @param percent of that which may be taken, so that enough is left for the rest of the host
 * @param show a quantity, for people
 */
record Share(Check check, String maximum, long most, int percent, LongFunction<String> show) {
  private static final long STEP = 1024;

  /**
   * The commands.
   *
   * @param count how many there are
   * @param sum what those with a limit may take together
   * @param unlimited how many have none
   * @param now what is taken now on the whole host, whoever by; 0: that does not matter
   */
  record Load(int count, long sum, int unlimited, long now) {
    /** What is taken now is not added: what the commands have of it would count twice. */
    long demand() {
      return Math.max(sum, now);
    }
  }

  /**
   * Passes up to the percentage, is a caution up to all there is, and fails above.
   *
   * @param remedy by a maximum that would be enough
   */
  Finding judge(Load load, LongFunction<Remedy> remedy, List<String> details) {
    String reason = reason(load);
    Finding finding;
    if (load.demand() <= allowed()) {
      finding = Finding.pass(check, "", reason);
    } else if (load.demand() <= most) {
      finding = Finding.caution(check, "", reason, remedy.apply(enough(load.demand())));
    } else {
      finding = Finding.fail(check, "", reason, remedy.apply(enough(load.demand())));
    }
    return finding.with(details);
  }

  private String reason(Load load) {
    List<String> parts = new ArrayList<>();
    parts.add(
        load.count() == 0
            ? "no command runs; " + maximum + " is " + show.apply(most)
            : load.count()
                + (load.count() == 1 ? " command" : " commands")
                + " may take "
                + show.apply(load.sum())
                + percentage(load.sum())
                + " of "
                + maximum
                + ", "
                + show.apply(most));
    if (load.unlimited() > 0) {
      parts.add("not counted, since they have no limit: " + load.unlimited() + " of them");
    }
    if (load.now() > 0) {
      parts.add("the whole host has " + show.apply(load.now()) + percentage(load.now()) + " now");
    }
    return String.join("; ", parts);
  }

  private String percentage(long part) {
    return String.format(Locale.ROOT, " (%.0f %%)", 100.0 * part / most);
  }

  long allowed() {
    return most / 100 * percent + most % 100 * percent / 100;
  }

  /** The smallest that this demand passes with, rounded up; Long.MAX_VALUE: there is none. */
  private long enough(long demand) {
    double least = Math.ceil(demand * (100.0 / percent) / STEP) * STEP;
    return least >= Long.MAX_VALUE - STEP ? Long.MAX_VALUE : (long) least + STEP;
  }
}
