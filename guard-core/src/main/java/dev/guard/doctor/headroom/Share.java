package dev.guard.doctor.headroom;

import dev.guard.doctor.finding.Check;
import dev.guard.doctor.finding.Finding;
import dev.guard.doctor.finding.Remedy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;

/**
 * Judges how much commands may take of one quantity of the machine.
 *
 * @param maximum the setting of the kernel that {@code most} comes from
 * @param most how much of the quantity there is
 * @param percent the percentage that may be taken, so that enough is left for the rest of the host
 * @param show a quantity, for people
 */
record Share(Check check, String maximum, long most, int percent, LongFunction<String> show) {
  private static final long STEP = 1024;

  private static final Remedy LIMIT_ALL =
      new Remedy.Advice(
          "Give every command a limit: memory_max, pids_max and open_files in the settings, or one"
              + " for a cgroup above them.");

  /**
   * Holds the load that commands put on the machine.
   *
   * @param count the number of commands
   * @param sum the amount that commands with a limit may take together
   * @param unlimited the number of commands without a limit
   * @param now the amount that is taken now on the whole host, by whomever; 0: that does not matter
   */
  record Load(int count, long sum, int unlimited, long now) {}

  /**
   * Answers how much may be taken together. Commands without a limit may take all of it. The amount
   * taken now is not added: the commands' part of that would count twice.
   */
  private long demand(Load load) {
    return Math.max(ofCommands(load), load.now());
  }

  private long ofCommands(Load load) {
    return load.unlimited() > 0 ? Math.max(load.sum(), most) : load.sum();
  }

  /**
   * Passes a load up to the percentage, makes it a caution up to all there is, and fails it above.
   *
   * @param remedy the remedy that raises the maximum to one that would be enough
   */
  Finding judge(Load load, LongFunction<Remedy> remedy, List<String> details) {
    String reason = reason(load);
    long demand = demand(load);
    if (demand <= allowed()) {
      return Finding.pass(check, "", reason).with(details);
    }
    Remedy enough = load.unlimited() > 0 ? LIMIT_ALL : remedy.apply(enough(demand));
    Finding finding =
        demand <= most
            ? Finding.caution(check, "", reason, enough)
            : Finding.fail(check, "", reason, enough);
    return finding.with(details);
  }

  private String reason(Load load) {
    List<String> parts = new ArrayList<>();
    long sum = ofCommands(load);
    parts.add(
        load.count() == 0
            ? "no command runs; " + maximum + " is " + show.apply(most)
            : load.count()
                + (load.count() == 1 ? " command" : " commands")
                + " may take "
                + show.apply(sum)
                + percentage(sum)
                + " of "
                + maximum
                + ", "
                + show.apply(most));
    if (load.unlimited() > 0) {
      parts.add("all of it, since they have no limit: " + load.unlimited() + " of them");
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

  /**
   * Answers the smallest maximum that this demand passes with, rounded up; Long.MAX_VALUE when
   * there is none.
   */
  private long enough(long demand) {
    double least = Math.ceil(demand * (100.0 / percent) / STEP) * STEP;
    return least >= Long.MAX_VALUE - STEP ? Long.MAX_VALUE : (long) least + STEP;
  }
}
