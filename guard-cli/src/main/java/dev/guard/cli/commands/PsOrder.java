package dev.guard.cli.commands;

import dev.guard.command.LiveCommand;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Orders live commands so that each stands below the one that it was started in. */
final class PsOrder {
  private final Map<String, LiveCommand> byId = new HashMap<>();
  private final Map<String, List<LiveCommand>> inner = new HashMap<>();
  private final List<LiveCommand> ordered = new ArrayList<>();

  /** Orders these commands. */
  PsOrder(List<LiveCommand> live) {
    live.forEach(l -> byId.put(l.record().id(), l));
    List<LiveCommand> outermost = new ArrayList<>();
    for (LiveCommand one : live) {
      outer(one)
          .map(outer -> inner.computeIfAbsent(outer.record().id(), id -> new ArrayList<>()))
          .orElse(outermost)
          .add(one);
    }
    outermost.forEach(this::addWithInner);
  }

  private void addWithInner(LiveCommand one) {
    ordered.add(one);
    inner.getOrDefault(one.record().id(), List.of()).forEach(this::addWithInner);
  }

  /** Answers the live command that this one was started in. */
  private Optional<LiveCommand> outer(LiveCommand one) {
    return one.record()
        .outer()
        .map(byId::get)
        // A wrong environment could name the command itself, or one that was started later.
        .filter(l -> l.record().age().compareTo(one.record().age()) > 0);
  }

  /** Lists the commands, behind each those that were started in it. */
  List<LiveCommand> ordered() {
    return ordered;
  }

  /** Draws the branch on which a command stands in the tree. */
  String branch(LiveCommand one) {
    String indent = indent(one);
    return indent.isEmpty() ? "" : indent.substring(2) + "\\_ ";
  }

  private String indent(LiveCommand one) {
    return outer(one).map(outer -> "  " + indent(outer)).orElse("");
  }
}
