package dev.guard.command;

import dev.guard.launch.ShellLifeline;
import dev.guard.limits.Limiter;
import dev.guard.os.Os;
import dev.guard.store.CommandLog;
import dev.guard.systemd.Scope;
import java.io.IOException;
import java.util.Optional;

/**
 * Starts a runner's lifeline: where commands get no limits beside Guard, they get them beside its
 * lifeline, which is started in a scope for that.
 *
 * @param limiter puts commands where the lifeline has made room for them
 * @param lifeline the lifeline, which runs
 */
record LifelineStart(Limiter limiter, ShellLifeline lifeline) {
  /**
   * Starts the lifeline as it is planned, and where the service manager does not come to that,
   * without the scope.
   */
  static LifelineStart of(Os os, Limiter planned, Optional<CommandLog> log) throws IOException {
    return planned.scope().isPresent() ? inScope(os, planned, log) : here(os, planned, log);
  }

  private static LifelineStart here(Os os, Limiter limiter, Optional<CommandLog> log)
      throws IOException {
    return new LifelineStart(limiter, ShellLifeline.start(os, log));
  }

  private static LifelineStart inScope(Os os, Limiter planned, Optional<CommandLog> log)
      throws IOException {
    Scope scope = planned.scope().get();
    ShellLifeline started;
    try {
      started = ShellLifeline.start(os, scope, log);
    } catch (ShellLifeline.NoAnswerException e) {
      return here(os, planned.withLostScope(e.getMessage()), log);
    } catch (IOException e) {
      return here(os, planned.withoutScope(e.getMessage()), log);
    }
    try {
      return new LifelineStart(planned.inScopeOf(started.pid()), started);
    } catch (IOException e) {
      started.close();
      return here(os, planned.withLostScope(e.getMessage()), log);
    }
  }
}
