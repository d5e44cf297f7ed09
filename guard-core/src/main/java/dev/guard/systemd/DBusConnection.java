package dev.guard.systemd;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A connection by D-Bus to a service manager, or to a bus that has one. It makes one call at a time
 * and takes its reply. Nothing waits beyond its deadline; after a failure the connection is of no
 * use any more.
 */
final class DBusConnection implements AutoCloseable {
  /** Names a called method. */
  record Method(String destination, String path, String type, String member) {}

  /** Says that the other side has refused a call, by the name of its error. */
  static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String error;

    RefusedException(String error, String message) {
      super(message.isEmpty() ? error : message);
      this.error = error;
    }

    String error() {
      return error;
    }
  }

  /** Says that the other side has closed the connection. */
  static final class GoneException extends IOException {
    private static final long serialVersionUID = 1L;

    GoneException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private static final int CALL = 1;
  private static final int REPLY = 2;
  private static final int ERROR = 3;
  private static final int VERSION = 1;
  private static final int HEAD = 16;
  private static final int LARGEST = 16 << 20;
  private static final long RETRY_NANOS = 1_000_000;
  private static final Method HELLO =
      new Method("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello");

  private final Os os;
  private final int descriptor;
  private byte[] arrived = new byte[4096];
  private int count;
  private int serial;

  private DBusConnection(Os os, int descriptor) {
    this.os = os;
    this.descriptor = descriptor;
  }

  /**
   * Connects.
   *
   * @param isBus whether a bus is at the socket, and not the manager itself
   * @param deadline of System.nanoTime()
   */
  static DBusConnection open(Os os, Path socket, boolean isBus, long deadline) throws IOException {
    int descriptor = os.connectAtOnce(OsString.of(socket.toString()));
    DBusConnection connection = new DBusConnection(os, descriptor);
    try {
      connection.authenticate(deadline);
      if (isBus) {
        connection.call(HELLO, "", new DBusWriter(), deadline);
      }
      return connection;
    } catch (IOException | RuntimeException | Error e) {
      connection.close();
      throw e;
    }
  }

  /** Tells who this is, which the other side asks the kernel. */
  private void authenticate(long deadline) throws IOException {
    String user = Integer.toString(os.userId());
    String name = HexFormat.of().formatHex(user.getBytes(StandardCharsets.US_ASCII));
    String words = "\0AUTH EXTERNAL " + name + "\r\nBEGIN\r\n";
    send(words.getBytes(StandardCharsets.US_ASCII), deadline);
    int end = lineEnd();
    while (end < 0) {
      receive(deadline);
      end = lineEnd();
    }
    String line = new String(arrived, 0, end, StandardCharsets.US_ASCII);
    take(end + 2);
    if (!line.startsWith("OK ")) {
      throw new IOException("it does not take user " + user + ": " + line);
    }
  }

  private int lineEnd() {
    for (int i = 0; i + 1 < count; i++) {
      if (arrived[i] == '\r' && arrived[i + 1] == '\n') {
        return i;
      }
    }
    return -1;
  }

  /**
   * Calls a method and waits for its reply.
   *
   * @param signature the types of the body
   * @return the values in the reply
   * @throws RefusedException when the other side has refused it; the connection goes on
   */
  List<Object> call(Method method, String signature, DBusWriter body, long deadline)
      throws IOException {
    serial++;
    send(message(method, signature, body.bytes()), deadline);
    while (true) {
      byte[] message = next(deadline);
      ByteOrder order = order(message[0]);
      List<Object> head = new DBusReader(message, order).values("yyyyuua(yv)");
      String types = (String) field(head, 8, "");
      boolean isAnswer = field(head, 5, 0L).equals((long) serial);
      int length = (int) (long) (Long) head.get(4);
      byte[] content = Arrays.copyOfRange(message, message.length - length, message.length);
      if (isAnswer && message[1] == REPLY) {
        return new DBusReader(content, order).values(types);
      }
      if (isAnswer && message[1] == ERROR) {
        List<Object> words = new DBusReader(content, order).values(types);
        throw new RefusedException(
            field(head, 4, "").toString(), words.isEmpty() ? "" : words.get(0).toString());
      }
      // A signal.
    }
  }

  /** Picks a field of a message's head by its code. */
  private static Object field(List<Object> head, long code, Object otherwise) {
    for (Object field : (List<?>) head.get(6)) {
      List<?> pair = (List<?>) field;
      if (pair.get(0).equals(code)) {
        return pair.get(1);
      }
    }
    return otherwise;
  }

  private byte[] message(Method method, String signature, byte[] body) {
    DBusWriter head =
        new DBusWriter().u8('l').u8(CALL).u8(0).u8(VERSION).u32(body.length).u32(serial);
    head.array(
        8,
        () -> {
          head.align(8).u8(1).signature("o").string(method.path());
          head.align(8).u8(2).signature("s").string(method.type());
          head.align(8).u8(3).signature("s").string(method.member());
          head.align(8).u8(6).signature("s").string(method.destination());
          if (!signature.isEmpty()) {
            head.align(8).u8(8).signature("g").signature(signature);
          }
        });
    return head.align(8).raw(body).bytes();
  }

  private static ByteOrder order(byte mark) throws IOException {
    if (mark != 'l' && mark != 'B') {
      throw new IOException("a D-Bus message that begins with " + mark);
    }
    return mark == 'l' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
  }

  /** Takes one whole message. */
  private byte[] next(long deadline) throws IOException {
    fill(HEAD, deadline);
    ByteBuffer head = ByteBuffer.wrap(arrived, 0, HEAD).order(order(arrived[0]));
    long fields = head.getInt(12) & 0xffff_ffffL;
    long length = HEAD + (fields + 7) / 8 * 8 + (head.getInt(4) & 0xffff_ffffL);
    if (length > LARGEST) {
      throw new IOException("a D-Bus message of " + length + " bytes");
    }
    fill((int) length, deadline);
    byte[] message = Arrays.copyOf(arrived, (int) length);
    take((int) length);
    return message;
  }

  private void fill(int length, long deadline) throws IOException {
    while (count < length) {
      receive(deadline);
    }
  }

  private void take(int length) {
    System.arraycopy(arrived, length, arrived, 0, count - length);
    count -= length;
  }

  private void receive(long deadline) throws IOException {
    long left = deadline - System.nanoTime();
    if (left <= 0 || !os.poll(new int[] {descriptor}, (int) (left / 1_000_000) + 1)[0]) {
      throw new IOException("it does not answer in time");
    }
    byte[] bytes = new byte[8192];
    int more = Math.max(read(bytes), 0);
    if (count + more > arrived.length) {
      arrived = Arrays.copyOf(arrived, 2 * (count + more));
    }
    System.arraycopy(bytes, 0, arrived, count, more);
    count += more;
  }

  private void send(byte[] bytes, long deadline) throws IOException {
    int done = 0;
    while (done < bytes.length) {
      int taken = write(Arrays.copyOfRange(bytes, done, bytes.length));
      done += taken;
      if (taken == 0) {
        if (System.nanoTime() >= deadline) {
          throw new IOException("it does not read");
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  private int read(byte[] bytes) throws GoneException {
    int got;
    try {
      got = os.read(descriptor, bytes);
    } catch (OsException e) {
      throw new GoneException(e.getMessage(), e);
    }
    if (got == 0) {
      throw new GoneException("it has hung up", null);
    }
    return got;
  }

  private int write(byte[] bytes) throws GoneException {
    try {
      return os.writeSome(descriptor, bytes);
    } catch (OsException e) {
      throw new GoneException(e.getMessage(), e);
    }
  }

  @Override
  public void close() throws OsException {
    os.close(descriptor);
  }
}
