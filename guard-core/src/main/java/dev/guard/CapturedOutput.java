package dev.guard;

import dev.guard.value.Result;
import java.nio.charset.StandardCharsets;

/** Holds the bytes that Guard kept of a command's standard output or error. */
public final class CapturedOutput {
  private final Result.Captured captured;

  CapturedOutput(Result.Captured captured) {
    this.captured = captured;
  }

  /** Answers a copy of the bytes that were kept; none when the output was not captured. */
  public byte[] bytes() {
    return captured.bytes().clone();
  }

  /** Answers the bytes as UTF-8 text. */
  public String text() {
    return new String(captured.bytes(), StandardCharsets.UTF_8);
  }

  /** Answers how many more bytes the command wrote, which were read and dropped. */
  public long dropped() {
    return captured.dropped();
  }

  @Override
  public String toString() {
    return captured.bytes().length + " bytes, " + captured.dropped() + " dropped";
  }
}
