package dev.guard.cli;

import dev.guard.CommandResult.Survivor;
import dev.guard.exec.Commands;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Commands that somebody named on the command line, one after the other. */
final class References {
  private static final Pattern ID = Pattern.compile("[0-9a-f]{16}");

  private References() {}

  /** What is done with one of them. */
  interface Action {
    /** Answers an exit status. */
    int on(Commands.Found found) throws IOException;
  }

  /** What is done with one that is not known. */
  interface Unknown {
    /** Answers an exit status. */
    int on(String reference) throws IOException;
  }

  /**
   * Does it for each; a failure does not keep it from the others. Answers the last status that is
   * not 0.
   */
  static int each(Commands commands, List<String> references, Action action, Unknown unknown) {
    int status = 0;
    for (String reference : references) {
      int one;
      try {
        Optional<Commands.Found> found = commands.find(reference);
        one = found.isPresent() ? action.on(found.get()) : unknown.on(reference);
      } catch (IOException e) {
        Messages.print(e.getMessage());
        one = ExitCode.GUARD_ERROR;
      }
      status = one == 0 ? status : one;
    }
    return status;
  }

  static boolean isWholeId(String reference) {
    return ID.matcher(reference).matches();
  }

  static int refuse(String reference) {
    Messages.print("no command " + reference + " is known; guard ps --all lists those that are");
    return ExitCode.GUARD_ERROR;
  }

  /** Names who could not be ended. */
  static int tell(String id, List<Survivor> survivors) {
    for (Survivor s : survivors) {
      Messages.print(
          "command "
              + id
              + ": process "
              + s.pid()
              + " ("
              + s.command()
              + ") could not be ended; end it by hand");
    }
    return survivors.isEmpty() ? 0 : ExitCode.GUARD_ERROR;
  }
}
