package dev.guard.command;

import dev.guard.record.CommandRecord;
import dev.guard.record.EndedCommand;
import dev.guard.record.History;
import dev.guard.store.FileLock;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** This class looks for a command by what somebody calls it. */
final class CommandSearch {
  private static final int SHOWN = 5;

  private final Commands commands;
  private final History history;
  private final Consumer<String> notices;

  CommandSearch(Commands commands, History history, Consumer<String> notices) {
    this.commands = commands;
    this.history = history;
    this.notices = notices;
  }

  /**
   * Looks for a command by its id, the beginning of that, or its name. A name means a live command
   * rather than one that has ended.
   *
   * @throws AmbiguousReferenceException when the reference could mean several commands
   */
  Optional<FoundCommand> find(String reference) throws IOException {
    List<FoundCommand> all = new ArrayList<>();
    asFarAsItCanBeRead(
        () -> {
          for (CommandRecord r : commands.records()) {
            all.add(new FoundCommand(r.id(), r.name(), Optional.of(r), Optional.empty(), false));
          }
        });
    int live = all.size();
    asFarAsItCanBeRead(
        () -> {
          for (EndedCommand e : commands.ended()) {
            // The last command comes first: it has the name.
            all.add(
                live, new FoundCommand(e.id(), e.name(), Optional.empty(), Optional.of(e), true));
          }
        });
    Optional<FoundCommand> found = exactly(reference, all);
    if (found.isEmpty()) {
      found = byPrefix(reference, all);
    }
    return found.isPresent() ? found : inHistory(reference);
  }

  /**
   * Looks in one place; a place that can not be read is only a notice, since the command may be
   * found in the next, and must be found to be ended.
   */
  private void asFarAsItCanBeRead(FileLock.LockedAction step) {
    try {
      step.run();
    } catch (IOException e) {
      notices.accept(e.getMessage());
    }
  }

  private static Optional<FoundCommand> exactly(String reference, List<FoundCommand> all) {
    return all.stream()
        .filter(f -> f.id().equals(reference) || f.name().filter(reference::equals).isPresent())
        .findFirst();
  }

  private static Optional<FoundCommand> byPrefix(String prefix, List<FoundCommand> all)
      throws AmbiguousReferenceException {
    List<FoundCommand> found = all.stream().filter(f -> f.id().startsWith(prefix)).toList();
    if (found.size() > 1) {
      throw new AmbiguousReferenceException(
          prefix, found.stream().map(FoundCommand::id).limit(SHOWN).toList());
    }
    return found.stream().findFirst();
  }

  private Optional<FoundCommand> inHistory(String reference) throws IOException {
    // Every line may have the text, but only the last command of a name is asked for, and few of a
    // prefix.
    Deque<FoundCommand> exact = new ArrayDeque<>();
    Deque<FoundCommand> byPrefix = new ArrayDeque<>();
    asFarAsItCanBeRead(
        () ->
            history.read(
                reference,
                e -> {
                  FoundCommand found = inHistory(e);
                  if (exactly(reference, List.of(found)).isPresent()) {
                    exact.clear();
                    exact.addFirst(found);
                  } else if (e.id().startsWith(reference)) {
                    byPrefix.addFirst(found);
                    if (byPrefix.size() > SHOWN) {
                      byPrefix.removeLast();
                    }
                  }
                }));
    return exact.isEmpty()
        ? byPrefix(reference, List.copyOf(byPrefix))
        : Optional.of(exact.getFirst());
  }

  private static FoundCommand inHistory(EndedCommand e) {
    return new FoundCommand(e.id(), e.name(), Optional.empty(), Optional.of(e), false);
  }
}
