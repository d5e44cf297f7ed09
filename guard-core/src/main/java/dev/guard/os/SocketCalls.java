package dev.guard.os;

import java.util.OptionalInt;

/** Calls that work on Unix sockets and wait for many descriptors at once. */
public interface SocketCalls {
  /**
   * Who is at the other end of a connection, see SO_PEERCRED in unix(7): as of the time it
   * connected.
   */
  record Peer(int pid, int user, int group) {}

  /**
   * Calls socket(2), bind(2) and listen(2) for a stream socket at this path, which must not exist.
   * {@link #accept} on it does not wait.
   */
  int listen(OsString path, int backlog) throws OsException;

  /**
   * Calls listen(2) again on a socket that listens already, and does not leave it to children:
   * whoever connects from now on has this process as its peer, and {@link #accept} does not wait.
   */
  void listenAgain(int listening, int backlog) throws OsException;

  /** Calls accept4(2): a connection that never waits; empty when there is none now. */
  OptionalInt accept(int listening) throws OsException;

  /** Calls socket(2) and connect(2) for a stream socket at this path. */
  int connect(OsString path) throws OsException;

  /**
   * Calls socket(2) and connect(2) for a stream socket at this path, that never waits: it fails
   * where the queue of the listener is full.
   */
  int connectAtOnce(OsString path) throws OsException;

  /** Calls socketpair(2) for a stream: both ends can read and write. */
  int[] pair() throws OsException;

  /** Calls getsockopt(2) with SO_PEERCRED. */
  Peer peer(int connection) throws OsException;

  /**
   * Calls getsockopt(2) with SO_PEERPIDFD: a pidfd of who is at the other end; -1 before Linux 6.5.
   *
   * @throws OsException also when that process has gone, on some kernels
   */
  int peerPidfd(int connection) throws OsException;

  /** Calls epoll_create1(2). */
  int epoll() throws OsException;

  /** Calls epoll_ctl(2): {@link #ready} names the descriptor while it can be read or is hung up. */
  void watch(int epoll, int descriptor) throws OsException;

  /** Calls epoll_ctl(2): the descriptor is not named any more. */
  void unwatch(int epoll, int descriptor) throws OsException;

  /**
   * Calls epoll_wait(2): waits until something can be read, and names at most 64 descriptors; none
   * after the time, -1: forever. A signal ends no wait.
   */
  int[] ready(int epoll, int timeoutMillis) throws OsException;
}
