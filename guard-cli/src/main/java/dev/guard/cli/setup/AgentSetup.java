package dev.guard.cli.setup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Thinks out what has to change for one agent, and changes nothing.
 *
 * @param agent its name
 * @param files of it
 * @param backups what is known of files that were edited before
 */
record AgentSetup(String agent, List<AgentFile> files, Backups backups) {
  /** What is to be done, and what is to be said about it, one line each. */
  record Plan(List<Change> changes, List<String> remarks) {}

  /** Tells whether every file has what it needs. */
  boolean isDone() throws IOException {
    for (AgentFile file : files) {
      Optional<String> text = SettingsFile.read(file.path());
      if (text.isEmpty() || !applied(file, text.get()).equals(text.get())) {
        return false;
      }
    }
    return true;
  }

  Plan toSetUp() throws IOException {
    List<Change> changes = new ArrayList<>();
    for (AgentFile file : files) {
      Optional<String> now = SettingsFile.read(file.path());
      Optional<Backup> known = backups.load(file.path());
      String after = applied(file, now.orElse(""));
      if (now.isEmpty() || !after.equals(now.get())) {
        Backup backup = before(file, now, known, after).with(agent);
        changes.add(new Change(file, now, Optional.of(after), Optional.of(backup)));
      } else if (known.isPresent() && !known.get().agents().contains(agent)) {
        changes.add(new Change(file, now, now, known.map(b -> b.with(agent))));
      }
    }
    return new Plan(changes, List.of());
  }

  /** Answers what undo goes back to: never to a text that has an older edit of Guard in it. */
  private Backup before(AgentFile file, Optional<String> now, Optional<Backup> known, String after)
      throws IOException {
    if (known.isEmpty() || now.isEmpty()) {
      List<String> agents = known.map(Backup::agents).orElse(List.of());
      return new Backup(agents, now.isPresent(), now.orElse(""), after);
    }
    Backup old = known.get();
    boolean untouched = now.get().equals(old.after());
    String before =
        untouched
            ? old.before()
            : edited(file, () -> file.revert(now.get(), old.before(), old.after()));
    boolean existed = old.existed() || !untouched;
    return new Backup(old.agents(), existed, before, after);
  }

  Plan toUndo() throws IOException {
    List<Change> changes = new ArrayList<>();
    List<String> remarks = new ArrayList<>();
    for (AgentFile file : files) {
      Optional<String> now = SettingsFile.read(file.path());
      Optional<Backup> known = backups.load(file.path());
      List<String> others = known.map(b -> b.without(agent).agents()).orElse(List.of());
      if (!others.isEmpty()) {
        if (known.get().agents().contains(agent)) {
          changes.add(new Change(file, now, now, known.map(b -> b.without(agent))));
          remarks.add(file.path() + " stays as it is for " + String.join(", ", others));
        }
        continue;
      }
      Optional<String> then = now.isEmpty() ? now : without(file, now.get(), known);
      boolean touched = known.isPresent() && !now.equals(known.map(Backup::after));
      if (touched) {
        remarks.add(
            file.path()
                + " was changed since: "
                + (then.equals(now)
                    ? "nothing that Guard has put in is there any more"
                    : "only what Guard has put in was taken out"));
      }
      if (known.isPresent() || !then.equals(now)) {
        changes.add(new Change(file, now, then, Optional.empty()));
      }
    }
    return new Plan(changes, remarks);
  }

  private Optional<String> without(AgentFile file, String now, Optional<Backup> known)
      throws IOException {
    if (known.filter(b -> b.after().equals(now)).isPresent()) {
      return known.filter(Backup::existed).map(Backup::before);
    }
    String left =
        edited(
            file,
            () ->
                known.isPresent()
                    ? file.revert(now, known.get().before(), known.get().after())
                    : file.revert(now));
    boolean gone =
        !left.equals(now)
            && known.filter(Backup::existed).isEmpty()
            && left.strip().matches("|\\{\\s*\\}");
    return gone ? Optional.empty() : Optional.of(left);
  }

  private String applied(AgentFile file, String text) throws IOException {
    return edited(file, () -> file.apply(text));
  }

  private interface Editing {
    String run() throws SyntaxException;
  }

  private static String edited(AgentFile file, Editing editing) throws IOException {
    try {
      return editing.run();
    } catch (SyntaxException e) {
      throw new IOException(
          file.path() + ":" + e.line() + ": " + e.getMessage() + "; " + remedy(file), e);
    }
  }

  private static String remedy(AgentFile file) {
    return file.format() instanceof LauncherText
        ? "give it another name, or start it as docs/agents.md says"
        : "repair it, then try again";
  }

  /** Fails where a file of a project is a link that leads out of it. */
  void requireInside(Path project) throws IOException {
    for (AgentFile file : files) {
      Path there = file.path();
      while (!Files.exists(there)) {
        there = there.getParent();
      }
      if (!there.toRealPath().startsWith(project.toRealPath())) {
        throw new IOException(
            file.path() + " leads out of the project, to " + there.toRealPath() + "; remove it");
      }
    }
  }
}
