package dev.guard.cli.commands;

import dev.guard.command.LiveCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Orders live commands so that each stands below the one that it was started in. */
final class PsOrder {
  private PsOrder() {}

  /** Puts behind each command those that were started in it. */
  static List<LiveCommand> order(List<LiveCommand> live) {
    List<LiveCommand> tree = new ArrayList<>();
    live.stream().filter(l -> outer(l, live).isEmpty()).forEach(l -> addWithInner(l, live, tree));
    return tree;
  }

  private static void addWithInner(
      LiveCommand one, List<LiveCommand> live, List<LiveCommand> tree) {
    tree.add(one);
    live.stream()
        .filter(l -> outer(l, live).filter(one::equals).isPresent())
        .forEach(l -> addWithInner(l, live, tree));
  }

  /** The live command that this one was started in. */
  private static Optional<LiveCommand> outer(LiveCommand inner, List<LiveCommand> live) {
    Optional<String> id = inner.record().outer();
    return live.stream()
        .filter(l -> id.filter(l.record().id()::equals).isPresent())
        // A wrong environment could name the command itself, or one that was started later.
        .filter(l -> l.record().age().compareTo(inner.record().age()) > 0)
        .findFirst();
  }

  /** Draws the branch on which a command stands in the tree. */
  static String branch(LiveCommand one, List<LiveCommand> live) {
    String indent = indent(one, live);
    return indent.isEmpty() ? "" : indent.substring(2) + "\\_ ";
  }

  private static String indent(LiveCommand one, List<LiveCommand> live) {
    Optional<LiveCommand> outer = outer(one, live);
    return outer.isEmpty() ? "" : "  " + indent(outer.get(), live);
  }
}
