package dev.guard.cli.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.Layer;
import dev.guard.LayerName;
import dev.guard.config.ConfigException;
import dev.guard.config.ConfigLoader;
import dev.guard.config.Effective;
import dev.guard.config.Setting;
import dev.guard.os.Os;
import dev.guard.value.Environment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Shows that some layers that are not in force are said on standard error. */
class LostLayerTest {
  private static final Layer DEGRADED = Layer.degraded(LayerName.PIDS, 1024, "why");

  private static String said(Layer layer, Map<Setting, String> flags) throws ConfigException {
    Effective effective =
        ConfigLoader.load(
            Os.linux(),
            new ConfigLoader.Inputs(
                new Environment(List.of()), Optional.empty(), Optional.empty(), flags));
    return String.join("\n", ExecOutcome.degraded(List.of(layer), effective));
  }

  @Test
  void whatWasLostToABusyManagerIsSaidWhoeverAskedForIt() throws ConfigException {
    String line = "pids limit 1024 is not in force: why";
    assertThat(said(DEGRADED.lostThisTime(), Map.of())).isEqualTo(line);
    assertThat(said(DEGRADED, Map.of(Setting.PIDS_MAX, "1024"))).isEqualTo(line);
    assertThat(said(DEGRADED, Map.of())).as("as on every run on this host").isEmpty();
    assertThat(said(Layer.off(LayerName.MEMORY), Map.of())).isEmpty();
  }
}
