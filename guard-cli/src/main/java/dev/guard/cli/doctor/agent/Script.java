package dev.guard.cli.doctor.agent;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the model asks for, step by step, and what the agent has given back. */
final class Script {
  /** The seconds after which the agent is to end the step of this kind. */
  private static final int TIMEOUT_SECONDS = 2;

  /**
   * A step that the agent has answered.
   *
   * @param result what the agent says that came of it
   * @param took from the model's answer to the agent's next request
   */
  record Done(Step step, String result, Duration took) {}

  private final List<Step> steps;
  private final List<Done> done = new ArrayList<>();
  private boolean sawShell;
  private long asked;

  /** Makes the script of one conversation. */
  Script(List<Step> steps) {
    this.steps = List.copyOf(steps);
  }

  /**
   * Says what the model says to a request. One without a shell tool, as for the title of a
   * conversation, is no part of the script.
   *
   * @param tools that the agent offers
   * @param results of all tools that the conversation has so far
   */
  synchronized Turn next(List<Tool> tools, List<String> results) {
    Optional<Tool> shell = Tool.shell(tools);
    if (shell.isEmpty()) {
      return new Turn.Text("ok");
    }
    sawShell = true;
    List<Step> possible =
        steps.stream()
            .filter(s -> s.kind() != Step.Kind.TIMEOUT || shell.get().timeout().isPresent())
            .toList();
    while (done.size() < Math.min(results.size(), possible.size())) {
      Duration took = Duration.ofNanos(System.nanoTime() - asked);
      done.add(new Done(possible.get(done.size()), results.get(done.size()), took));
    }
    asked = System.nanoTime();
    if (results.size() >= possible.size()) {
      return new Turn.Text("done");
    }
    Step step = possible.get(results.size());
    return new Turn.Call(
        "call_" + results.size(),
        shell.get().name(),
        step.kind() == Step.Kind.TIMEOUT
            ? shell.get().arguments(step.command(), TIMEOUT_SECONDS)
            : shell.get().arguments(step.command()));
  }

  /** Lists the steps that the agent has answered, so far. */
  synchronized List<Done> done() {
    return List.copyOf(done);
  }

  /** Answers the first step of a kind that the agent has answered. */
  Optional<Done> done(Step.Kind kind) {
    return done().stream().filter(d -> d.step().kind() == kind).findFirst();
  }

  /** Tells whether the agent has asked for anything with a shell tool. */
  synchronized boolean hasBegun() {
    return sawShell;
  }
}
