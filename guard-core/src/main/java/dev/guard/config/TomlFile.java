package dev.guard.config;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/** Holds one parsed TOML file: which settings stand where, and how problems with it are said. */
final class TomlFile {
  private static final String NO_TOML =
      "invalid TOML: a control character in a comment behind the name of a table; remove it";
  private static final String TOO_DEEP =
      "is nested too deeply or too large to be read; simplify it, or remove it";

  private final String file;
  private final Role role;
  private final Problems problems;
  private final TomlParseResult toml;

  /** Says whose file it is, which decides which settings it may have. */
  enum Role {
    /** The system's file may hold a ceiling. */
    SYSTEM,
    /** The user's file may set everything but a ceiling. */
    USER,
    /** A project's file may only tighten, and not for one budget alone. */
    PROJECT
  }

  private TomlFile(String file, Role role, Problems problems, TomlParseResult toml) {
    this.file = file;
    this.role = role;
    this.problems = problems;
    this.toml = toml;
  }

  /** Parses a file; empty, and a problem, when it is no TOML. */
  static Optional<TomlFile> parse(byte[] bytes, String file, Role role, Problems problems) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      // The parser recurses, and a project's file may be an agent's: [[[[[[...
      if (Nesting.isTooDeep(text)) {
        problems.add(file, TOO_DEEP);
        return Optional.empty();
      }
      TomlParseResult toml = Toml.parse(text);
      toml.errors().forEach(e -> invalid(e, file, problems));
      return toml.hasErrors()
          ? Optional.empty()
          : Optional.of(new TomlFile(file, role, problems, toml));
    } catch (TomlParseError e) {
      // The library throws this error and does not list it: an escape that is none, in the name of
      // a table.
      invalid(e, file, problems);
    } catch (AssertionError e) {
      // Where assertions are on, as in a test of a program that uses Guard, the library checks
      // itself
      // and fails at a control character there, which it would list as a problem.
      problems.add(file, NO_TOML);
    } catch (CharacterCodingException e) {
      problems.add(file, "is not UTF-8 text; save it as UTF-8");
    } catch (StackOverflowError | OutOfMemoryError e) {
      problems.add(file, TOO_DEEP);
    }
    return Optional.empty();
  }

  private static void invalid(TomlParseError e, String file, Problems problems) {
    problems.add(
        file + ":" + e.position().line(),
        "invalid TOML: " + Problems.message(e.getMessage()) + "; correct it");
  }

  /** Answers the whole file, a table of tables. */
  TomlTable root() {
    return toml;
  }

  Role role() {
    return role;
  }

  /** Reads the entry of a setting, or adds a problem. */
  Optional<Entry> value(Setting setting, TomlTable table, String tableName, String key) {
    Object raw = table.get(List.of(key));
    Object plain = raw instanceof TomlArray array ? array.toList() : raw;
    Optional<Value> value = setting.kind().fromToml(plain);
    String where = file + ":" + table.inputPositionOf(List.of(key)).line();
    if (value.isEmpty()) {
      problems.add(
          where, tableName + "." + key + ": must be " + setting.takes() + ", not " + describe(raw));
    }
    Entry.Origin origin = role == Role.PROJECT ? Entry.Origin.PROJECT : Entry.Origin.FILE;
    return value.map(v -> new Entry(setting, v, where, origin));
  }

  /**
   * Says that a name is not known here: a problem, but in a project's file, which may be for
   * another version of Guard, a line that stops nobody's work.
   */
  void notTaken(String where, String what) {
    if (role == Role.PROJECT) {
      problems.note(where, "not taken: " + what);
    } else {
      problems.add(where, what);
    }
  }

  private static String describe(Object raw) {
    if (raw instanceof TomlTable) {
      return "a table";
    }
    if (raw instanceof TomlArray) {
      return "a list of something else";
    }
    return raw instanceof String s ? Problems.quote(s) : String.valueOf(raw);
  }

  /** Says where this key stands. */
  String at(String... path) {
    return file + ":" + toml.inputPositionOf(List.of(path)).line();
  }

  /** Suggests the nearest of the known names, or all of them. */
  static String suggestion(String name, List<String> known) {
    return Problems.nearest(name, known)
        .map(k -> "; did you mean " + k + "?")
        .orElse("; remove it. Known here: " + String.join(", ", known));
  }
}
