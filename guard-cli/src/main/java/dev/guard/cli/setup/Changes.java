package dev.guard.cli.setup;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
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
    } catch (IOException e) {
      for (Begun change : begun) {
        takeBack(change, e);
      }
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
      int mode = change.file().mode();
      List<Path> made = SettingsFile.makeFolders(path, mode);
      if (change.backup().isPresent()) {
        backups.save(path, withFolders(change.backup().get(), made));
      }
      SettingsFile.write(path, change.to().get(), mode);
    } else if (change.backup().isPresent()) {
      backups.save(path, change.backup().get());
    }
    if (change.backup().isEmpty()) {
      removeFolders(backups.load(path));
      backups.remove(path);
    }
  }

  private static Backup withFolders(Backup backup, List<Path> made) {
    List<Path> folders = new ArrayList<>(backup.folders());
    folders.removeAll(made);
    folders.addAll(made);
    return new Backup(backup.agents(), backup.existed(), folders, backup.before(), backup.after());
  }

  /** Removes the folders that setup has made, where nobody has put anything into them. */
  private static void removeFolders(Optional<Backup> backup) throws IOException {
    List<Path> folders = backup.map(Backup::folders).orElse(List.of());
    for (int i = folders.size() - 1; i >= 0; i--) {
      try {
        Files.deleteIfExists(folders.get(i));
      } catch (DirectoryNotEmptyException e) {
        return;
      }
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
        removeFolders(backups.load(change.path()));
        backups.remove(change.path());
      }
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }
}
