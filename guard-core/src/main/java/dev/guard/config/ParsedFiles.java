package dev.guard.config;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps what was read from the last few files, by their bytes: the callers of a gateway have the
 * same files again and again, and parsing one costs half a millisecond. A file that has changed has
 * other bytes, so nothing stale can be found, whatever the times of files say.
 */
final class ParsedFiles {
  private static final int MOST = 16;
  // More than any file of settings has that a person wrote; so the memory is bounded, too.
  private static final int LARGEST = 1 << 14;

  private final Map<Key, TomlSource.Content> kept =
      new LinkedHashMap<>(MOST, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, TomlSource.Content> eldest) {
          return size() > MOST;
        }
      };

  /** Names everything that decides what a file says, and in what words. */
  record Key(byte[] bytes, String file, TomlFile.Role role, boolean claudexOnly) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Key that
          && role == that.role
          && claudexOnly == that.claudexOnly
          && file.equals(that.file)
          && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes) + file.hashCode();
    }
  }

  /** Finds what such a file says. */
  synchronized Optional<TomlSource.Content> find(Key key) {
    return Optional.ofNullable(kept.get(key));
  }

  /** Keeps what a file says, of which there was nothing to complain. */
  synchronized void keep(Key key, TomlSource.Content content) {
    if (key.bytes().length <= LARGEST) {
      kept.put(key, content);
    }
  }
}
