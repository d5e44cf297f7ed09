package dev.guard.cli.setup;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/** Turns texts of which each character is one byte into what they mean in UTF-8, and back. */
final class Utf8 {
  private Utf8() {}

  static String decoded(String bytes) throws SyntaxException {
    try {
      return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.getBytes(ISO_8859_1))).toString();
    } catch (CharacterCodingException e) {
      throw new SyntaxException(1, "it is no text in UTF-8");
    }
  }

  static String encoded(String text) {
    return new String(text.getBytes(UTF_8), ISO_8859_1);
  }
}
