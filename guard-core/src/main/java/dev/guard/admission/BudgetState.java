package dev.guard.admission;

import dev.guard.os.ProcessId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Holds all that guards of a user know about one budget, as lines of words: the limiter's state,
 * who has a place, and who waits for one, first come first.
 */
final class BudgetState {
  private static final String VERSION = "guard-budget-1";
  private static final String END = "end";
  private static final int SHOWN = 80;

  /** Tells what happened to the file that this state should have come from; empty: nothing. */
  String damage = "";

  RateLimiter.LimiterState rate = RateLimiter.LimiterState.EMPTY;
  final Map<String, PlaceLine> places = new LinkedHashMap<>();
  final Map<String, ProcessId> waiting = new LinkedHashMap<>();

  /** Says that the text of a budget is not what a guard writes. */
  static final class DamagedBudgetException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DamagedBudgetException(String message) {
      super(message);
    }

    /** Names one line that no guard writes; it may be as long as the file. */
    static DamagedBudgetException of(String line) {
      int shown = Math.min(line.length(), SHOWN);
      return new DamagedBudgetException(
          "line " + line.substring(0, shown) + (shown < line.length() ? "..." : ""));
    }
  }

  boolean isEmpty() {
    return places.isEmpty() && waiting.isEmpty();
  }

  /** Writes the state as the text of its file. */
  String format(String bootId) {
    StringBuilder text = new StringBuilder();
    line(text, VERSION, bootId);
    List<Object> limiter =
        new ArrayList<>(List.of("rate", rate.violations(), rate.lastViolation()));
    Arrays.stream(rate.starts()).forEach(limiter::add);
    line(text, limiter.toArray());
    for (RateLimiter.Waiter w : rate.waiting()) {
      line(text, "start", w.command(), w.owner().pid(), w.owner().startTicks(), w.due());
    }
    places.values().forEach(place -> text.append(place.line()).append('\n'));
    waiting.forEach((id, o) -> line(text, "wait", id, o.pid(), o.startTicks()));
    // A file that was cut off has no last line.
    line(text, END);
    return text.toString();
  }

  private static void line(StringBuilder text, Object... words) {
    for (int i = 0; i < words.length; i++) {
      text.append(i == 0 ? "" : " ").append(words[i]);
    }
    text.append('\n');
  }

  /**
   * Reads the state that a file holds; an empty one if the file is of another boot.
   *
   * @throws DamagedBudgetException when the text is no such file, or not a whole one
   */
  static BudgetState parse(String text, String bootId) {
    BudgetState state = new BudgetState();
    List<String> lines = text.lines().toList();
    String[] first = lines.isEmpty() ? new String[0] : lines.get(0).split(" ", -1);
    if (first.length != 2
        || !first[0].equals(VERSION)
        || !lines.get(lines.size() - 1).equals(END)) {
      throw new DamagedBudgetException("not a whole " + VERSION + " file");
    }
    if (!first[1].equals(bootId)) {
      return state;
    }
    for (String line : lines.subList(1, lines.size() - 1)) {
      state.add(line);
    }
    return state;
  }

  private void add(String line) {
    if (line.startsWith(PlaceLine.WORD)) {
      PlaceLine place = new PlaceLine(line);
      places.put(place.command(), place);
      return;
    }
    String[] w = line.split(" ", -1);
    try {
      switch (w[0]) {
        case "rate" -> {
          long[] starts = Arrays.stream(w, 3, w.length).mapToLong(Long::parseLong).toArray();
          int violations = Integer.parseInt(w[1]);
          if (violations < 0) {
            throw DamagedBudgetException.of(line);
          }
          rate =
              new RateLimiter.LimiterState(
                  starts, violations, Long.parseLong(w[2]), new ArrayList<>());
        }
        case "start" ->
            rate.waiting()
                .add(
                    new RateLimiter.Waiter(
                        checked(w[1]), process(w[2], w[3]), Long.parseLong(w[4])));
        case "wait" -> waiting.put(checked(w[1]), process(w[2], w[3]));
        default -> throw DamagedBudgetException.of(line);
      }
    } catch (IndexOutOfBoundsException | NumberFormatException | UnsupportedOperationException e) {
      // The last of these means that somebody waits to start before there is a line of the limiter.
      throw DamagedBudgetException.of(line);
    }
  }

  private static ProcessId process(String pid, String startTicks) {
    return new ProcessId(Integer.parseInt(pid), Long.parseLong(startTicks));
  }

  private static String checked(String word) {
    if (!PlaceLine.isWord(word)) {
      throw DamagedBudgetException.of(word);
    }
    return word;
  }
}
