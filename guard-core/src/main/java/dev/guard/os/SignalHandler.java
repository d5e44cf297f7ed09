package dev.guard.os;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A signal handler that writes the signal's number to a pipe: the self-pipe trick, in the only form
 * that is safe in a JVM.
 *
 * <p>The handler can run on any thread of the process, also on one that the JVM uses for itself, so
 * it may not be Java. It is a dozen instructions that make one system call, write(2), and touch
 * neither errno nor the C library. sun.misc.Signal is not used: it can not have SIGQUIT (the JVM
 * answers that with a thread dump on stdout, where the command writes) nor SIGUSR2.
 */
final class SignalHandler {
  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int PROT_EXEC = 4;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final int PAGE = 4096;
  // struct sigaction of glibc, x86-64 and aarch64: sa_handler, sa_mask (128 bytes), sa_flags.
  private static final int SIGACTION_SIZE = 160;
  private static final int SA_FLAGS = 136;
  private static final int SA_RESTART = 0x10000000;
  private static final int SA_ONSTACK = 0x08000000;

  private static final Libc MMAP = new Libc("mmap");
  private static final Libc MPROTECT = new Libc("mprotect");
  private static final Libc SIGACTION = new Libc("sigaction");

  private SignalHandler() {}

  /** Whether {@link #install} has code for this processor. */
  static boolean supported() {
    return System.getProperty("os.arch").equals("amd64");
  }

  /**
   * From now on each of these signals writes its number, one byte, to {@code descriptor}, which
   * must not block; answers its address.
   */
  static long install(int descriptor, List<Integer> signals) throws OsException {
    byte[] code = x86(descriptor);
    long page = MMAP.callLong(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
    if (page == -1) {
      throw MMAP.failure("for the signal handler", Libc.errno());
    }
    Libc.MEMORY.putByteArray(page, code, 0, code.length);
    MPROTECT.check("the signal handler", page, PAGE, PROT_READ | PROT_EXEC);
    for (int signal : signals) {
      set(signal, page);
    }
    return page;
  }

  /** sigaction(2) with a handler's address, or 0 for SIG_DFL and 1 for SIG_IGN. */
  static void set(int signal, long handler) throws OsException {
    try (Libc.Arena arena = new Libc.Arena()) {
      long action = arena.allocate(SIGACTION_SIZE);
      Libc.MEMORY.putLong(action, handler);
      Libc.MEMORY.putInt(action + SA_FLAGS, SA_RESTART | SA_ONSTACK);
      SIGACTION.check(Integer.toString(signal), signal, action, 0);
    }
  }

  private static byte[] x86(int descriptor) {
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    code.writeBytes(bytes(0xf3, 0x0f, 0x1e, 0xfa)); //  endbr64
    code.writeBytes(bytes(0x57)); //                    push %rdi          one byte at (%rsp)
    code.writeBytes(bytes(0x48, 0x89, 0xe6)); //        mov %rsp,%rsi
    code.writeBytes(bytes(0xba, 1, 0, 0, 0)); //        mov $1,%edx
    code.writeBytes(bytes(0xbf)); //                    mov $descriptor,%edi
    code.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(descriptor).array());
    code.writeBytes(bytes(0xb8, 1, 0, 0, 0)); //        mov $1,%eax        __NR_write
    code.writeBytes(bytes(0x0f, 0x05)); //              syscall
    code.writeBytes(bytes(0x5f)); //                    pop %rdi
    code.writeBytes(bytes(0xc3)); //                    ret
    return code.toByteArray();
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
