package dev.guard.os;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.CallingConvention;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import java.util.Arrays;

/**
 * Calls functions of the C library by name. Every argument and result is a C long, which the
 * calling conventions of x86-64 and aarch64 allow for int, pointer and size_t alike.
 *
 * <p>This is jffi, the layer below jnr-ffi and jnr-posix: the same calls through those cost 90 ms
 * and 230 ms more at start.
 */
final class Libc {
  static final MemoryIO MEMORY = MemoryIO.getInstance();
  private static final Invoker INVOKER = Invoker.getInstance();
  private static final Library LIBRARY = Library.getDefault();
  private static final CallContext[] CONTEXTS = new CallContext[7];

  static {
    // The class is loaded now: the first failure may be that there is no descriptor for its file.
    Text.load();
    for (int i = 0; i < CONTEXTS.length; i++) {
      Type[] parameters = new Type[i];
      Arrays.fill(parameters, Type.SLONG);
      CONTEXTS[i] =
          CallContext.getCallContext(Type.SLONG, parameters, CallingConvention.DEFAULT, true);
    }
  }

  private final String name;
  private final long address;

  /** Names a function of the C library, whether or not this version has it. */
  Libc(String name) {
    this.name = name;
    this.address = LIBRARY.getSymbolAddress(name);
  }

  /** Tells whether this C library has the function. */
  boolean exists() {
    return address != 0;
  }

  /** Answers where the function is; 0: this C library has none. */
  long address() {
    return address;
  }

  /** Calls a function whose result has the C type int. */
  int call(long... a) {
    return (int) callLong(a);
  }

  /** Calls a function whose result has the C type long, pointer or size. */
  long callLong(long... a) {
    if (address == 0) {
      throw new UnsupportedOperationException("this C library has no " + name);
    }
    CallContext c = CONTEXTS[a.length];
    return switch (a.length) {
      case 0 -> INVOKER.invokeN0(c, address);
      case 1 -> INVOKER.invokeN1(c, address, a[0]);
      case 2 -> INVOKER.invokeN2(c, address, a[0], a[1]);
      case 3 -> INVOKER.invokeN3(c, address, a[0], a[1], a[2]);
      case 4 -> INVOKER.invokeN4(c, address, a[0], a[1], a[2], a[3]);
      case 5 -> INVOKER.invokeN5(c, address, a[0], a[1], a[2], a[3], a[4]);
      default -> INVOKER.invokeN6(c, address, a[0], a[1], a[2], a[3], a[4], a[5]);
    };
  }

  /**
   * Calls the function again for as long as a signal interrupts it: EINTR says nothing of what was
   * asked. Not for close(2), which has closed the descriptor by then, nor where a time is given.
   */
  int restarted(long... a) {
    int result = call(a);
    while (result == -1 && errno() == Errno.EINTR) {
      result = call(a);
    }
    return result;
  }

  /**
   * Calls the function as {@link #restarted} does, and makes of -1 an exception that names {@code
   * what}.
   */
  int check(String what, long... a) throws OsException {
    int result = restarted(a);
    if (result == -1) {
      throw failure(what, errno());
    }
    return result;
  }

  /** Answers the errno of this thread's last call. */
  static int errno() {
    return LastError.getInstance().get();
  }

  /** Says in words what an errno means, see strerror(3). */
  static String text(int errno) {
    return Text.of(errno);
  }

  OsException failure(String what, int errno) {
    return new OsException(what.isEmpty() ? name : name + " " + what, errno, Text.of(errno));
  }

  private static final class Text {
    private static final Libc STRERROR = new Libc("strerror");

    static void load() {}

    static String of(int errno) {
      return new String(
          MEMORY.getZeroTerminatedByteArray(STRERROR.callLong(errno)),
          java.nio.charset.StandardCharsets.US_ASCII);
    }
  }

  /** Holds memory outside the heap that is freed as a whole. */
  static final class Arena implements AutoCloseable {
    private long[] blocks = new long[8];
    private int count;

    /** Allocates zeroed memory of this many bytes. */
    long allocate(long size) {
      long block = MEMORY.allocateMemory(Math.max(size, 8), true);
      if (block == 0) {
        throw new OutOfMemoryError("malloc " + size);
      }
      if (count == blocks.length) {
        blocks = Arrays.copyOf(blocks, 2 * count);
      }
      blocks[count++] = block;
      return block;
    }

    /** Allocates a copy of the bytes with a NUL behind them. */
    long string(OsString s) {
      byte[] bytes = s.bytes();
      long at = allocate(bytes.length + 1L);
      MEMORY.putByteArray(at, bytes, 0, bytes.length);
      return at;
    }

    @Override
    public void close() {
      for (int i = 0; i < count; i++) {
        MEMORY.freeMemory(blocks[i]);
      }
    }
  }
}
