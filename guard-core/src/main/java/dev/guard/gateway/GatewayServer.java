package dev.guard.gateway;

import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.ProcessId;
import dev.guard.os.SocketCalls;
import dev.guard.process.TaskThreads;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A server takes connections of shims at one socket. One thread reads from all of them, and hands
 * each call to a thread of its own; a client that breaks the protocol is hung up on, and is nothing
 * to the others.
 */
public final class GatewayServer {
  // A sign of life reaches each shim that waits: it gives up after some seconds of silence.
  private static final int SIGN_MILLIS = 1000;
  // Whoever connects and says nothing, or has its result and does not go.
  private static final long IDLE_NANOS = 10_000_000_000L;
  private static final int MOST_CONNECTIONS = 4096;

  private final Kernel kernel;
  private final Os os;
  private final int listening;
  private final int epoll;
  private final CallHandler handler;
  private final CallerView own;
  private final Map<Integer, Client> clients = new HashMap<>();
  private long nextSign = System.nanoTime();
  private boolean accepts = true;
  private Optional<Idleness> idleness = Optional.empty();
  private boolean leaving;

  /** Gives the place of the gateway up, so that nobody connects any more. */
  @FunctionalInterface
  public interface Farewell {
    /** Gives it up. */
    void say() throws IOException;
  }

  private static final class Idleness {
    private final long mostNanos;
    private final Farewell farewell;
    private long since = System.nanoTime();

    Idleness(Duration most, Farewell farewell) {
      this.mostNanos = most.toNanos();
      this.farewell = farewell;
    }
  }

  private static final class Client {
    private final ShimConnection shim;
    private long since = System.nanoTime();
    private boolean finished;

    Client(ShimConnection shim) {
      this.shim = shim;
    }
  }

  /**
   * Serves the connections of a listening socket.
   *
   * @throws IOException when this process can not be looked at
   */
  public GatewayServer(Kernel kernel, int listening, CallHandler handler) throws IOException {
    this.kernel = kernel;
    this.os = kernel.os();
    this.listening = listening;
    this.handler = handler;
    this.own = CallerView.of(kernel.procfs(), os.pid());
    this.epoll = os.epoll();
    os.watch(epoll, listening);
  }

  /**
   * Has {@link #run} end when there was neither a connection nor a live command for so long.
   * Whoever has connected until then is still served.
   *
   * @param farewell is called before the last look at who has connected
   */
  public void endWhenIdle(Duration most, Farewell farewell) {
    idleness = Optional.of(new Idleness(most, farewell));
  }

  /** Serves until it has nothing to do any more, or for ever. */
  public void run() throws IOException {
    while (!(leaving && isIdle())) {
      int[] ready = os.ready(epoll, SIGN_MILLIS);
      for (int descriptor : ready) {
        if (descriptor == listening) {
          acceptAll();
        } else if (clients.containsKey(descriptor)) {
          read(clients.get(descriptor));
        }
      }
      if (System.nanoTime() - nextSign >= 0) {
        nextSign = System.nanoTime() + SIGN_MILLIS * 1_000_000L;
        giveSigns();
        handler.look();
        acceptAgain();
        leaveWhenIdle();
      }
    }
  }

  private boolean isIdle() {
    return clients.isEmpty() && handler.live() == 0;
  }

  private void leaveWhenIdle() throws IOException {
    if (idleness.isEmpty() || leaving) {
      return;
    }
    Idleness idle = idleness.get();
    if (!isIdle()) {
      idle.since = System.nanoTime();
    } else if (System.nanoTime() - idle.since >= idle.mostNanos) {
      idle.farewell.say();
      leaving = true;
      // Whoever found the socket before has connected by now, and waits in its queue.
      acceptAll();
      os.close(listening);
    }
  }

  private void acceptAll() throws OsException {
    try {
      OptionalInt connection = os.accept(listening);
      while (connection.isPresent()) {
        accept(connection.getAsInt());
        connection = os.accept(listening);
      }
    } catch (OsException e) {
      // Out of descriptors or memory, and the socket stays readable: it is looked at a second
      // later.
      os.unwatch(epoll, listening);
      accepts = false;
    }
  }

  private void acceptAgain() throws OsException {
    if (!accepts && !leaving) {
      os.watch(epoll, listening);
      accepts = true;
    }
  }

  private void accept(int descriptor) throws OsException {
    idleness.ifPresent(idle -> idle.since = System.nanoTime());
    try {
      SocketCalls.Peer peer = os.peer(descriptor);
      if (peer.user() != os.userId() || clients.size() >= MOST_CONNECTIONS) {
        os.close(descriptor);
        return;
      }
      ProcessId process = ProcessId.of(peer.pid(), kernel.procfs());
      os.watch(epoll, descriptor);
      clients.put(descriptor, new Client(new ShimConnection(os, descriptor, process)));
    } catch (IOException e) {
      os.close(descriptor);
    }
  }

  private void read(Client client) {
    try {
      Optional<Hello> hello = client.shim.read();
      if (client.shim.takesQuestion()) {
        client.shim.state(handler.live(), handler.version());
      }
      if (hello.isPresent()) {
        TaskThreads.OF_THIS_PROCESS.run("guard-call", () -> serve(client.shim, hello.get()));
      }
    } catch (IOException | RuntimeException | Error e) {
      // Out of memory, too: this client had it.
      hangUp(client);
    }
  }

  private void serve(ShimConnection shim, Hello hello) {
    try {
      CallerView caller = CallerView.of(kernel.procfs(), shim.process().pid());
      Optional<String> difference = own.differenceOf(caller);
      if (difference.isPresent()) {
        shim.decline(difference.get());
      } else {
        handler.serve(shim, hello);
      }
    } catch (IOException | RuntimeException | Error e) {
      declineAfter(shim, e);
    }
  }

  static void declineAfter(ShimConnection shim, Throwable failure) {
    try {
      shim.decline(failure.toString());
    } catch (IOException e) {
      // It has gone, or finds out by itself after some seconds of silence.
      failure.addSuppressed(e);
    }
  }

  private void giveSigns() {
    long now = System.nanoTime();
    for (Client client : new ArrayList<>(clients.values())) {
      boolean idle = !client.shim.hasSaidHello() || client.shim.hasFinished();
      if (client.shim.hasFinished() && !client.finished) {
        client.finished = true;
        client.since = now;
      }
      try {
        if (idle && now - client.since > IDLE_NANOS) {
          hangUp(client);
        } else if (!idle && client.shim.waits()) {
          client.shim.giveSign();
        }
      } catch (IOException | RuntimeException e) {
        hangUp(client);
      }
    }
  }

  private void hangUp(Client client) {
    clients.remove(client.shim.descriptor());
    client.shim.close();
  }
}
