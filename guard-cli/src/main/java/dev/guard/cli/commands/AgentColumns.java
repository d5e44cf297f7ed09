package dev.guard.cli.commands;

import dev.guard.value.AgentLabels;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Has two columns of a table, for the agent of a command and its session.
 *
 * @param at how many columns stand before
 * @param areShown whether they are there: where no row has something in them they are not
 */
record AgentColumns(int at, boolean areShown) {
  // The last characters of an id tell sessions apart; the first ones may be the time.
  private static final int SHORT = 8;

  /** Answers the head of the table. */
  List<String> head(List<String> others) {
    return with(others, "AGENT", "SESSION");
  }

  /** Answers a row of the table. */
  List<String> row(List<String> others, AgentLabels labels) {
    return with(
        others, labels.agent().orElse("-"), labels.session().map(AgentColumns::last).orElse("-"));
  }

  private List<String> with(List<String> others, String agent, String session) {
    if (!areShown) {
      return others;
    }
    List<String> all = new ArrayList<>(others);
    all.addAll(at, List.of(agent, session));
    return all;
  }

  /** Leaves out what is not shown of widths that are those of all columns. */
  int[] widths(int[] ofAll) {
    return areShown
        ? ofAll
        : IntStream.range(0, ofAll.length)
            .filter(i -> i < at || i >= at + 2)
            .map(i -> ofAll[i])
            .toArray();
  }

  private static String last(String session) {
    return session.substring(Math.max(0, session.length() - SHORT));
  }
}
