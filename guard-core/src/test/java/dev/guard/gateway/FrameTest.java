package dev.guard.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.Leftovers;
import dev.guard.cgroup.CommandCgroup;
import dev.guard.os.OsString;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes on the wire: the shim, which is written in C, has the same golden bytes. */
class FrameTest {
  private static final byte[] HELLO =
      bytes(
          "50000000 01 01000000 0100000000000000 0040000000000000 09000000"
              + " 04000000 2f746d70 00"
              + " 02000000 02000000 05000000 6775617264 00 04000000 65786563 00"
              + " 01000000 06000000 484f4d453d2f 00 00000000");

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static Frame only(byte[] bytes) throws ProtocolException {
    FrameReader reader = new FrameReader();
    reader.add(bytes, bytes.length);
    Frame frame = reader.next().orElseThrow();
    assertThat(reader.next()).isEmpty();
    return frame;
  }

  @Test
  void theFirstMessageSaysHowTheShimWasCalled() throws Exception {
    Hello hello = Hello.of(only(HELLO));
    assertThat(hello.ignoredSignals()).isEqualTo(1);
    assertThat(hello.blockedSignals()).isEqualTo(1 << 14);
    assertThat(hello.isClosed(0)).isTrue();
    assertThat(hello.isClosed(1)).isFalse();
    assertThat(hello.isTerminal(0)).isTrue();
    assertThat(hello.isTerminal(2)).isFalse();
    assertThat(hello.directory()).contains(OsString.of("/tmp"));
    assertThat(hello.arguments()).containsExactly(OsString.of("guard"), OsString.of("exec"));
    assertThat(hello.isWhole()).isTrue();
    assertThat(hello.variables()).containsExactly(OsString.of("HOME=/"));
  }

  @Test
  void aGrantSaysHowTheChildIsMade() {
    Grant grant =
        new Grant(
            true,
            true,
            Leftovers.KEEP,
            3,
            Optional.of(OsString.of("/d")),
            "0123456789abcdef",
            List.of(
                new CommandCgroup.Entrance(Path.of("/a"), true, false, false),
                new CommandCgroup.Entrance(Path.of("/b"), false, false, false),
                new CommandCgroup.Entrance(Path.of("/c"), false, true, false),
                new CommandCgroup.Entrance(Path.of("/d"), false, true, true)),
            Optional.of(Duration.ofSeconds(1)),
            Duration.ofMillis(5));
    assertThat(grant.frame())
        .isEqualTo(
            bytes(
                "66000000 44 07000000 03000000 02000000 2f64 00"
                    + " 01000000 19000000"
                    + " 47554152445f49443d30313233343536373839616263646566 00"
                    + " 04000000 01 02000000 2f61 00 02 02000000 2f62 00 03 02000000 2f63 00"
                    + " 04 02000000 2f64 00"
                    + " e803000000000000 0500000000000000"));
  }

  @Test
  void aFrameMayArriveByteByByte() throws Exception {
    FrameReader reader = new FrameReader();
    for (int i = 0; i < HELLO.length; i++) {
      assertThat(reader.next()).as("after %d bytes", i).isEmpty();
      reader.add(new byte[] {HELLO[i]}, 1);
    }
    assertThat(reader.next().orElseThrow().payload()).hasSize(HELLO.length - 5);
  }

  @Test
  void framesMayArriveTogether() throws Exception {
    byte[] three = bytes("01000000 03 02000000 4201 01000000 03");
    FrameReader reader = new FrameReader();
    reader.add(three, three.length);
    assertThat(reader.next().orElseThrow().type()).isEqualTo(Frame.EXECUTED);
    assertThat(reader.next().orElseThrow().payload()).containsExactly(1);
    assertThat(reader.next().orElseThrow().type()).isEqualTo(Frame.EXECUTED);
    assertThat(reader.next()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"00000000 01", "01001000 01", "ffffffff 01"})
  void aLengthThatNoFrameHasIsRefusedBeforeItIsWaitedFor(String hex) {
    FrameReader reader = new FrameReader();
    reader.add(bytes(hex), 5);
    assertThatThrownBy(reader::next).isInstanceOf(ProtocolException.class);
  }

  @Test
  void everyFieldThatIsCutShortIsRefused() throws Exception {
    byte[] payload = only(HELLO).payload();
    for (int length = 0; length < payload.length; length++) {
      Frame shorter = new Frame(Frame.HELLO, Arrays.copyOf(payload, length));
      assertThatThrownBy(() -> Hello.of(shorter)).isInstanceOf(ProtocolException.class);
    }
    Frame longer = new Frame(Frame.HELLO, Arrays.copyOf(payload, payload.length + 1));
    assertThatThrownBy(() -> Hello.of(longer)).isInstanceOf(ProtocolException.class);
  }

  /** A count of strings or of bytes must not make room before they are there. */
  @Test
  void garbageIsRefusedAndNeverBelieved() throws Exception {
    byte[] payload = only(HELLO).payload();
    Random random = new Random(17);
    int refused = 0;
    int rounds = 100_000;
    for (int i = 0; i < rounds; i++) {
      byte[] garbled = payload.clone();
      for (int j = random.nextInt(4); j >= 0; j--) {
        garbled[random.nextInt(garbled.length)] = (byte) random.nextInt();
      }
      try {
        Hello.of(new Frame(Frame.HELLO, garbled));
      } catch (ProtocolException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(rounds / 10, rounds - 1);
  }
}
