package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows that every byte that goes through guard comes out as it went in. */
@ExtendWith(NothingLeft.class)
class BytesIT {
  /** Three worlds: a JVM decodes what it is given by the locale, and guard must not care. */
  private static final String C = "env LC_ALL=C";

  private static final String UTF8 = "env LC_ALL=C.UTF-8";
  private static final String NONE = "env -i";

  // 0xff is in no UTF-8 text; 0xc3 alone is half a character; 0xe9 is Latin-1.
  private static final String ODD = " \t\u00ff\u00c3(\u00e9'\"\\$`*?\n\u0001\u007f end";

  @TempDir private Path directory;

  @Test
  void aHundredMegabytesPassStandardInputAndOutput() {
    Finished f =
        GuardProcess.script(
                "head -c 104857600 /dev/urandom | tee sent |\n"
                    + "  \"$GUARD\" exec -- cat | sha256sum; sha256sum <sent; wc -c <sent")
            .in(directory)
            .run();
    assertThat(f.errors()).isEmpty();
    assertThat(f.lines()).hasSize(3);
    assertThat(f.lines().get(0)).isEqualTo(f.lines().get(1)).hasSizeGreaterThan(64);
    assertThat(f.lines().get(2)).isEqualTo("104857600");
  }

  @ParameterizedTest
  @ValueSource(strings = {C, UTF8, NONE})
  void aThousandArguments(String world) {
    List<String> arguments = new ArrayList<>(List.of("", "-n", "--", "\n", "\n\n", ODD, "\u00ff"));
    while (arguments.size() < 1000) {
      arguments.add(arguments.size() % 7 == 0 ? "" : arguments.size() + ODD);
    }
    String words = arguments.stream().map(GuardProcess::quoted).collect(Collectors.joining(" "));
    Finished f =
        GuardProcess.script(world + " \"$GUARD\" exec -- printf '%s\\0' -- " + words).run();
    assertThat(f.errors()).isEmpty();
    assertThat(f.strings().subList(1, 1001)).isEqualTo(arguments);
  }

  @ParameterizedTest
  @ValueSource(strings = {C, UTF8, NONE})
  void theEnvironmentWithAnyNamesAndValues(String world) {
    List<String> entries =
        List.of(
            "A-B=1",
            "BASH_FUNC_x%%=() {  echo x\n}",
            "1st=a digit first",
            "with space=" + ODD,
            "\u00ff\u00c3=" + ODD,
            "EMPTY=",
            "TWO=a=b",
            "PWD=/stale",
            "OLDPWD=/staler",
            "IFS=x",
            "_=/nowhere",
            "LANG=no_SUCH.locale",
            "_guard_environ_1=mine");
    String words = entries.stream().map(GuardProcess::quoted).collect(Collectors.joining(" "));
    String call = world + " " + words + " ";
    List<String> expected =
        new ArrayList<>(
            GuardProcess.script(call + "\"$1\" -0", "env")
                .with("GUARD_BUDGET", "b")
                .run()
                .strings());
    Finished f =
        GuardProcess.script(call + "\"$GUARD\" exec -- env -0").with("GUARD_BUDGET", "b").run();
    assertThat(f.errors()).isEmpty();
    List<String> got = new ArrayList<>(f.strings());
    assertThat(got).filteredOn(e -> e.matches("GUARD_ID=[0-9a-f]{16}")).hasSize(1);
    got.removeIf(e -> e.startsWith("GUARD_ID="));
    assertThat(got).containsExactlyElementsOf(expected).containsAll(entries);
  }

  @ParameterizedTest
  @ValueSource(strings = {C, UTF8, NONE})
  void theDirectoryOfTheCallerAndTheOptionsOne(String world) {
    String name = GuardProcess.quoted("dir" + ODD);
    Finished f =
        GuardProcess.script(
                ("mkdir " + name + " && cd " + name + " || exit 9\n")
                    + (world + " \"$GUARD\" exec -- readlink -n /proc/self/cwd; printf '\\0'\n")
                    + ("mkdir " + name + "; ")
                    + (world + " \"$GUARD\" exec -C " + name)
                    + " -- readlink -n /proc/self/cwd; printf '\\0'\n"
                    + (world + " \"$GUARD\" exec --directory=" + name)
                    + " -- readlink -n /proc/self/cwd; printf '\\0'\n")
            .in(directory)
            .run();
    assertThat(f.errors()).isEmpty();
    String outer = directory + "/dir" + ODD;
    String inner = outer + "/dir" + ODD;
    assertThat(f.strings()).containsExactly(outer, inner, inner);
  }

  @Test
  void aProgramWithAnyName() throws IOException {
    String name = GuardProcess.quoted("./program" + ODD);
    Finished f =
        GuardProcess.script(
                "cp /bin/echo " + name + "; LC_ALL=C \"$GUARD\" exec -- " + name + " it ran")
            .in(directory)
            .run();
    assertThat(f.output()).isEqualTo("it ran\n");
  }

  @Test
  void anEmptyEnvironmentHasOnlyTheId() {
    assertThat(GuardProcess.script("env -i \"$GUARD\" exec -- env").run().output())
        .matches("GUARD_ID=[0-9a-f]{16}\n");
  }

  @Test
  void aGuardedCommandsGuardReplacesTheId() {
    Finished f = GuardProcess.script("GUARD_ID=theirs \"$GUARD\" exec -- env -0").run();
    assertThat(f.strings()).filteredOn(e -> e.startsWith("GUARD_ID=")).hasSize(1);
    assertThat(f.strings()).doesNotContain("GUARD_ID=theirs");
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 600, 1000, 1900})
  void aLargeEnvironmentPasses(int kilobytes) {
    // One string may have 128 KiB.
    Finished f =
        GuardProcess.script(
                "big=$(head -c 102400 /dev/zero | tr '\\0' x)\n"
                    + "i=0; while [ $i -lt $1 ]; do export big_$i=$big; i=$((i + 100)); done\n"
                    + "unset big; \"$GUARD\" exec -- sh -c 'env | grep -c ^big_'",
                "" + kilobytes)
            .run();
    assertThat(f.errors()).isEmpty();
    assertThat(f.output()).isEqualTo(kilobytes / 100 + "\n");
  }
}
