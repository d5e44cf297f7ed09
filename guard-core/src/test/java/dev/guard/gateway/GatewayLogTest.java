package dev.guard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Os;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What gateways say fills no disk. */
class GatewayLogTest {
  private static final long MOST = 1 << 20;

  @TempDir private Path home;

  private Path make() throws IOException {
    return GatewayLog.make(Os.linux(), home.toString());
  }

  private long used() throws IOException {
    long sum = 0;
    try (var all = Files.list(home.resolve(".local/state/guard"))) {
      for (Path file : all.toList()) {
        sum += Files.size(file);
      }
    }
    return sum;
  }

  @Test
  void itIsBoundedWhileItIsWritten() throws IOException {
    byte[] line = ("x".repeat(99) + "\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    for (int start = 0; start < 3; start++) {
      try (GatewayLog log = GatewayLog.bounded(make())) {
        for (int i = 0; i < 6000; i++) {
          log.write(line);
        }
      }
      assertThat(used()).isBetween(10_000L, MOST);
    }
  }

  @Test
  void aFullOneIsPutAside() throws IOException {
    Path file = make();
    Files.write(file, new byte[512 << 10]);
    assertThat(make()).isEqualTo(file).isEmptyFile();
    assertThat(Files.size(file.resolveSibling("gateway.log.1"))).isEqualTo(512 << 10);
    assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
  }
}
