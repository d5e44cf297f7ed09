package dev.guard.record;

import dev.guard.os.Os;
import dev.guard.os.OwnFiles;
import dev.guard.os.ProcessId;
import dev.guard.os.Procfs;
import dev.guard.store.CommandId;
import dev.guard.store.FileLock;
import dev.guard.store.StoreDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keeps the records of a user's commands, in the directory that all of the user's guards share: one
 * file for each that lives, {@code commands/ID.PID.START.json} with the guard's identity, which is
 * replaced as a whole; and one for each detached one that has ended, {@code ended/ID.json}.
 */
public final class RecordFiles {
  /** The number of ended commands that are kept. */
  static final int ENDED_KEPT = 200;

  /**
   * The most bytes of a file; a kernel takes two million as the words of a command, see execve(2).
   */
  private static final int LARGEST = 16 << 20;

  private static final Pattern LIVE =
      Pattern.compile("([0-9a-f]{16})\\.(\\d{1,9})\\.(\\d{1,18})\\.json");
  private static final Pattern HALF =
      Pattern.compile("[0-9a-f]{16}\\.(\\d{1,9})\\.(\\d{1,18})\\.new");
  private static final Pattern ENDED = Pattern.compile("([0-9a-f]{16})\\.json");

  private final Os os;
  private final Procfs procfs;
  private final Path commands;
  private final Path ended;
  private final String bootId;

  /** Opens the records in the store of a user, which is the user's alone. */
  public RecordFiles(Os os, Procfs procfs, Path store) throws IOException {
    this.os = os;
    this.procfs = procfs;
    this.commands = store.resolve("commands");
    this.ended = store.resolve("ended");
    this.bootId = procfs.bootId();
  }

  // ---- those that live

  /** Says that a name belongs to another live command. */
  public static final class NameTakenException extends IOException {
    private static final long serialVersionUID = 1L;

    NameTakenException(String name, String id) {
      super("name " + name + " is taken by command " + id + "; choose another, or end that one");
    }
  }

  /** Writes the first record of a command, whose name no other live one may have. */
  public void putNew(CommandRecord record) throws IOException {
    if (record.name().isEmpty()) {
      put(record);
      return;
    }
    new FileLock(os, procfs)
        .hold(
            commands.resolve("names.lock"),
            () -> {
              for (CommandRecord other : live().records()) {
                if (other.name().equals(record.name())) {
                  throw new NameTakenException(record.name().get(), other.id());
                }
              }
              put(record);
              return record;
            });
  }

  /** Writes the record, in place of the one before. */
  public void put(CommandRecord record) throws IOException {
    String name = name(record.id(), record.guard());
    replace(
        commands.resolve(name + ".json"),
        commands.resolve(name + ".new"),
        RecordJson.format(record, bootId));
  }

