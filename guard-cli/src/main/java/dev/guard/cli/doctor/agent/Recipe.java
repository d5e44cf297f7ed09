package dev.guard.cli.doctor.agent;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * How an agent is run against the model on loopback.
 *
 * @param agent the word for it
 * @param version with which this was tried
 * @param settings the files that are copied, below the agent's directory, where they are there
 * @param dropped names in them that are not copied, see {@link SettingsCopy}; one that ends in *
 *     stands for all that begin so
 * @param variables by the address of the model: what the agent needs in its environment
 * @param change puts into the files that are copied, by their names, the settings that lead to the
 *     model, by its address, and a rule that denies touch(1)
 * @param texts other files that are made below the agent's directory, by their names
 * @param words after the program
 * @param sandboxes the modes of the agent's own sandbox, each with the words after the program
 * @param denies whether the agent has rules that deny commands
 * @param daemon the word after the program's name by which a process that serves agents is known;
 *     empty: there is none
 */
record Recipe(
    String agent,
    String version,
    List<String> settings,
    Set<String> dropped,
    Function<String, Map<String, String>> variables,
    BiConsumer<String, Map<String, JsonObject>> change,
    Map<String, String> texts,
    List<String> words,
    Map<String, List<String>> sandboxes,
    boolean denies,
    String daemon) {
  /** Answers this recipe with one more value in a file of settings. */
  Recipe with(String file, String name, JsonElement value) {
    return new Recipe(
        agent,
        version,
        settings,
        dropped,
        variables,
        change.andThen((url, files) -> files.get(file).add(name, value)),
        texts,
        words,
        sandboxes,
        denies,
        daemon);
  }
}
