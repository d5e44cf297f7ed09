package dev.guard.cli.setup;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import dev.guard.os.Os;
import dev.guard.os.OwnFiles;
import dev.guard.store.StoreDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Keeps what edited files were before, each in a folder of its own below the state directory: only
 * their owner can read it, since settings hold keys.
 *
 * @param folder of all of them; there may be none yet
 */
record Backups(Os os, Path folder) {
  private static final int LARGEST = 8 << 20;

  /** How the record beside the two texts is written; gson fills it. */
  private static final class Written {
    private String file;
    private List<String> agents;
    private boolean existed;
    private List<String> folders;
  }

  /** Answers the folder for a file. */
  Path folderOf(Path file) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(file.toString().getBytes(UTF_8));
      String name = file.getFileName().toString().replaceFirst("^[.]", "");
      return folder.resolve(name + "-" + HexFormat.of().formatHex(hash, 0, 6));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  Optional<Backup> load(Path file) throws IOException {
    Path own = folderOf(file);
    try {
      String json = OwnFiles.readText(os, own.resolve("record.json"), LARGEST);
      Written written = new Gson().fromJson(json, Written.class);
      return Optional.of(
          new Backup(
              written.agents,
              written.existed,
              written.folders.stream().map(Path::of).toList(),
              new String(OwnFiles.read(os, own.resolve("before"), LARGEST), ISO_8859_1),
              new String(OwnFiles.read(os, own.resolve("after"), LARGEST), ISO_8859_1)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JsonParseException | NullPointerException e) {
      throw new IOException(own + " is damaged; remove it (the file \"before\" is the backup)", e);
    }
  }

  void save(Path file, Backup backup) throws IOException {
    Path own = folderOf(file);
    if (!Files.exists(own)) {
      Files.createDirectories(own, StoreDirectory.PRIVATE);
    }
    Written written = new Written();
    written.file = file.toString();
    written.agents = backup.agents();
    written.existed = backup.existed();
    written.folders = backup.folders().stream().map(Path::toString).toList();
    // The record is last: without it the two texts are nothing.
    write(own, "before", backup.before().getBytes(ISO_8859_1));
    write(own, "after", backup.after().getBytes(ISO_8859_1));
    write(own, "record.json", (new Gson().toJson(written) + "\n").getBytes(UTF_8));
  }

  private void write(Path own, String name, byte[] bytes) throws IOException {
    OwnFiles.replace(os, own.resolve(name), own.resolve(name + ".new"), bytes);
  }

  void remove(Path file) throws IOException {
    Path own = folderOf(file);
    for (String name : List.of("record.json", "before", "after")) {
      Files.deleteIfExists(own.resolve(name));
    }
    Files.deleteIfExists(own);
  }
}