  private void replace(Path file, Path fresh, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > LARGEST) {
      throw new IOException(file + " would have more than " + LARGEST + " bytes; shorten argv");
    }
    try {
      StoreDirectory.makeMissing(os, file.getParent());
      OwnFiles.replace(os, file, fresh, bytes);
    } catch (IOException e) {
      throw new IOException(file + " can not be written: " + e.getMessage(), e);
    }
  }

  private static String name(String id, ProcessId guard) {
    return id + "." + guard.pid() + "." + guard.startTicks();
  }

  /** Removes the record; false when somebody else had done it. */
  public boolean remove(CommandRecord record) throws IOException {
    return Files.deleteIfExists(commands.resolve(name(record.id(), record.guard()) + ".json"));
  }

  /** Tells whether a record is still there: a guard that ends by itself removes it first. */
  public boolean has(CommandRecord record) {
    return Files.exists(commands.resolve(name(record.id(), record.guard()) + ".json"));
  }

  /** Finds the record of this command, if it lives. */
  public Optional<CommandRecord> find(String id) throws IOException {
    return live().records().stream().filter(r -> r.id().equals(id)).findFirst();
  }

  /**
   * Finds the record of the command that this guard runs, which has no other; only that is read.
   */
  public Optional<CommandRecord> of(ProcessId guard) throws IOException {
    String end = "." + guard.pid() + "." + guard.startTicks() + ".json";
    LiveRecords one = new LiveRecords(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (Path file : OwnFiles.list(os, commands)) {
      String name = file.getFileName().toString();
      if (name.endsWith(end) && LIVE.matcher(name).matches()) {
        read(file, one);
      }
    }
    return one.records().stream().findFirst();
  }

  /**
   * Holds all records that were found of commands that live.
   *
   * @param records the commands, the first requested first
   * @param damaged the files that are none
   * @param stale the files of another boot, and what a dead guard left half written
   */
  public record LiveRecords(List<CommandRecord> records, List<Damaged> damaged, List<Path> stale) {}

  /** Names a file that is no record, and why. */
  public record Damaged(Path file, String why) {}

  /** Reads all records, and removes stale files. */
  public LiveRecords live() throws IOException {
    LiveRecords live = look();
    for (Path file : live.stale()) {
      Files.deleteIfExists(file);
    }
    live.stale().clear();
    return live;
  }

  /** Reads all records, and touches no file. */
  public LiveRecords look() throws IOException {
    LiveRecords live = new LiveRecords(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (Path file : OwnFiles.list(os, commands)) {
      String name = file.getFileName().toString();
      Matcher half = HALF.matcher(name);
      if (half.matches() && !owner(half, 1).lives(procfs)) {
        live.stale().add(file);
      } else if (LIVE.matcher(name).matches()) {
        read(file, live);
      }
    }
    live.records().sort(Comparator.comparing(CommandRecord::requested));
    return live;
  }

  private void read(Path file, LiveRecords into) throws IOException {
    try {
      Optional<CommandRecord> record =
          RecordJson.parse(OwnFiles.readText(os, file, LARGEST), bootId);
      if (record.isEmpty()) {
        into.stale().add(file);
      } else if (!file.endsWith(name(record.get().id(), record.get().guard()) + ".json")) {
        into.damaged().add(new Damaged(file, "it is of command " + record.get().id()));
      } else {
        into.records().add(record.get());
      }
    } catch (NoSuchFileException | RecordJson.NewerException e) {
      // The command has ended meanwhile, or its record is for a newer guard to read.
      return;
    } catch (RecordJson.DamagedRecordException e) {
      into.damaged().add(new Damaged(file, e.getMessage()));
    } catch (OwnFiles.UnusableException e) {
      into.damaged().add(new Damaged(file, e.why()));
    }
  }

  /** Renames a file that is no record, and says so; empty when another guard has done it. */
  public static Optional<String> setAside(Damaged damaged) {
    String what = damaged.file() + " was damaged (" + damaged.why() + "); it ";
    try {
      return Optional.of(what + "is kept as " + OwnFiles.setAside(damaged.file()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(what + "could not be kept: " + e.getMessage());
    }
  }

  private static ProcessId owner(Matcher name, int group) {
    return new ProcessId(
        Integer.parseInt(name.group(group)), Long.parseLong(name.group(group + 1)));
  }

  /** Tells whether there is a record of a guard that has died. Only names are read. */
  public boolean hasOrphans() throws IOException {
    for (Path file : OwnFiles.list(os, commands)) {
      Matcher live = LIVE.matcher(file.getFileName().toString());
      if (live.matches() && !owner(live, 2).lives(procfs)) {
        return true;
      }
    }
    return false;
  }

  // ---- those that have ended

  /**
   * Keeps the report of a detached command that has ended, and removes the oldest of more than
   * {@link #ENDED_KEPT}.
   */
  public void putEnded(String id, String json) throws IOException {
    replace(ended(id), ended.resolve(id + ".new"), json);
    List<EndedCommand> all = ended().commands();
    for (EndedCommand old : all.subList(0, Math.max(0, all.size() - ENDED_KEPT))) {
      removeEnded(old.id());
    }
  }

  private Path ended(String id) {
    if (!CommandId.is(id)) {
      throw new IllegalArgumentException("no id of a command: " + id);
    }
    return ended.resolve(id + ".json");
  }

  /** Reads the report of a detached command that has ended, if it is kept. */
  public Optional<String> report(String id) throws IOException {
    EndedRecords one = new EndedRecords(new ArrayList<>(), new ArrayList<>());
    readEnded(ended(id), id, one);
    return one.commands().stream().map(e -> e.json() + "\n").findFirst();
  }

  /**
   * Holds the detached commands that have ended.
   *
   * @param commands the commands that are kept, the first ended first
   * @param damaged the files that are none
   */
  public record EndedRecords(List<EndedCommand> commands, List<Damaged> damaged) {}

  /** Reads the reports that are kept of detached commands that have ended. */
  public EndedRecords ended() throws IOException {
    EndedRecords all = new EndedRecords(new ArrayList<>(), new ArrayList<>());
    for (Path file : OwnFiles.list(os, ended)) {
      Matcher name = ENDED.matcher(file.getFileName().toString());
      if (name.matches()) {
        readEnded(file, name.group(1), all);
      }
    }
    all.commands().sort(Comparator.comparing(EndedCommand::ended));
    return all;
  }

  private void readEnded(Path file, String id, EndedRecords into) throws IOException {
    try {
      Optional<EndedCommand> one = EndedCommand.parse(OwnFiles.readText(os, file, LARGEST).strip());
      if (one.isEmpty()) {
        into.damaged().add(new Damaged(file, "it is no whole report"));
      } else if (!one.get().id().equals(id)) {
        into.damaged().add(new Damaged(file, "it is of command " + one.get().id()));
      } else {
        into.commands().add(one.get());
      }
    } catch (NoSuchFileException e) {
      // The file was removed meanwhile.
      return;
    } catch (OwnFiles.UnusableException e) {
      into.damaged().add(new Damaged(file, e.why()));
    }
  }

  /** Forgets a detached command that has ended; false when it was not known. */
  public boolean removeEnded(String id) throws IOException {
    return Files.deleteIfExists(ended(id));
  }
}
