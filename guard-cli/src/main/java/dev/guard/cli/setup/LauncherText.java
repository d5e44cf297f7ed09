package dev.guard.cli.setup;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A whole file that is a launcher of Guard's own; any other file in its place is refused. */
final class LauncherText implements Format {
  /** The path of the text, which is the one value. */
  static final List<String> WHOLE = List.of("the launcher");

  /** How the second line of a launcher begins. */
  static final String MARK = "# Launcher of guard setup";

  @Override
  public Map<List<String>, String> values(String text) throws SyntaxException {
    return get(text, WHOLE).map(t -> Map.of(WHOLE, t)).orElse(Map.of());
  }

  @Override
  public Optional<String> get(String text, List<String> path) throws SyntaxException {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (!text.startsWith("#!/bin/sh\n" + MARK)) {
      throw new SyntaxException(1, "this program is not Guard's, and a launcher would replace it");
    }
    return Optional.of(text);
  }

  @Override
  public String put(String text, List<String> path, String value) throws SyntaxException {
    get(text, path);
    return value;
  }

  @Override
  public String remove(String text, List<String> path) {
    return "";
  }

  /**
   * Writes a launcher. It looks for the real program each time it is called, since a version
   * manager may have put another one into PATH, and takes none that is a launcher, too.
   *
   * @param program the name by which the agent is called
   * @param title the agent's, for people
   * @param start the words before the program, as the shell reads them: up to an exec
   */
  static String of(String program, String title, String start) {
    return String.join(
        "\n",
        "#!/bin/sh",
        MARK + ": starts " + title + " so that its commands run under Guard.",
        "# To remove it: guard setup " + program + " --undo",
        "IFS=:",
        "set -f",
        "for d in $PATH; do",
        "  p=${d:-.}/" + program,
        "  if [ -f \"$p\" ] && [ -x \"$p\" ] && ! [ \"$p\" -ef \"$0\" ] &&",
        "    ! head -n 2 -- \"$p\" | grep -q '^" + MARK + "'; then",
        "    unset IFS",
        "    " + start + " \"$p\" \"$@\"",
        "  fi",
        "done",
        "echo \"guard: " + program + " is nowhere in PATH but for $0; install it\" >&2",
        "exit 127",
        "");
  }
}
