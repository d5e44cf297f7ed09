package dev.guard.os;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Installs a signal handler that writes the signal's number to a pipe: the self-pipe trick, in the
 * only form that is safe in a JVM.
 *
 * <p>The handler can run on any thread of the process, also on one that the JVM uses for itself, so
 * it may not be Java. It is two dozen instructions that make one system call, write(2), and touch
 * neither errno nor the C library. sun.misc.Signal is not used: it can not have SIGQUIT (the JVM
 * answers that with a thread dump on stdout, where the command writes) nor SIGUSR2.
 *
 * <p>The JVM lives on SIGSEGV and some others that its own instructions cause. Of these the handler
 * takes only what another process has sent, and jumps to the JVM's handler for the rest.
 */
final class SignalHandler {
  /** The mark in the byte for a signal that came from the kernel, and not by kill(2). */
  static final int FROM_KERNEL = 0x80;

  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int PROT_EXEC = 4;
  private static final int MAP_PRIVATE_ANONYMOUS = 0x22;
  private static final int PAGE = 4096;
  // struct sigaction of glibc, x86-64 and aarch64: sa_handler, sa_mask (128 bytes), sa_flags.
  private static final int SIGACTION_SIZE = 160;
  private static final int SA_FLAGS = 136;
  private static final int SA_SIGINFO = 4;
  private static final int SA_RESTART = 0x10000000;
  private static final int SA_ONSTACK = 0x08000000;
  private static final int SA_RESTORER = 0x04000000;
  private static final int USUAL = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  // SIG_DFL and SIG_IGN are below.
  private static final long FIRST_ADDRESS = 2;
  // struct sigaction of the kernel, x86-64: sa_handler, sa_flags, sa_restorer, sa_mask, 8 bytes
  // each.
  private static final int SYS_RT_SIGACTION = 13;

  // Those that the JVM may have a handler for, and needs one: ILL, TRAP, BUS, FPE, USR2, SEGV,
  // PIPE, XFSZ, and 63, which lib/guard-java has it use in place of USR2.
  private static final List<Integer> OF_JVM = List.of(4, 5, 7, 8, 12, 11, 13, 25, 63);
  // glibc uses them for pthread_cancel(3) and setuid(2), which nobody here calls, and refuses to
  // set them.
  private static final List<Integer> OF_GLIBC = List.of(32, 33);

  private static final int SIGNALS = 65;

  private static final Libc MMAP = new Libc("mmap");
  private static final Libc MPROTECT = new Libc("mprotect");
  private static final Libc SIGACTION = new Libc("sigaction");
  private static final Libc SYSCALL = new Libc("syscall");

  /** The address of the handler of most signals; dispositions are the whole process's. */
  private static volatile long installed;

  private SignalHandler() {}

  /** Tells whether {@link #install} has code for this processor. */
  static boolean supported() {
    return System.getProperty("os.arch").equals("amd64");
  }

