package dev.guard.cli.exec;

import dev.guard.config.Setting;
import dev.guard.os.OsString;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Holds the parsed arguments of {@code guard exec} and {@code guard session start}, which are
 * parsed without a library: loading picocli would cost every command 100 ms.
 *
 * @param flags settings given as flags, with their texts
 * @param others other options by name; a switch has an empty text
 * @param command the command, byte for byte
 * @param problems one line for everything that is wrong
 * @param of the command of guard whose arguments these are, for messages
 * @param options the options that the command of guard has
 */
public record ExecArguments(
    Map<Setting, String> flags,
    Map<String, OsString> others,
    List<OsString> command,
    List<String> problems,
    String of,
    List<ExecOption> options) {
  private static final String NUMBER = "[0-9]+([.][0-9]*)?[smhd]?";

  /**
   * Parses the arguments after the word exec. Options end at --, or at the first argument that is
   * none.
   */
  static ExecArguments parse(List<OsString> arguments) {
    ExecArguments parsed = none("exec", ExecOption.ACCEPTED);
    parsed.take(arguments);
    if (parsed.command.isEmpty() && !parsed.has("--help")) {
      parsed.problems.add(
          "exec: no command given; write guard exec [OPTION]... -- COMMAND [ARGUMENT]...");
    }
    return parsed;
  }

  /** Makes arguments in which no option was read yet. */
  public static ExecArguments none(String of, List<ExecOption> options) {
    return new ExecArguments(
        new EnumMap<>(Setting.class),
        new HashMap<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        of,
        options);
  }

  /**
   * Takes options up to -- or the first argument that is none; the rest is the command. Answers
   * whether there was a --.
   */
  public boolean take(List<OsString> arguments) {
    int at = 0;
    while (at < arguments.size() && isOption(arguments.get(at).toString())) {
      at = option(arguments, at);
    }
    boolean dashes = at < arguments.size() && arguments.get(at).toString().equals("--");
    command.clear();
    command.addAll(arguments.subList(dashes ? at + 1 : at, arguments.size()));
    return dashes;
  }

  private static boolean isOption(String text) {
    return text.startsWith("-") && !text.equals("-") && !text.equals("--");
  }

  private int option(List<OsString> arguments, int at) {
    OsString whole = arguments.get(at);
    int equals = whole.indexOf('=');
    String name = (equals < 0 ? whole : whole.slice(0, equals)).toString();
    Optional<ExecOption> option = ExecOption.find(options, name);
    if (option.isEmpty()) {
      problems.add(
          name
              + ": unknown option of guard "
              + of
              + "; see guard "
              + of
              + " --help, or put -- before the command");
      return at + 1;
    }
    if (!option.get().takesArgument()) {
      if (equals >= 0) {
        problems.add(name + ": takes no value; remove it");
      }
      others.put(option.get().name(), OsString.of(""));
      if (option.get().name().equals(ExecOption.VERBOSE)) {
        flags.put(Setting.MESSAGES, "all");
      }
      return at + 1;
    }
    if (equals >= 0) {
      if (option.get().mayTakeArgument() && equals + 1 == whole.length()) {
        problems.add(name + "=: needs a value; leave out the = for none");
      }
      put(option.get(), whole.slice(equals + 1, whole.length()));
      return at + 1;
    }
    String next = at + 1 == arguments.size() ? "--" : arguments.get(at + 1).toString();
    if (option.get().mayTakeArgument()) {
      if (next.matches(NUMBER)) {
        problems.add(
            name + ": write " + name + "=" + next + ", or -- before a command that is called so");
      }
      others.put(option.get().name(), OsString.of(""));
      return at + 1;
    }
    if (next.equals("--") || ExecOption.find(options, next).isPresent()) {
      problems.add(name + ": needs a value, " + option.get().argument());
      return at + 1;
    }
    put(option.get(), arguments.get(at + 1));
    return at + 2;
  }

  private void put(ExecOption option, OsString value) {
    if (option.setting().isPresent()) {
      flags.put(option.setting().get(), value.toString());
    } else {
      others.put(option.name(), value);
    }
  }

  public boolean has(String option) {
    return others.containsKey(option);
  }

  public Optional<OsString> value(String option) {
    return Optional.ofNullable(others.get(option));
  }
}
