package dev.guard.cli.setup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Makes all changes of one agent, or none.
 *
 * @param backups where the old texts are kept
 */
record Changes(Backups backups) {
  void make(List<Change> changes) throws IOException {
    for (Change change : changes) {
      if (change.isVisible()) {
        SettingsFile.checkWritable(change.path());
      }
    }
    Deque<Begun> begun = new ArrayDeque<>();
    try {
      for (Change change : changes) {
        begun.push(new Begun(change, backups.load(change.path())));
        make(change);
      }
      if (changes.stream().anyMatch(c -> c.to().isEmpty())) {
        backups.removeEmptyFolders();
      }
    } catch (IOException e) {
      for (Begun change : begun) {
        takeBack(change, e);
      }
      backups.removeEmptyFolders();
      throw e;
    }
  }

  /** A change that may have been made, with the backup from before it. */
  private record Begun(Change change, Optional<Backup> backup) {}

  private void make(Change change) throws IOException {
    Path path = change.path();
    if (change.isVisible() && !SettingsFile.read(path).equals(change.from())) {
      throw new IOException(path + " was changed by another program just now; try again");
    }
    if (change.to().isEmpty()) {
      Files.deleteIfExists(path);
    } else if (change.isVisible()) {
      String mode = change.file().mode();
      backups.addFolders(SettingsFile.makeFolders(path, mode));
      if (change.backup().isPresent()) {
        backups.save(path, change.backup().get());
      }
      SettingsFile.write(path, change.to().get(), mode);
    } else if (change.backup().isPresent()) {
      backups.save(path, change.backup().get());
    }
    if (change.backup().isEmpty()) {
      backups.remove(path);
    }
  }

  /** Puts back what was there. */
  private void takeBack(Begun begun, IOException why) {
    Change change = begun.change();
    try {
      if (change.isVisible() && SettingsFile.read(change.path()).equals(change.to())) {
        if (change.from().isPresent()) {
          SettingsFile.write(change.path(), change.from().get(), change.file().mode());
        } else {
          Files.deleteIfExists(change.path());
        }
      }
      if (begun.backup().isPresent()) {
        backups.save(change.path(), begun.backup().get());
      } else {
        backups.remove(change.path());
      }
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }
}
