package dev.guard.command;

import dev.guard.os.Os;
import dev.guard.os.OwnFiles;
import dev.guard.record.CommandRecord;
import dev.guard.record.EndedCommand;
import dev.guard.record.RecordFiles;
import dev.guard.store.CommandLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * This class finds and removes what detached commands keep for later: how they ended, and their
 * logs.
 */
final class DetachedCommands {
  private static final Duration KEPT_FOR = Duration.ofDays(7);
  private static final Pattern LOG = Pattern.compile("([0-9a-f]{16})\\.log(\\.1)?");

  private final Os os;
  private final UserStore store;
  private final RecordFiles files;

  DetachedCommands(UserStore store) throws IOException {
    this.os = store.kernel().os();
    this.store = store;
    this.files = store.records();
  }

  /** Lists the detached commands that have ended and were not removed; no file is touched. */
  RecordFiles.EndedRecords ended() throws IOException {
    return files.ended();
  }

  /**
   * Finds the file that a detached command's output is in; there is an older one beside it, or not.
   */
  Optional<Path> log(String id) throws IOException {
    // While the log is rotated there is only the older file for a moment.
    return logs()
        .map(l -> CommandLog.file(l, id))
        .filter(f -> isThere(f) || isThere(CommandLog.older(f)) || isThere(f));
  }

  private static boolean isThere(Path file) {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }

  private Optional<Path> logs() throws IOException {
    Optional<Path> logs =
        store.state().find().map(s -> s.resolve("logs")).filter(DetachedCommands::isThere);
    if (logs.isPresent()) {
      OwnFiles.checkDirectory(os.userId(), logs.get(), 0);
    }
    return logs;
  }

  /** Forgets a detached command that has ended, with its log. A second call has no effect. */
  void forget(String id) throws IOException {
    files.removeEnded(id);
    Optional<Path> logs = logs();
    if (logs.isPresent()) {
      Path log = CommandLog.file(logs.get(), id);
      Files.deleteIfExists(log);
      Files.deleteIfExists(CommandLog.older(log));
    }
  }

  /**
   * Forgets commands that ended long ago, and logs that nobody can ask for.
   *
   * @param ended the commands that have ended
   */
  void tidy(List<EndedCommand> ended) throws IOException {
    Instant longAgo = Instant.now().minus(KEPT_FOR);
    Set<String> known = new HashSet<>();
    for (EndedCommand e : ended) {
      if (e.ended().isBefore(longAgo)) {
        forget(e.id());
      } else {
        known.add(e.id());
      }
    }
    Optional<Path> logs = logs();
    if (logs.isEmpty()) {
      return;
    }
    for (CommandRecord r : files.live().records()) {
      known.add(r.id());
    }
    for (Path log : OwnFiles.list(os, logs.get())) {
      Matcher name = LOG.matcher(log.getFileName().toString());
      if (name.matches() && !known.contains(name.group(1)) && isOlder(log, longAgo)) {
        Files.deleteIfExists(log);
      }
    }
  }

  private static boolean isOlder(Path log, Instant than) throws IOException {
    try {
      return Files.getLastModifiedTime(log, LinkOption.NOFOLLOW_LINKS).toInstant().isBefore(than);
    } catch (NoSuchFileException e) {
      return false;
    }
  }
}
