package dev.guard.cli.doctor.agent;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The rule by which settings are copied: all of them, but for what may be a secret, what leads to a
 * model, and what would start programs of the user's that are not looked at here.
 */
final class SettingsCopy {
  /** What may hold, fetch or ask for a secret, whoever's settings they are, or be a way out. */
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i).*(key|token|secret|passw|credential|auth|bearer|cookie|login|proxy|header).*");

  private SettingsCopy() {}

  /**
   * Takes out of settings what is not copied.
   *
   * @param dropped names of members that this agent has for such things, at any depth
   * @return the names of what was taken out, with those of the objects around them
   */
  static List<String> strip(JsonObject settings, Set<String> dropped) {
    List<String> gone = new ArrayList<>();
    strip(settings, "", dropped, gone);
    return gone;
  }

  private static void strip(JsonElement in, String path, Set<String> dropped, List<String> gone) {
    if (in instanceof JsonArray array) {
      array.forEach(e -> strip(e, path, dropped, gone));
    }
    if (!(in instanceof JsonObject object)) {
      return;
    }
    for (String name : List.copyOf(object.keySet())) {
      String below = path.isEmpty() ? name : path + "." + name;
      if (isDropped(name, dropped)) {
        object.remove(name);
        gone.add(below);
      } else {
        strip(object.get(name), below, dropped, gone);
      }
    }
  }

  private static boolean isDropped(String name, Set<String> dropped) {
    return SECRET.matcher(name).matches()
        || dropped.contains(name)
        || dropped.stream().anyMatch(d -> d.endsWith("*") && name.startsWith(d.replace("*", "")));
  }

  /** Takes out of a file of variables, NAME=VALUE on each line, what is not copied. */
  static String stripVariables(String text, Set<String> dropped) {
    return text.lines()
        .filter(l -> l.contains("="))
        .filter(
            l ->
                !isDropped(
                    l.substring(0, l.indexOf('=')).replaceFirst("^\\s*export\\s", "").strip(),
                    dropped))
        .map(l -> l + "\n")
        .collect(Collectors.joining());
  }
}
