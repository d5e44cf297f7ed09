package dev.guard.cli.exec;

import java.util.List;

/** Writes the text of --help, which must not load a library, out of the table of options. */
public final class ExecHelp {
  private ExecHelp() {}

  /** The text of --help of guard exec. */
  public static String exec() {
    return usage(
            "guard exec [OPTION]... [--] COMMAND [ARGUMENT]...",
            "Runs COMMAND inside limits, ends it on time, and leaves nothing of it behind.",
            ExecOption.ALL)
        + "\nExit status: the command's own; 128+N: signal N ended it; 124: timeout; 125: guard could not do\n"
        + "its job; 126: not executable; 127: not found; 75: refused by a limit, nothing was run, try later.\n";
  }

  /** The text of --help of guard session start. */
  public static String sessionStart() {
    return usage(
            "guard session start NAME [OPTION]... -- COMMAND [ARGUMENT]...",
            "Runs COMMAND inside limits on a terminal of its own, which outlives the caller, and prints its id.",
            ExecOption.OF_SESSION)
        + "\nWithout --timeout a session has none; its budget is session-NAME unless --budget names one.\n"
        + "\nExit status: 0 when the command runs; else as guard exec has it: 125, 126, 127 or 75.\n";
  }

  private static String usage(String synopsis, String description, List<ExecOption> options) {
    StringBuilder text = new StringBuilder();
    text.append("Usage: ").append(synopsis).append("\n\n");
    text.append(description).append("\n\nOptions:\n");
    for (ExecOption o : options) {
      String left =
          (o.letter().isEmpty() ? "    " : o.letter() + ", ")
              + o.name()
              + (o.takesArgument() && !o.mayTakeArgument() ? " " : "")
              + o.argument();
      text.append(String.format("  %-30s %s%n", left, o.help()));
    }
    return text.toString();
  }
}
