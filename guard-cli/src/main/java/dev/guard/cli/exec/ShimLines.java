package dev.guard.cli.exec;

import dev.guard.cli.shared.Messages;
import dev.guard.gateway.ShimConnection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/** Says lines of guard's own on the standard error of a shim. */
final class ShimLines {
  private ShimLines() {}

  /** Says them; a shim that has gone hears nothing, and its command is ended for that. */
  static void say(ShimConnection shim, List<String> lines) {
    if (lines.isEmpty()) {
      return;
    }
    try {
      shim.say(bytes(lines));
    } catch (IOException e) {
      // Nobody is there any more who could be told.
      return;
    }
  }

  /** Answers the bytes of these lines. */
  static byte[] bytes(List<String> lines) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    lines.forEach(line -> bytes.writeBytes(Messages.bytes(line)));
    return bytes.toByteArray();
  }
}
