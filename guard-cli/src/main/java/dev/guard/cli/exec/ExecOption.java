package dev.guard.cli.exec;

import dev.guard.config.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The options of {@code guard exec} are one table for the parser, --help and the manual page.
 *
 * @param name the option's name with its dashes
 * @param letter a short form with its dash, or empty
 * @param argument the argument that the option takes, or empty for a switch; in brackets when it
 *     can be left out
 * @param help one sentence
 * @param setting the setting that the option gives, if it is one
 */
public record ExecOption(
    String name, String letter, String argument, String help, Optional<Setting> setting) {
  static final String WAIT = "--wait";
  static final String DETACH = "--detach";
  static final String NAME = "--name";
  static final String FOREGROUND = "--foreground";
  static final String SIGNAL = "--signal";
  static final String REPORT = "--report";
  static final String VERBOSE = "--verbose";
  public static final String CONFIG = "--config";
  public static final String DIRECTORY = "--directory";
  public static final String SHARED_SERVER = "--shared-server";
  public static final List<ExecOption> ALL = all();

  /** Tells that the command runs in a window of this session; guard session run gives it. */
  public static final String WINDOW = "--session-window";

  /** The options that {@code guard exec} takes, with one that is no person's to give. */
  static final List<ExecOption> ACCEPTED = accepted();

  /** The options of {@code guard session start}. */
  public static final List<ExecOption> OF_SESSION = ofSession();

  private static List<ExecOption> ofSession() {
    List<ExecOption> options =
        new ArrayList<>(
            ALL.stream()
                .filter(
                    o ->
                        o.setting.isPresent()
                            || List.of(CONFIG, DIRECTORY, "--help").contains(o.name))
                .toList());
    options.add(
        options.size() - 1,
        new ExecOption(
            SHARED_SERVER,
            "",
            "",
            "Use the one tmux server for all such sessions, not one of its own.",
            Optional.empty()));
    return List.copyOf(options);
  }

  private static List<ExecOption> accepted() {
    List<ExecOption> accepted = new ArrayList<>(ALL);
    accepted.add(new ExecOption(WINDOW, "", "NAME", "", Optional.empty()));
    return List.copyOf(accepted);
  }

  private static List<ExecOption> all() {
    List<ExecOption> all = new ArrayList<>();
    all.add(
        of(
            Setting.TIMEOUT,
            "SECONDS",
            "End the command after this time, fractions allowed; 0: never."));
    all.add(of(Setting.KILL_AFTER, "SECONDS", "Time between TERM and KILL; 0: KILL at once."));
    all.add(of(Setting.PIDS_MAX, "N", "Tasks the command may have, threads count; 0: no limit."));
    all.add(
        of(
            Setting.OPEN_FILES,
            "N",
            "RLIMIT_NOFILE, soft and hard, never above what is inherited; 0: as inherited."));
    all.add(
        of(
            Setting.MEMORY_MAX,
            "SIZE",
            "Memory without swap: bytes, K, M, G, or a percentage of RAM; 0: no limit."));
    all.add(of(Setting.CPU_MAX, "CORES", "Processor cores it can use up, e.g. 1.5; 0: no limit."));
    all.add(
        of(
            Setting.CPU_TIME,
            "SECONDS",
            "End the command after this processor time of all its processes; 0: never."));
    all.add(
        of(
            Setting.MAX_PROCESSES,
            "N",
            "Refuse when the budget has this many live processes; 0: never."));
    all.add(
        of(
            Setting.USER_MAX_PROCESSES,
            "N",
            "Refuse when all budgets of the user have this many live processes; 0: never."));
    all.add(
        of(
            Setting.RATE_LIMIT,
            "N",
            "Starts per second in the budget before they are slowed down; 0: never."));
    all.add(
        of(
            Setting.MEMORY_OOM,
            "WHAT",
            "What ends at the limit of memory: group (all of the command) or process (one)."));
    all.add(of(Setting.BUDGET, "NAME", "The budget the command counts in."));
    all.add(
        of(
            Setting.PROFILE,
            "NAME",
            "The set of settings that is laid over the others: agent, one of your files, or none."));
    all.add(
        of(
            Setting.LEFTOVERS,
            "POLICY",
            "Processes that outlive the main one: kill, with-parent or keep."));
    all.add(
        of(Setting.REQUIRE, "LAYERS", "Layers, separated by commas, without which nothing runs."));
    all.add(
        of(
            Setting.DRIFT,
            "POLICY",
            "Processes that leave the command's cgroup: return (move them back) or kill."));
    all.add(
        of(
            Setting.GATEWAY,
            "MODE",
            "Whether a gateway serves the call: auto (when one listens), require or off."));
    all.add(
        of(
            Setting.MESSAGES,
            "LEVEL",
            "What guard says on stderr: quiet, outcome (what it did to the command) or all."));
    all.add(
        new ExecOption(
            CONFIG, "", "FILE", "Read this file in place of the usual ones.", Optional.empty()));
    all.add(
        new ExecOption(
            WAIT,
            "",
            "[=SECONDS]",
            "Where the budget is full, queue for a place, at most this long; else refuse.",
            Optional.empty()));
    all.add(
        new ExecOption(
            DETACH,
            "-d",
            "",
            "Print the command's id when it runs, and let it outlive guard; see guard ps and logs.",
            Optional.empty()));
    all.add(
        new ExecOption(
            NAME, "", "NAME", "Call the command so, in guard ps and others.", Optional.empty()));
    all.add(
        new ExecOption(
            DIRECTORY, "-C", "DIR", "Run the command in this directory.", Optional.empty()));
    all.add(
        new ExecOption(
            REPORT, "", "FILE|fd:N", "Write one JSON object about the command.", Optional.empty()));
    all.add(
        new ExecOption(
            SIGNAL,
            "-s",
            "SIGNAL",
            "Send this at the timeout in place of TERM: a name or a number.",
            Optional.empty()));
    all.add(
        new ExecOption(
            FOREGROUND,
            "",
            "",
            "Leave the command in the caller's process group, so that both can use the terminal.",
            Optional.empty()));
    all.add(
        new ExecOption(
            "--preserve-status",
            "",
            "",
            "After a timeout, exit as the command did, not with 124.",
            Optional.empty()));
    all.add(
        new ExecOption(
            VERBOSE,
            "-v",
            "",
            "As --messages all: print the receipt on stderr at the end.",
            Optional.empty()));
    all.add(new ExecOption("--help", "-h", "", "Print this help.", Optional.empty()));
    return List.copyOf(all);
  }

  private static ExecOption of(Setting setting, String argument, String help) {
    return new ExecOption(setting.flag(), "", argument, help, Optional.of(setting));
  }

  public boolean takesArgument() {
    return !argument.isEmpty();
  }

  /**
   * Answers whether an argument only counts when it is written with =, as part of the same word.
   */
  public boolean mayTakeArgument() {
    return argument.startsWith("[");
  }

  static Optional<ExecOption> find(List<ExecOption> among, String name) {
    return among.stream()
        .filter(o -> o.name.equals(name) || (!o.letter.isEmpty() && o.letter.equals(name)))
        .findFirst();
  }
}
