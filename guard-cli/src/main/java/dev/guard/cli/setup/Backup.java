package dev.guard.cli.setup;

import java.util.ArrayList;
import java.util.List;

/**
 * What setup remembers of a file that it has edited.
 *
 * @param agents those that it was edited for, by name
 * @param existed whether there was a file before
 * @param before its text before the edit; empty where there was no file
 * @param after its text after the edit
 */
record Backup(List<String> agents, boolean existed, String before, String after) {
  Backup {
    agents = List.copyOf(agents);
  }

  /** Answers this with one more agent. */
  Backup with(String agent) {
    List<String> more = new ArrayList<>(agents);
    more.remove(agent);
    more.add(agent);
    return new Backup(more, existed, before, after);
  }

  /** Answers this without an agent. */
  Backup without(String agent) {
    List<String> less = new ArrayList<>(agents);
    less.remove(agent);
    return new Backup(less, existed, before, after);
  }
}
