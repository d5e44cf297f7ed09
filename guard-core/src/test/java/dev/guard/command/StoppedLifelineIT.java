package dev.guard.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.Cause;
import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.config.Setting;
import dev.guard.os.Os;
import dev.guard.os.Signals;
import dev.guard.testing.TestCommands;
import dev.guard.value.Result;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Stops the lifeline while a command runs. Needs nothing but Linux. */
class StoppedLifelineIT {
  @Test
  void theCommandIsEndedOnTimeAndTheResultSaysThatNobodyWouldHave() throws Exception {
    try (CommandRunner guard =
        CommandRunner.with(TestCommands.config(Map.of(Setting.TIMEOUT, "1")))) {
      CommandHandle command = guard.start(TestCommands.sh("sleep 60"));
      Layer before = lifeline(command.released().get(30, TimeUnit.SECONDS));
      assertThat(before.state()).isEqualTo(Layer.State.ACTIVE);
      int pid = Integer.parseInt(before.detail().replace("process ", ""));
      Os.linux().kill(pid, Signals.STOP);
      try {
        Result result = command.result().get(30, TimeUnit.SECONDS);
        assertThat(result.outcome().cause()).isEqualTo(Cause.TIMEOUT);
        assertThat(lifeline(result.layers()))
            .isEqualTo(Layer.degraded(LayerName.LIFELINE, "", "process " + pid + " was stopped"));
      } finally {
        Os.linux().kill(pid, Signals.CONT);
      }
    }
  }

  private static Layer lifeline(List<Layer> layers) {
    return layers.stream().filter(l -> l.name() == LayerName.LIFELINE).findFirst().orElseThrow();
  }
}
