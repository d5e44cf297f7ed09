package dev.guard.cli.setup;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What setup remembers of a file that it has edited.
 *
 * @param agents those that it was edited for, by name
 * @param existed whether there was a file before
 * @param folders that were made for it, the outermost first
 * @param before its text before the edit; empty where there was no file
 * @param after its text after the edit
 */
record Backup(
    List<String> agents, boolean existed, List<Path> folders, String before, String after) {
  Backup {
    agents = List.copyOf(agents);
    folders = List.copyOf(folders);
  }

  /** Answers this with one more agent. */
  Backup with(String agent) {
    List<String> more = new ArrayList<>(agents);
    more.remove(agent);
    more.add(agent);
    return new Backup(more, existed, folders, before, after);
  }

  /** Answers this without an agent. */
  Backup without(String agent) {
    List<String> less = new ArrayList<>(agents);
    less.remove(agent);
    return new Backup(less, existed, folders, before, after);
  }
}