  /**
   * Has each of these signals write its number, one byte, to {@code descriptor}, which must not
   * block.
   *
   * @param pid the pid of this process
   */
  static void install(int descriptor, int pid, List<Integer> signals) throws OsException {
    haveChannelsSet();
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    long page = MMAP.callLong(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
    if (page == -1) {
      throw MMAP.failure("for the signal handler", Libc.errno());
    }
    code.writeBytes(teller(descriptor));
    try (Libc.Arena arena = new Libc.Arena()) {
      long[] actions = new long[SIGNALS];
      for (int signal : OF_JVM) {
        if (signals.contains(signal)) {
          actions[signal] = arena.allocate(SIGACTION_SIZE);
          SIGACTION.check(Integer.toString(signal), signal, 0, actions[signal]);
          long before = Libc.MEMORY.getLong(actions[signal]);
          if (before >= FIRST_ADDRESS) {
            Libc.MEMORY.putLong(actions[signal], page + code.size());
            code.writeBytes(chooser(pid, before, code.size()));
          } else {
            actions[signal] = 0;
          }
        }
      }
      long restorer = page + code.size();
      code.writeBytes(restorer());
      byte[] bytes = code.toByteArray();
      Libc.MEMORY.putByteArray(page, bytes, 0, bytes.length);
      MPROTECT.check("the signal handler", page, PAGE, PROT_READ | PROT_EXEC);
      long usual = arena.allocate(SIGACTION_SIZE);
      Libc.MEMORY.putLong(usual, page);
      Libc.MEMORY.putInt(usual + SA_FLAGS, USUAL);
      for (int signal : signals) {
        if (OF_GLIBC.contains(signal)) {
          setByKernel(signal, page, restorer);
        } else {
          long action = actions[signal] == 0 ? usual : actions[signal];
          SIGACTION.check(Integer.toString(signal), signal, action, 0);
        }
      }
    }
    installed = page;
  }

  /**
   * Has the JVM set its handler for the threads of channels now: it does that with the first
   * channel, and would replace the handler of that signal, 62, if that came later.
   */
  private static void haveChannelsSet() {
    try {
      Class.forName("sun.nio.ch.NativeThread", true, null);
    } catch (ClassNotFoundException e) {
      // A JVM that has no such class sets no such handler.
      return;
    }
  }

  /** Gives a signal the handler again that {@link #install} made. */
  static void restore(int signal) throws OsException {
    set(signal, installed);
  }

  /** Calls sigaction(2) with a handler's address, or 0 for SIG_DFL and 1 for SIG_IGN. */
  static void set(int signal, long handler) throws OsException {
    try (Libc.Arena arena = new Libc.Arena()) {
      long action = arena.allocate(SIGACTION_SIZE);
      Libc.MEMORY.putLong(action, handler);
      Libc.MEMORY.putInt(action + SA_FLAGS, USUAL);
      SIGACTION.check(Integer.toString(signal), signal, action, 0);
    }
  }

  /** Calls rt_sigaction(2), for the signals that glibc refuses to set. */
  private static void setByKernel(int signal, long handler, long restorer) throws OsException {
    try (Libc.Arena arena = new Libc.Arena()) {
      long action = arena.allocate(32);
      Libc.MEMORY.putLong(action, handler);
      Libc.MEMORY.putLong(action + 8, USUAL | SA_RESTORER);
      Libc.MEMORY.putLong(action + 16, restorer);
      SYSCALL.check("rt_sigaction " + signal, SYS_RT_SIGACTION, signal, action, 0, 8);
    }
  }

  /** Makes code that writes the signal's number, and whether the kernel sent it. */
  private static byte[] teller(int descriptor) {
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    code.writeBytes(bytes(0xf3, 0x0f, 0x1e, 0xfa)); //  endbr64
    code.writeBytes(bytes(0x31, 0xc0)); //              xor %eax,%eax
    code.writeBytes(bytes(0x83, 0x7e, 8, 0)); //        cmpl $0,8(%rsi)    si_code: > 0, the kernel
    code.writeBytes(bytes(0x0f, 0x9f, 0xc0)); //        setg %al
    code.writeBytes(bytes(0xc0, 0xe0, 7)); //           shl $7,%al         FROM_KERNEL
    code.writeBytes(bytes(0x09, 0xc7)); //              or %eax,%edi
    code.writeBytes(bytes(0x57)); //                    push %rdi          one byte at (%rsp)
    code.writeBytes(bytes(0x48, 0x89, 0xe6)); //        mov %rsp,%rsi
    code.writeBytes(bytes(0xba, 1, 0, 0, 0)); //        mov $1,%edx
    code.writeBytes(bytes(0xbf)); //                    mov $descriptor,%edi
    code.writeBytes(number(descriptor));
    code.writeBytes(bytes(0xb8, 1, 0, 0, 0)); //        mov $1,%eax        __NR_write
    code.writeBytes(bytes(0x0f, 0x05)); //              syscall
    code.writeBytes(bytes(0x5f)); //                    pop %rdi
    code.writeBytes(bytes(0xc3)); //                    ret
    return code.toByteArray();
  }

  /**
   * Makes code that goes on to the teller, at the beginning of the page, when another process has
   * sent the signal, and else to the JVM's handler. A write(2) without a reader sends PIPE as if by
   * kill(2) from the process itself.
   *
   * @param at the place of the code in the page
   */
  private static byte[] chooser(int pid, long handlerOfJvm, int at) {
    ByteArrayOutputStream code = new ByteArrayOutputStream();
    code.writeBytes(bytes(0xf3, 0x0f, 0x1e, 0xfa)); //  endbr64
    code.writeBytes(bytes(0x83, 0x7e, 8, 0)); //        cmpl $0,8(%rsi)    si_code: > 0, the kernel
    code.writeBytes(bytes(0x7f, 14)); //                jg over the next three
    code.writeBytes(bytes(0x81, 0x7e, 16)); //          cmpl $pid,16(%rsi) si_pid
    code.writeBytes(number(pid));
    code.writeBytes(bytes(0x74, 5)); //                 je over the next one
    code.writeBytes(bytes(0xe9)); //                    jmp teller
    code.writeBytes(number(-(at + code.size() + 4)));
    code.writeBytes(bytes(0x48, 0xb8)); //              movabs $handler,%rax
    code.writeBytes(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(handlerOfJvm).array());
    code.writeBytes(bytes(0xff, 0xe0)); //              jmp *%rax
    return code.toByteArray();
  }

  /** Makes code that returns from a handler, which glibc adds to those that it sets. */
  private static byte[] restorer() {
    return bytes(0xb8, 15, 0, 0, 0, 0x0f, 0x05); //     mov $15,%eax; syscall  __NR_rt_sigreturn
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
