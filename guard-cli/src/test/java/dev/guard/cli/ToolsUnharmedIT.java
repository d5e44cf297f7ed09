package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs everyday tools under the default limits. Needs java, mvn, node, npm with its registry, git,
 * make and a C compiler.
 */
@ExtendWith(NothingLeft.class)
@Needs({"node", "npm", "git", "make", "cc", "mvn"})
class ToolsUnharmedIT {
  private static final long LOOK_NANOS = 10_000_000;

  @TempDir private Path directory;

  /** A name and a shell script. */
  record Tool(String name, String script) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Tool> tools() {
    return List.of(
        new Tool("java -version", "exec java -version"),
        new Tool("mvn -v", "exec mvn -v"),
        new Tool("node -e", "exec node -e 'console.log(1 + 1)'"),
        new Tool("npm -v", "exec npm -v"),
        new Tool(
            "git init, commit, gc",
            "set -e; git init -q .; echo a >a; git add a\n"
                + "git -c user.name=n -c user.email=e@x commit -qm m; git gc -q; git log --oneline"),
        new Tool(
            "make -j4, 20 C files",
            "set -e; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do\n"
                + "echo \"int f$i(void) { return $i; }\" >f$i.c; done; echo 'int main(void) { return 0; }' >m.c\n"
                + "printf 'm: $(patsubst %%.c,%%.o,$(wildcard *.c))\\n\\tcc -o $@ $^\\n' >Makefile\n"
                + "make -j4 && ./m"),
        new Tool("npm install is-number", "npm install --no-audit --no-fund is-number"));
  }

  @ParameterizedTest
  @MethodSource("tools")
  void endsWell(Tool tool) {
    String mark = "MARK_OF_TEST=" + UUID.randomUUID();
    AtomicInteger processes = new AtomicInteger();
    Thread counter = new Thread(() -> count(mark, processes), "counter");
    counter.start();
    Reported r =
        Reported.exec(
            p -> p.in(directory).with("MARK_OF_TEST", mark.substring(mark.indexOf('=') + 1)),
            "--",
            "sh",
            "-c",
            tool.script());
    counter.interrupt();
    assertThat(r.finished().exit()).as(r.finished().errors()).isZero();
    assertThat(r.usage("forks_refused")).isZero();
    assertThat(r.layer("pids").get("state").getAsString()).isEqualTo("active");
    // The row of the table in docs/testing.md; guard itself has the mark too, so one less.
    System.out.println(
        String.format(
            Locale.ROOT,
            "| `%s` | %d | %d |",
            tool.name(),
            r.usage("peak_pids"),
            processes.get() - 1));
  }

  /** The most processes that were seen at one time; short-lived ones can be missed. */
  private static void count(String mark, AtomicInteger most) {
    while (!Thread.interrupted()) {
      most.accumulateAndGet(MachineRemains.processesWith(mark).size(), Math::max);
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }
}
