package dev.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.guard.config.GuardConfig;
import dev.guard.config.ProgramSettings;
import dev.guard.config.Setting;
import java.math.BigDecimal;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Shows how a program's limits become settings, what they refuse and how they say so. */
class CommandLimitsTest {
  private static GuardConfig config(CommandLimits limits) throws Exception {
    return ProgramSettings.builtIn().with(limits.changes());
  }

  @Test
  void eachBecomesTheSettingOfItsName() throws Exception {
    GuardConfig config =
        config(
            CommandLimits.defaults()
                .timeout(Duration.ofMillis(1500))
                .killAfter(Duration.ZERO)
                .cpuTime(Duration.ofNanos(1))
                .memoryMax(1L << 40)
                .cpuMax(1.0 / 3)
                .pidsMax(7)
                .openFiles(100)
                .maxProcesses(3)
                .userMaxProcesses(4)
                .rateLimit(9)
                .budget("mine")
                .leftovers(Leftovers.WITH_PARENT)
                .require(LayerName.PIDS, LayerName.MEMORY));
    assertThat(config.timeout()).contains(Duration.ofMillis(1500));
    assertThat(config.killAfter()).isZero();
    assertThat(config.cpuTime()).contains(Duration.ofNanos(1));
    assertThat(config.memoryMax()).contains(1L << 40);
    assertThat(config.cpuMax()).contains(0.333333333);
    assertThat(config.pidsMax()).contains(7);
    assertThat(config.openFiles()).contains(100);
    assertThat(config.maxProcesses()).contains(3);
    assertThat(config.userMaxProcesses()).contains(4);
    assertThat(config.rateLimitPerSecond()).contains(9);
    assertThat(config.budget()).isEqualTo("mine");
    assertThat(config.leftovers()).isEqualTo(Leftovers.WITH_PARENT);
    assertThat(config.require()).containsExactlyInAnyOrder(LayerName.PIDS, LayerName.MEMORY);
  }

  @Test
  void whatIsNotSetIsTheDefaultAndLaterWins() throws Exception {
    CommandLimits first = CommandLimits.defaults().timeout(Duration.ofSeconds(1)).pidsMax(5);
    GuardConfig config = config(first.and(CommandLimits.defaults().timeout(Duration.ofHours(1))));
    assertThat(config.timeout()).contains(Duration.ofHours(1));
    assertThat(config.pidsMax()).contains(5);
    assertThat(config.openFiles()).isEqualTo(GuardConfig.defaults().openFiles());
  }

  @Test
  void aLimitCanBeTurnedOff() throws Exception {
    GuardConfig config =
        config(
            CommandLimits.defaults()
                .userMaxProcesses(4)
                .without(LayerName.TIMEOUT)
                .without(LayerName.REGISTRY));
    assertThat(config.timeout()).isEmpty();
    assertThat(config.maxProcesses()).isEmpty();
    assertThat(config.userMaxProcesses()).as("each limit of the layer").isEmpty();
    assertThat(config.openFiles()).isPresent();
    refuses(() -> CommandLimits.defaults().without(LayerName.LIFELINE), "lifeline is no limit");
  }

  @Test
  void whatIsOutOfRangeIsRefusedAtOnceAndNamesTheMethod() {
    CommandLimits limits = CommandLimits.defaults();
    refuses(() -> limits.timeout(Duration.ZERO), "CommandLimits.timeout takes more than 0, not 0");
    refuses(
        () -> limits.timeout(Duration.ofSeconds(Long.MAX_VALUE)), "CommandLimits.timeout takes");
    refuses(() -> limits.killAfter(Duration.ofSeconds(-1)), "CommandLimits.killAfter takes");
    refuses(() -> limits.memoryMax(-1), "CommandLimits.memoryMax takes more than 0, not -1");
    refuses(() -> limits.memoryMax(Long.MAX_VALUE), "CommandLimits.memoryMax takes");
    refuses(() -> limits.cpuMax(Double.NaN), "CommandLimits.cpuMax takes a number of cores");
    refuses(() -> limits.cpuMax(1e-12), "CommandLimits.cpuMax takes more than 0");
    refuses(() -> limits.pidsMax(0), "CommandLimits.pidsMax takes more than 0");
    refuses(() -> limits.budget("../x"), "CommandLimits.budget takes a name");
  }

  private static void refuses(ThrowingCallable call, String message) {
    assertThatIllegalArgumentException().isThrownBy(call).withMessageContaining(message);
  }

  @Test
  void messagesNameMethodsAndNoFlags() throws Exception {
    GuardConfig config = config(CommandLimits.defaults().timeout(Duration.ofSeconds(1)));
    assertThat(config.sources().of(Setting.TIMEOUT))
        .isEqualTo(" (CommandLimits.timeout; raise it there)");
    assertThat(config.sources().of(Setting.PIDS_MAX))
        .isEqualTo(" (built-in, 32 x max_processes; raise it with CommandLimits.pidsMax)");
    assertThat(config.sources().toRaise(Setting.MAX_PROCESSES))
        .isEqualTo("CommandLimits.maxProcesses");
  }

  @Test
  void theLimitOfALayerHasATypeAndAUnit() {
    LimitValue time = Layer.active(LayerName.TIMEOUT, 60.5, "").value().orElseThrow();
    assertThat(time).isEqualTo(new LimitValue(new BigDecimal("60.50"), LimitUnit.SECONDS));
    assertThat(time.asDuration()).isEqualTo(Duration.ofMillis(60_500));
    LimitValue memory = Layer.active(LayerName.MEMORY, 1L << 30, "").value().orElseThrow();
    assertThat(memory.asLong()).isEqualTo(1L << 30);
    assertThat(memory).hasToString("1073741824 bytes");
    LimitValue tasks = Layer.active(LayerName.PIDS, 3000, "").value().orElseThrow();
    assertThat(tasks).as("without an exponent").hasToString("3000 tasks");
    assertThat(Layer.off(LayerName.CPU).value()).isEmpty();
    assertThat(Layer.active(LayerName.PROCESS_GROUP, 4711, "").value()).isEmpty();
  }
}
