package dev.guard.systemd;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads values as D-Bus has them on the wire. Numbers come as Long, a truth value as Boolean, what
 * is text as String, arrays, structures and entries of dictionaries as List, and a variant as what
 * is in it.
 */
final class DBusReader {
  // The specification allows 64; more would be no value of a service manager.
  private static final int DEEPEST = 64;

  private final ByteBuffer bytes;

  DBusReader(byte[] bytes, ByteOrder order) {
    this.bytes = ByteBuffer.wrap(bytes).order(order);
  }

  /** Walks through the types of a signature. */
  private static final class Types {
    private final String signature;
    private int at;

    Types(String signature) {
      this.signature = signature;
    }

    boolean isAtEnd() {
      return at >= signature.length();
    }

    char next() throws IOException {
      if (isAtEnd()) {
        throw new IOException("a D-Bus signature that ends too soon: " + signature);
      }
      return signature.charAt(at++);
    }
  }

  /**
   * Reads one value for each type of a signature.
   *
   * @throws IOException when the bytes are no such values
   */
  List<Object> values(String signature) throws IOException {
    List<Object> values = new ArrayList<>();
    Types types = new Types(signature);
    try {
      while (!types.isAtEnd()) {
        values.add(value(types, 0));
      }
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new IOException("a D-Bus message is no " + signature, e);
    }
    return values;
  }

  private void align(int alignment) {
    bytes.position((bytes.position() + alignment - 1) / alignment * alignment);
  }

  private Object value(Types types, int depth) throws IOException {
    if (depth > DEEPEST) {
      throw new IOException("a D-Bus value is nested too deeply");
    }
    char type = types.next();
    return switch (type) {
      case 'y' -> (long) (bytes.get() & 0xff);
      case 'b' -> u32() != 0;
      case 'n', 'q' -> u16();
      case 'i', 'u', 'h' -> u32();
      case 'x', 't', 'd' -> u64();
      case 's', 'o' -> text((int) u32());
      case 'g' -> text(bytes.get() & 0xff);
      case 'v' -> value(new Types(text(bytes.get() & 0xff)), depth + 1);
      case 'a' -> array(types, depth);
      case '(' -> structure(types, ')', depth);
      case '{' -> structure(types, '}', depth);
      default -> throw new IOException("a D-Bus signature with the type " + type);
    };
  }

  private long u16() {
    align(2);
    return bytes.getShort() & 0xffff;
  }

  private long u32() {
    align(4);
    return bytes.getInt() & 0xffff_ffffL;
  }

  private long u64() {
    align(8);
    return bytes.getLong();
  }

  private String text(int length) {
    if (length < 0 || length >= bytes.remaining()) {
      throw new BufferUnderflowException();
    }
    String text = new String(bytes.array(), bytes.position(), length, StandardCharsets.UTF_8);
    bytes.position(bytes.position() + length + 1);
    return text;
  }

  private List<Object> structure(Types types, char end, int depth) throws IOException {
    align(8);
    List<Object> fields = new ArrayList<>();
    while (types.at < types.signature.length() && types.signature.charAt(types.at) != end) {
      fields.add(value(types, depth + 1));
    }
    types.next();
    return fields;
  }

  private List<Object> array(Types types, int depth) throws IOException {
    long length = u32();
    int element = types.at;
    align(alignment(types));
    long end = bytes.position() + length;
    if (end > bytes.limit()) {
      throw new BufferUnderflowException();
    }
    List<Object> elements = new ArrayList<>();
    while (bytes.position() < end) {
      int before = bytes.position();
      types.at = element;
      elements.add(value(types, depth + 1));
      if (bytes.position() == before) {
        throw new IOException("a D-Bus array whose elements take no place");
      }
    }
    types.at = element;
    skip(types);
    return elements;
  }

  private static int alignment(Types types) throws IOException {
    if (types.isAtEnd()) {
      throw new IOException("a D-Bus array of nothing");
    }
    return switch (types.signature.charAt(types.at)) {
      case 'y', 'g', 'v' -> 1;
      case 'n', 'q' -> 2;
      case 'x', 't', 'd', '(', '{' -> 8;
      default -> 4;
    };
  }

  /** Goes past one complete type. */
  private static void skip(Types types) throws IOException {
    char type = types.next();
    if (type == 'a') {
      skip(types);
    } else if (type == '(' || type == '{') {
      int open = 1;
      while (open > 0) {
        char inner = types.next();
        open += inner == '(' || inner == '{' ? 1 : 0;
        open -= inner == ')' || inner == '}' ? 1 : 0;
      }
    }
  }
}
