package dev.guard.cli.setup;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import dev.guard.os.Os;
import dev.guard.os.OwnFiles;
import dev.guard.store.StoreDirectory;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
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
  private static final String FOLDERS = "folders.json";

  /** How the record beside the two texts is written; gson fills it. */
  private static final class Written {
    private String file;
    private List<String> agents;
    private boolean existed;
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

  /** Answers what is remembered of a file; empty: setup has not edited it. */
  Optional<Backup> load(Path file) throws IOException {
    Path own = folderOf(file);
    Optional<Written> read = read(own.resolve("record.json"), Written.class);
    if (read.isEmpty()) {
      return Optional.empty();
    }
    Written written = read.get();
    if (written.agents == null || !file.toString().equals(written.file)) {
      throw damaged(own.resolve("record.json"));
    }
    return Optional.of(
        new Backup(
            written.agents,
            written.existed,
            new String(OwnFiles.read(os, own.resolve("before"), LARGEST), ISO_8859_1),
            new String(OwnFiles.read(os, own.resolve("after"), LARGEST), ISO_8859_1)));
  }

  private <T> Optional<T> read(Path file, Class<T> type) throws IOException {
    try {
      T read = new Gson().fromJson(OwnFiles.readText(os, file, LARGEST), type);
      if (read == null) {
        throw damaged(file);
      }
      return Optional.of(read);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JsonParseException e) {
      throw damaged(file);
    }
  }

  private static IOException damaged(Path file) {
    return new IOException(file + " is damaged; remove it, and see \"before\" beside it");
  }

  /** Remembers a file's texts. */
  void save(Path file, Backup backup) throws IOException {
    Path own = folderOf(file);
    if (!Files.exists(own)) {
      Files.createDirectories(own, StoreDirectory.PRIVATE);
    }
    Written written = new Written();
    written.file = file.toString();
    written.agents = backup.agents();
    written.existed = backup.existed();
    // The record is last: without it the two texts are nothing.
    write(own, "before", backup.before().getBytes(ISO_8859_1));
    write(own, "after", backup.after().getBytes(ISO_8859_1));
    write(own, "record.json", (new Gson().toJson(written) + "\n").getBytes(UTF_8));
  }

  private void write(Path own, String name, byte[] bytes) throws IOException {
    OwnFiles.replace(os, own.resolve(name), own.resolve(name + ".new"), bytes);
  }

  /** Forgets a file. */
  void remove(Path file) throws IOException {
    Path own = folderOf(file);
    for (String name : List.of("record.json", "before", "after")) {
      Files.deleteIfExists(own.resolve(name));
    }
    Files.deleteIfExists(own);
  }

  /** Remembers folders that were made for files, the outermost first. */
  void addFolders(List<Path> made) throws IOException {
    if (!made.isEmpty()) {
      List<Path> all = new ArrayList<>(folders());
      all.removeAll(made);
      all.addAll(made);
      writeFolders(all);
    }
  }

  /** Removes the folders that were made, where nothing is in them any more. */
  void removeEmptyFolders() throws IOException {
    List<Path> left = new ArrayList<>(folders());
    for (int i = left.size() - 1; i >= 0; i--) {
      try {
        if (Files.isDirectory(left.get(i), LinkOption.NOFOLLOW_LINKS)) {
          Files.delete(left.get(i));
        }
        left.remove(i);
      } catch (DirectoryNotEmptyException e) {
        // Somebody uses it.
      }
    }
    if (left.size() < folders().size()) {
      writeFolders(left);
    }
  }

  private List<Path> folders() throws IOException {
    Optional<String[]> names = read(folder.resolve(FOLDERS), String[].class);
    return Arrays.stream(names.orElse(new String[0])).map(Path::of).toList();
  }

  private void writeFolders(List<Path> folders) throws IOException {
    String json = new Gson().toJson(folders.stream().map(Path::toString).toList());
    write(folder, FOLDERS, (json + "\n").getBytes(UTF_8));
  }
}
