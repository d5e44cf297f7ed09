package dev.guard.os;

import dev.guard.os.Libc.Arena;

/** Works on the loopback interface of this process's network namespace by the C library. */
public final class Loopback {
  private static final int AF_INET = 2;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 02000000;
  // struct ifreq: a name, and with these calls a short; see netdevice(7).
  private static final int IFREQ_BYTES = 40;
  private static final int IFREQ_FLAGS = 16;
  private static final int SIOCGIFFLAGS = 0x8913;
  private static final int SIOCSIFFLAGS = 0x8914;
  private static final int IFF_UP = 1;
  private static final int PR_CAP_AMBIENT = 47;
  private static final int PR_CAP_AMBIENT_CLEAR_ALL = 4;

  private Loopback() {}

  /** Has the interface work, as it does not in a new namespace; nothing where it works already. */
  public static void begin() throws OsException {
    Libc ioctl = new Libc("ioctl");
    int socket = new Libc("socket").check("", AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    try (Arena arena = new Arena()) {
      long request = arena.allocate(IFREQ_BYTES);
      Libc.MEMORY.setMemory(request, IFREQ_BYTES, (byte) 0);
      Libc.MEMORY.putByteArray(request, new byte[] {'l', 'o'}, 0, 2);
      ioctl.check("SIOCGIFFLAGS lo", socket, SIOCGIFFLAGS, request);
      short flags = Libc.MEMORY.getShort(request + IFREQ_FLAGS);
      if ((flags & IFF_UP) == 0) {
        Libc.MEMORY.putShort(request + IFREQ_FLAGS, (short) (flags | IFF_UP));
        ioctl.check("SIOCSIFFLAGS lo", socket, SIOCSIFFLAGS, request);
      }
    } finally {
      new Libc("close").call(socket);
    }
  }

  /**
   * Takes from what this thread starts later the rights that it would inherit, see capabilities(7).
   */
  public static void dropAmbientRights() throws OsException {
    new Libc("prctl")
        .check("PR_CAP_AMBIENT_CLEAR_ALL", PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  }
}
