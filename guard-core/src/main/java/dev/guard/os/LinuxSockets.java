package dev.guard.os;

import dev.guard.os.Libc.Arena;
import java.util.OptionalInt;

/** Works on sockets by the C library. */
interface LinuxSockets extends SocketCalls {
  int AF_UNIX = 1;
  int SOCK_STREAM = 1;
  int SOCK_NONBLOCK = 04000;
  int SOCK_CLOEXEC = 02000000;
  int SOL_SOCKET = 1;
  int SO_PEERCRED = 17;
  int SO_PEERPIDFD = 77;
  int EPOLL_CTL_ADD = 1;
  int EPOLL_CTL_DEL = 2;
  int EPOLLIN = 1;
  int MOST_READY = 64;
  // struct epoll_event is packed on x86-64 alone, see epoll_ctl(2) and eventpoll.h.
  int EVENT_BYTES = System.getProperty("os.arch").equals("amd64") ? 12 : 16;
  int EVENT_DATA = EVENT_BYTES - 8;
  // sun_path, see unix(7), with its NUL.
  int LONGEST_PATH = 108;
  Libc SOCKET = new Libc("socket");
  Libc SOCKETPAIR = new Libc("socketpair");
  Libc BIND = new Libc("bind");
  Libc LISTEN = new Libc("listen");
  Libc ACCEPT4 = new Libc("accept4");
  Libc CONNECT = new Libc("connect");
  Libc GETSOCKOPT = new Libc("getsockopt");
  Libc EPOLL_CREATE1 = new Libc("epoll_create1");
  Libc EPOLL_CTL = new Libc("epoll_ctl");
  Libc EPOLL_WAIT = new Libc("epoll_wait");
  Libc CLOSE_SOCKET = new Libc("close");
  Libc FCNTL_SOCKET = new Libc("fcntl");
  int F_SETFD = 2;
  int FD_CLOEXEC = 1;

  @Override
  default int listen(OsString path, int backlog) throws OsException {
    int socket = SOCKET.check("", AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    try (Arena arena = new Arena()) {
      BIND.check(path.toString(), socket, address(arena, path), 2L + LONGEST_PATH);
      LISTEN.check(path.toString(), socket, backlog);
      return socket;
    } catch (OsException | RuntimeException | Error e) {
      CLOSE_SOCKET.call(socket);
      throw e;
    }
  }

  @Override
  default void listenAgain(int listening, int backlog) throws OsException {
    String name = "descriptor " + listening;
    FCNTL_SOCKET.check(name, listening, F_SETFD, FD_CLOEXEC);
    // The only flag of its kind that a socket which only accepts has a use for.
    FCNTL_SOCKET.check(name, listening, LinuxDescriptors.F_SETFL, SOCK_NONBLOCK);
    LISTEN.check(name, listening, backlog);
  }

  private static long address(Arena arena, OsString path) throws OsException {
    byte[] bytes = path.bytes();
    if (bytes.length >= LONGEST_PATH) {
      throw BIND.failure(path.toString(), Errno.ENAMETOOLONG);
    }
    long address = arena.allocate(2L + LONGEST_PATH);
    Libc.MEMORY.putShort(address, (short) AF_UNIX);
    Libc.MEMORY.putByteArray(address + 2, bytes, 0, bytes.length);
    return address;
  }

  @Override
  default OptionalInt accept(int listening) throws OsException {
    int connection = ACCEPT4.restarted(listening, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (connection >= 0) {
      return OptionalInt.of(connection);
    }
    int errno = Libc.errno();
    if (errno == Errno.EAGAIN || errno == Errno.ECONNABORTED) {
      return OptionalInt.empty();
    }
    throw ACCEPT4.failure("descriptor " + listening, errno);
  }

  @Override
  default int connect(OsString path) throws OsException {
    return connected(path, SOCK_STREAM | SOCK_CLOEXEC);
  }

  @Override
  default int connectAtOnce(OsString path) throws OsException {
    return connected(path, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK);
  }

  private static int connected(OsString path, int type) throws OsException {
    int socket = SOCKET.check("", AF_UNIX, type, 0);
    try (Arena arena = new Arena()) {
      CONNECT.check(path.toString(), socket, address(arena, path), 2L + LONGEST_PATH);
      return socket;
    } catch (OsException | RuntimeException | Error e) {
      CLOSE_SOCKET.call(socket);
      throw e;
    }
  }

  @Override
  default int[] pair() throws OsException {
    try (Arena arena = new Arena()) {
      long ends = arena.allocate(8);
      SOCKETPAIR.check("", AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
      return new int[] {Libc.MEMORY.getInt(ends), Libc.MEMORY.getInt(ends + 4)};
    }
  }

  @Override
  default Peer peer(int connection) throws OsException {
    try (Arena arena = new Arena()) {
      long credentials = arena.allocate(12);
      long length = arena.allocate(4);
      Libc.MEMORY.putInt(length, 12);
      GETSOCKOPT.check("SO_PEERCRED", connection, SOL_SOCKET, SO_PEERCRED, credentials, length);
      return new Peer(
          Libc.MEMORY.getInt(credentials),
          Libc.MEMORY.getInt(credentials + 4),
          Libc.MEMORY.getInt(credentials + 8));
    }
  }

  @Override
  default int peerPidfd(int connection) throws OsException {
    try (Arena arena = new Arena()) {
      long pidfd = arena.allocate(4);
      long length = arena.allocate(4);
      Libc.MEMORY.putInt(length, 4);
      if (GETSOCKOPT.call(connection, SOL_SOCKET, SO_PEERPIDFD, pidfd, length) == 0) {
        return Libc.MEMORY.getInt(pidfd);
      }
      if (Libc.errno() == Errno.ENOPROTOOPT) {
        return -1;
      }
      throw GETSOCKOPT.failure("SO_PEERPIDFD", Libc.errno());
    }
  }

  @Override
  default int epoll() throws OsException {
    return EPOLL_CREATE1.check("", SOCK_CLOEXEC);
  }

  @Override
  default void watch(int epoll, int descriptor) throws OsException {
    try (Arena arena = new Arena()) {
      long event = arena.allocate(EVENT_BYTES);
      Libc.MEMORY.putInt(event, EPOLLIN);
      Libc.MEMORY.putInt(event + EVENT_DATA, descriptor);
      EPOLL_CTL.check("descriptor " + descriptor, epoll, EPOLL_CTL_ADD, descriptor, event);
    }
  }

  @Override
  default void unwatch(int epoll, int descriptor) throws OsException {
    EPOLL_CTL.check("descriptor " + descriptor, epoll, EPOLL_CTL_DEL, descriptor, 0);
  }

  @Override
  default int[] ready(int epoll, int timeoutMillis) throws OsException {
    try (Arena arena = new Arena()) {
      long events = arena.allocate((long) MOST_READY * EVENT_BYTES);
      // Given again its whole time after a signal: a wait for ever is the usual one.
      int count = EPOLL_WAIT.check("", epoll, events, MOST_READY, timeoutMillis);
      int[] ready = new int[count];
      for (int i = 0; i < count; i++) {
        ready[i] = Libc.MEMORY.getInt(events + (long) i * EVENT_BYTES + EVENT_DATA);
      }
      return ready;
    }
  }
}
