package dev.guard.value;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Says which coding agent has started a command, for which of its sessions and by which call of its
 * tool. Labels come from variables that anybody can set, so they prove nothing; each is at most 128
 * printable characters of ASCII.
 *
 * @param agent the agent's name, as for guard setup
 * @param session the agent's own name for its session
 * @param toolCall the agent's own name for the call
 */
public record AgentLabels(
    Optional<String> agent, Optional<String> session, Optional<String> toolCall) {
  /** The labels of a command that no agent has started. */
  public static final AgentLabels NONE =
      new AgentLabels(Optional.empty(), Optional.empty(), Optional.empty());

  private static final int LONGEST = 128;
  private static final String SET_BY_NONE = "";

  /** The variables that an agent sets for its commands, as far as it does. */
  private record Variables(String agent, String mark, String session, String toolCall) {}

  // Seen in commands of the versions that docs/agents.md names. Of an agent in a command of another
  // one both have theirs, and the first in this order is taken.
  private static final List<Variables> AGENTS =
      List.of(
          new Variables("claude", "CLAUDECODE", "CLAUDE_CODE_SESSION_ID", SET_BY_NONE),
          new Variables("codex", "CODEX_SESSION_ID", "CODEX_SESSION_ID", "CODEX_TOOL_CALL_ID"),
          new Variables("gemini", "GEMINI_CLI", SET_BY_NONE, SET_BY_NONE),
          new Variables("opencode", "OPENCODE", SET_BY_NONE, SET_BY_NONE),
          new Variables("pi", "PI_CODING_AGENT", "PI_SESSION_ID", SET_BY_NONE),
          new Variables("qwen", "QWEN_CODE", "QWEN_CODE_SESSION_ID", SET_BY_NONE));

  /** Bounds and cleans the labels, wherever they come from. */
  public AgentLabels {
    agent = agent.map(AgentLabels::clean);
    session = session.map(AgentLabels::clean);
    toolCall = toolCall.map(AgentLabels::clean);
  }

  private static String clean(String text) {
    return text.substring(0, Math.min(text.length(), LONGEST)).replaceAll("[^ -~]", "?");
  }

  /**
   * Reads the labels of a command.
   *
   * @param variable the value of a variable of its caller
   */
  public static AgentLabels of(Function<String, Optional<String>> variable) {
    for (Variables v : AGENTS) {
      if (value(v.mark(), variable).isPresent()) {
        return new AgentLabels(
            Optional.of(v.agent()), value(v.session(), variable), value(v.toolCall(), variable));
      }
    }
    return NONE;
  }

  private static Optional<String> value(String name, Function<String, Optional<String>> variable) {
    return name.equals(SET_BY_NONE)
        ? Optional.empty()
        : variable.apply(name).filter(text -> !text.isEmpty());
  }

  /** Lists all variables that labels are read from; a shim has to tell them. */
  public static List<String> variables() {
    return AGENTS.stream()
        .flatMap(v -> Stream.of(v.mark(), v.session(), v.toolCall()))
        .filter(name -> !name.equals(SET_BY_NONE))
        .distinct()
        .toList();
  }
}
