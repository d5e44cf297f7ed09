package dev.guard;

import dev.guard.value.Result;
import java.nio.charset.StandardCharsets;

/** What was kept of a command's standard output or error. */
public final class CapturedOutput {
  private final Result.Captured captured;

  CapturedOutput(Result.Captured captured) {
    this.captured = captured;
  }

  /** A copy of the bytes that were kept; none when the output was not captured. */
  public byte[] bytes() {
    return captured.bytes().clone();
  }

  /** The bytes as UTF-8 text. */
  public String text() {
    return new String(captured.bytes(), StandardCharsets.UTF_8);
  }

  /** How many bytes more the command wrote, which were read and dropped. */
  public long dropped() {
    return captured.dropped();
  }

  @Override
  public String toString() {
    return captured.bytes().length + " bytes, " + captured.dropped() + " dropped";
  }
}
