package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The window of a session is a shim's, and a gateway serves it. */
@Needs({"tmux", "unshare", "nsenter"})
@ExtendWith(NothingLeft.class)
class GatewaySessionIT {
  @TempDir private Path directory;
  private OwnGateway gateway;
  private OwnStore store;

  @BeforeEach
  void start() {
    store = OwnStore.in(directory.resolve("store"));
    gateway = OwnGateway.on(store);
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private Finished call(GuardProcess guard) {
    return gateway.serving(guard).run();
  }

  @Test
  void theGatewayServesItAndTellsItsStarter() {
    String id = SessionCalls.id(call(SessionCalls.starting("s", "--", "sleep", "300")));
    Path shared = store.directory().resolve("run/guard");
    assertThat(Store.pid(shared, id, "lifeline")).isEqualTo(gateway.pid());
    Finished stop = call(GuardProcess.of("session", "stop", "--grace=0", "s"));
    assertThat(stop.exit()).as(stop.errors()).isZero();
    assertThat(store.files()).noneMatch(f -> f.startsWith("guard/sessions/"));
  }

  @Test
  void theStarterIsToldWhyItDoesNotRun() {
    Finished f = call(SessionCalls.starting("s", "--", "/no/such/program"));
    assertThat(f.exit()).isEqualTo(127);
    assertThat(f.errors()).contains("/no/such/program");
    assertThat(store.files()).noneMatch(s -> s.startsWith("guard/sessions/"));
  }
}
