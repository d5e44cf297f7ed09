package dev.guard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.testing.FakeOs;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Damaged frames of a shim are the end of its connection, and of nothing else. */
class FuzzedConnectionTest {
  private static final int FRAMES = Integer.getInteger("fuzz.frames", 1_000_000);
  private static final long SEED = Long.getLong("fuzz.seed", System.nanoTime() & 0xffffff);
  private static final int MOST_OF_ONE = 8;
  private static final int RIGHT = 8;
  private static final byte[] HELLO =
      new FrameWriter(Frame.HELLO)
          .u32(1)
          .u64(1)
          .u64(2)
          .u32(9)
          .string(OsString.of("/tmp"))
          .u32(2)
          .strings(List.of(OsString.of("guard"), OsString.of("exec")))
          .strings(List.of(OsString.of("HOME=/")))
          .u32(0)
          .frame();

  private final Random random = new Random(SEED);
  private byte[] input = {};
  private int at;
  private int events;
  private final FakeOs os =
      new FakeOs().on("read", a -> read((byte[]) a[1])).on("close", a -> null);

  /** Some of what is left, as a stream gives it; -1: nothing now. */
  private int read(byte[] buffer) {
    int count = Math.min(Math.min(input.length - at, buffer.length), 1 + random.nextInt(200));
    System.arraycopy(input, at, buffer, 0, count);
    at += count;
    return count == 0 ? -1 : count;
  }

  private ShimConnection.Events counted() {
    return new ShimConnection.Events() {
      @Override
      public void signal(int signal, boolean fromKernel) {
        assertThat(signal).isBetween(1, 64);
        events++;
      }

      @Override
      public void told() {
        events++;
      }

      @Override
      public void cancelled() {
        events++;
      }

      @Override
      public void hungUp() {}
    };
  }

  /** One of so many kinds, of which the last is out of turn. */
  private byte[] frame(int kinds) {
    return switch (random.nextInt(kinds)) {
      case 0 -> new FrameWriter(Frame.HELD).u32(1 + random.nextInt(4_000_000)).frame();
      case 1 -> new FrameWriter(Frame.EXECUTED).frame();
      case 2 -> new FrameWriter(Frame.NOT_EXECUTED).u8(1 + random.nextInt(5)).u32(2).frame();
      case 3 ->
          new FrameWriter(Frame.ENDED).u32(random.nextInt(1 << 16)).u64(5).u64(6).u64(7).frame();
      case 4 ->
          new FrameWriter(Frame.SIGNAL).u32(1 + random.nextInt(64)).u8(random.nextInt(2)).frame();
      case 5 -> new FrameWriter(Frame.ANSWER).u32(random.nextInt(200)).frame();
      case 6 -> new FrameWriter(Frame.TOLD).frame();
      case 7 -> new FrameWriter(Frame.CANCEL).frame();
      default -> HELLO;
    };
  }

  private byte[] damaged(byte[] frame) {
    byte[] bytes = Arrays.copyOf(frame, frame.length - random.nextInt(2));
    for (int times = random.nextInt(3); times >= 0; times--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return bytes;
  }

  /** Answers whether all of it was taken. */
  private boolean isTaken(byte[] bytes) {
    input = bytes;
    at = 0;
    ShimConnection shim = new ShimConnection(os.os(), 3, new ProcessId(7, 1));
    try {
      while (at < input.length) {
        shim.read();
        shim.tell(counted());
      }
      return true;
    } catch (IOException e) {
      return false;
    } finally {
      shim.close();
    }
  }

  @Test
  void nothingIsThrownButWhatEndsTheConnection() {
    int all = 0;
    int whole = 0;
    int taken = 0;
    int connections = 0;
    try {
      while (all < FRAMES) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        boolean right = random.nextInt(3) == 0;
        int count = 1 + random.nextInt(MOST_OF_ONE);
        byte[] first = right || random.nextInt(8) != 0 ? HELLO : damaged(HELLO);
        bytes.writeBytes(first);
        for (int i = 0; i < count; i++) {
          byte[] frame = frame(right ? RIGHT : RIGHT + 1);
          bytes.writeBytes(right || random.nextInt(3) != 0 ? frame : damaged(frame));
        }
        boolean took = isTaken(bytes.toByteArray());
        assertThat(took || !right).as("right frames are taken").isTrue();
        whole += right ? 1 : 0;
        taken += took ? 1 : 0;
        connections++;
        all += 1 + count;
      }
    } catch (RuntimeException | Error e) {
      throw new AssertionError("seed " + SEED + ", connection " + connections, e);
    }
    assertThat(taken).as("seed %s", SEED).isBetween(whole, connections - 1);
    assertThat(whole).isGreaterThan(connections / 4);
    assertThat(events).isGreaterThan(FRAMES / 20);
  }
}
