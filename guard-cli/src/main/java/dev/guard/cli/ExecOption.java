package dev.guard.cli;

import dev.guard.config.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The options of {@code guard exec}: one table for the parser, --help and the manual page.
 *
 * @param name with its dashes
 * @param letter a short form with its dash, or empty
 * @param argument what it takes, or empty for a switch; in brackets when it can be left out
 * @param help one sentence
 * @param setting the setting it gives, if it is one
 */
record ExecOption(
    String name, String letter, String argument, String help, Optional<Setting> setting) {
  static final String WAIT = "--wait";
  static final String DETACH = "--detach";
  static final String NAME = "--name";
  static final String FOREGROUND = "--foreground";
  static final String SIGNAL = "--signal";
  static final String VERBOSE = "--verbose";
  static final String CONFIG = "--config";
  static final String DIRECTORY = "--directory";
  static final String SHARED_SERVER = "--shared-server";
  static final List<ExecOption> ALL = all();

  /** Those of {@code guard session start}. */
  static final List<ExecOption> OF_SESSION = ofSession();

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
    all.add(of(Setting.BUDGET, "NAME", "The budget the command counts in."));
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
            "auto, require or off; there is no gateway yet, so auto means off."));
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
            "--report",
            "",
            "FILE|fd:N",
            "Write one JSON object about the command.",
            Optional.empty()));
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

  boolean takesArgument() {
    return !argument.isEmpty();
  }

  /** Whether an argument only counts when it is written with =, as part of the same word. */
  boolean mayTakeArgument() {
    return argument.startsWith("[");
  }

  static Optional<ExecOption> find(List<ExecOption> among, String name) {
    return among.stream()
        .filter(o -> o.name.equals(name) || (!o.letter.isEmpty() && o.letter.equals(name)))
        .findFirst();
  }

  /** The text of --help of guard exec. */
  static String usage() {
    return usage(
            "guard exec [OPTION]... [--] COMMAND [ARGUMENT]...",
            "Runs COMMAND inside limits, ends it on time, and leaves nothing of it behind.",
            ALL)
        + "\nExit status: the command's own; 128+N: signal N ended it; 124: timeout; 125: guard could not do\n"
        + "its job; 126: not executable; 127: not found; 75: refused by a limit, nothing was run, try later.\n";
  }

  /** The text of --help of guard session start. */
  static String usageOfSession() {
    return usage(
            "guard session start NAME [OPTION]... -- COMMAND [ARGUMENT]...",
            "Runs COMMAND inside limits on a terminal of its own, which outlives the caller, and prints its id.",
            OF_SESSION)
        + "\nWithout --timeout a session has none; its budget is session-NAME unless --budget names one.\n"
        + "\nExit status: 0 when the command runs; else as guard exec has it: 125, 126, 127 or 75.\n";
  }

  private static String usage(String synopsis, String description, List<ExecOption> options) {
    StringBuilder text = new StringBuilder();
    text.append("Usage: ").append(synopsis).append("\n\n");
    text.append(description).append("\n\nOptions:\n");
    for (ExecOption o : options) {
      String left =
          (o.letter.isEmpty() ? "    " : o.letter + ", ")
              + o.name
              + (o.takesArgument() && !o.mayTakeArgument() ? " " : "")
              + o.argument;
      text.append(String.format("  %-30s %s%n", left, o.help));
    }
    return text.toString();
  }
}
