package dev.guard.cli.shared;

import dev.guard.command.Commands;
import dev.guard.command.FoundCommand;
import dev.guard.store.CommandId;
import dev.guard.value.Request;
import dev.guard.value.Result.Survivor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Finds commands that somebody named on the command line, and acts on each. */
public final class References {
  private References() {}

  /**
   * Holds a reference that was given, and the command that it leads to, if there is one.
   *
   * @param reference the reference as it was given
   * @param found the command that the reference leads to, if there is one
   */
  public record Named(String reference, Optional<FoundCommand> found) {}

  /** Checks whether an action may be taken on one of the commands. */
  public interface Precondition {
    /** Answers why the action may not be taken, and what to do; empty when it may. */
    Optional<String> problem(Named named) throws IOException;
  }

  /** Acts on one of the commands. */
  public interface ReferenceAction {
    /** Acts on the command, and answers an exit status. */
    int on(Named named) throws IOException;
  }

  /** Refuses a reference that leads to no command. */
  public static Optional<String> known(Named named) {
    return named.found().isPresent()
        ? Optional.empty()
        : Optional.of(
            "no command " + named.reference() + " is known; guard ps --all lists those that are");
  }

  /**
   * Looks all references up and checks them before anything is done with one: a word that leads to
   * nothing may have been meant for something else, as the 9 of kill -9. Empty when one was
   * refused, and the user has been told.
   */
  public static Optional<List<Named>> checked(
      Commands commands, List<String> references, Precondition check, Output output) {
    List<Named> all = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (String reference : references) {
      try {
        Named named = find(commands, reference);
        all.add(named);
        check.problem(named).ifPresent(problems::add);
      } catch (IOException e) {
        problems.add(e.getMessage());
      }
    }
    String others = references.size() > 1 ? "; nothing is done with any of them" : "";
    problems.forEach(p -> output.say(p + others));
    return problems.isEmpty() ? Optional.of(all) : Optional.empty();
  }

  private static Named find(Commands commands, String reference) throws IOException {
    if (!Request.isName(reference)) {
      // The text is no name and no id; the empty beginning would fit every id.
      throw new IOException(
          "\""
              + Texts.shown(reference)
              + "\""
              + " is no id and no name of a command, which begin with a letter or a digit; leave it out");
    }
    return new Named(reference, commands.find(reference));
  }

  /**
   * Acts on each command, when all of them have passed the check; a failure does not keep the
   * action from the others, but the end of whoever has called does. Answers the last status that is
   * not 0.
   */
  public static int each(
      Commands commands,
      List<String> references,
      Precondition check,
      ReferenceAction action,
      Output output) {
    Optional<List<Named>> all = checked(commands, references, check, output);
    int status = all.isPresent() ? 0 : ExitCode.GUARD_ERROR;
    for (Named named : all.orElse(List.of())) {
      if (!output.isHeard()) {
        // Whoever has called a gateway and was interrupted wants no more of it.
        break;
      }
      int one;
      try {
        one = action.on(now(commands, named));
      } catch (IOException e) {
        output.say(e.getMessage());
        one = ExitCode.GUARD_ERROR;
      }
      status = one == 0 ? status : one;
    }
    return status;
  }

  /**
   * Looks a command up once more, by its id: the actions on those before it took time, and its name
   * may be another's by now.
   */
  private static Named now(Commands commands, Named named) throws IOException {
    if (named.found().isEmpty()) {
      return named;
    }
    Optional<FoundCommand> fresh = commands.find(named.found().get().id());
    return new Named(named.reference(), fresh.or(named::found));
  }

  public static boolean isWholeId(String reference) {
    return CommandId.is(reference);
  }

  /** Names the processes that could not be ended, and answers the exit status. */
  public static int tell(String id, List<Survivor> survivors, Consumer<String> teller) {
    for (Survivor s : survivors) {
      teller.accept(
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
