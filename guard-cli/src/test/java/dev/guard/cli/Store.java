package dev.guard.cli;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the files that all guards of this user share. */
final class Store {
  static final Path DIRECTORY =
      System.getProperty("user.name").equals("root")
          ? Path.of("/run/guard")
          : GuardProcess.RUNTIME.resolve("guard");

  static final Path COMMANDS = DIRECTORY.resolve("commands");

  private Store() {}

  /** The file with the record of a live command. */
  static Optional<Path> recordFile(String id) {
    return recordFile(DIRECTORY, id);
  }

  /** Finds the file with the record of a live command in another store. */
  static Optional<Path> recordFile(Path store, String id) {
    Path commands = store.resolve("commands");
    if (!Files.isDirectory(commands)) {
      return Optional.empty();
    }
    try (DirectoryStream<Path> all = Files.newDirectoryStream(commands, id + ".*.json")) {
      for (Path file : all) {
        return Optional.of(file);
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The record of a live command. */
  static JsonObject record(String id) {
    return record(DIRECTORY, id);
  }

  /** Reads the record of a live command in another store. */
  static JsonObject record(Path store, String id) {
    return Reported.parse(MachineRemains.text(recordFile(store, id).orElseThrow()));
  }

  /** The pid of a process in the record: guard, lifeline or main. */
  static long pid(String id, String of) {
    return pid(DIRECTORY, id, of);
  }

  /** Answers the pid of a process in the record: guard, lifeline or main, in another store. */
  static long pid(Path store, String id, String of) {
    return record(store, id).getAsJsonObject(of).get("pid").getAsLong();
  }

  /** Answers whether this process is there and has not ended. */
  static boolean lives(long pid) {
    String stat = MachineRemains.text(Path.of("/proc", Long.toString(pid), "stat"));
    return !stat.isEmpty() && !stat.substring(stat.lastIndexOf(')')).startsWith(") Z");
  }
}
