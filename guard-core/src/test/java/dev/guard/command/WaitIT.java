package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.Procfs;
import dev.guard.os.SignalCalls;
import dev.guard.os.Signals;
import dev.guard.os.WaitStatus;
import dev.guard.testing.TestCommands;
import dev.guard.value.Request;
import dev.guard.value.Result;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Runs commands in a program in which others wait for children, or nobody does. Needs nothing but
 * Linux.
 */
class WaitIT {
  private final Os os = Os.linux();

  @Test
  void aStatusThatSomebodyElseHasTakenIsNoFailureOfGuard() throws Exception {
    AtomicInteger main = new AtomicInteger();
    Request request = Request.of("sh", "-c", "exit 3").capturing(100).withBeforeRelease(main::set);
    Kernel kernel = new Kernel(waitedForBefore(main), Procfs.system(), Cgroupfs.system());
    UserStore store = new UserStore(kernel, System.getenv());
    try (CommandRunner guard =
        new CommandRunner(
            store,
            TestCommands.config(Map.of()),
            store.budgets(),
            Caller.ofProgram(kernel),
            Optional.empty())) {
      Result result = guard.run(request);
      assertThat(result.exitCode()).isEqualTo(WaitStatus.UNKNOWN.code());
      assertThat(result.outcome().messages()).singleElement().asString().contains("not known");
      assertThat(result.survivors()).isEmpty();
    }
  }

  /** Other code, which is always faster. */
  private Os waitedForBefore(AtomicInteger main) {
    return (Os)
        Proxy.newProxyInstance(
            Os.class.getClassLoader(),
            new Class<?>[] {Os.class},
            (proxy, method, arguments) -> {
              try {
                Object answer = method.invoke(os, arguments);
                boolean taken = method.getName().equals("waitNoHang") && answer != null;
                return taken && arguments[0].equals(main.get())
                    ? method.invoke(os, arguments)
                    : answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void whereTheProgramInheritedThatChildrenAreIgnoredTheirStatusIsKnown() throws Exception {
    os.setSignal(Signals.CHLD, SignalCalls.Disposition.IGNORE);
    try (CommandRunner guard = CommandRunner.with(TestCommands.config(Map.of()))) {
      assertThat(guard.run(Request.of("sh", "-c", "exit 3").capturing(1)).exitCode()).isEqualTo(3);
    } finally {
      os.setSignal(Signals.CHLD, SignalCalls.Disposition.DEFAULT);
    }
  }
}
