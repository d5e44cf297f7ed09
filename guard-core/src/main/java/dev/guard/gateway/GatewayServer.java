package dev.guard.gateway;

import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.OsException;
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
  // Whoever connects as fast as it can does not keep the others from being read.
  private static final int MOST_AT_ONCE = 256;

  private final Kernel kernel;
  private final Os os;
  private final int listening;
  private final int epoll;
  private final CallHandler handler;
  private final CallerView own;
  private final Map<Integer, Client> clients = new HashMap<>();
  private final PeerConnections ofPeers = new PeerConnections();
  private long nextSign = System.nanoTime();
  private boolean accepts = true;
  private Optional<Idleness> idleness = Optional.empty();
  private boolean leaving;
  private final int[] stop;
  private boolean stopped;

  /** Gives the place of the gateway up, so that nobody connects any more. */
  @FunctionalInterface
  public interface Farewell {
    /** Gives it up. */
    void say() throws IOException;
  }

  private static final class Idleness {
    private final long mostNanos;
    private final Optional<Farewell> farewell;
    private long since = System.nanoTime();

    Idleness(Duration most, Optional<Farewell> farewell) {
      this.mostNanos = most.toNanos();
      this.farewell = farewell;
    }
  }

  private static final class Client {
    private final PeerProcess peer;
    private final ShimConnection shim;
    private long since = System.nanoTime();
    private boolean finished;

    Client(PeerProcess peer, ShimConnection shim) {
      this.peer = peer;
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
    this.stop = os.pipe();
    os.watch(epoll, stop[0]);
  }

  /** Has {@link #run} end soon, whoever is served. Any thread may call it, at any time. */
  public void stop() throws IOException {
    os.write(stop[1], new byte[] {'\n'});
  }

  /**
   * Has {@link #run} end when there was neither a connection nor a live command for so long.
   * Whoever has connected until then is still served.
   *
   * @param farewell is called before the last look at who has connected; empty: whoever connects
   *     from then on is the next gateway's, which a service manager starts
   */
  public void endWhenIdle(Duration most, Optional<Farewell> farewell) {
    idleness = Optional.of(new Idleness(most, farewell));
  }

  /**
   * Serves until it has nothing to do any more, or is stopped.
   *
   * @return whether it was stopped
   */
  public boolean run() throws IOException {
    while (!stopped && !(leaving && isIdle())) {
      int[] ready = os.ready(epoll, SIGN_MILLIS);
      for (int descriptor : ready) {
        if (descriptor == listening) {
          accept(MOST_AT_ONCE);
        } else if (clients.containsKey(descriptor)) {
          read(clients.get(descriptor));
        }
        stopped |= descriptor == stop[0];
      }
      if (System.nanoTime() - nextSign >= 0) {
        nextSign = System.nanoTime() + SIGN_MILLIS * 1_000_000L;
        giveSigns();
        handler.look();
        acceptAgain();
        leaveWhenIdle();
      }
    }
    return stopped;
  }

  /**
   * Tells every shim that this gateway ends on purpose: what has not run is for another server, and
   * what runs goes on.
   */
  public void sayGoodbye() {
    for (Client client : clients.values()) {
      try {
        client.shim.sayGoodbye();
      } catch (IOException | RuntimeException e) {
        // It has gone, or does not read: the end of the connection says the same.
        client.finished = true;
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
      leaving = true;
      if (idle.farewell.isEmpty()) {
        return;
      }
      idle.farewell.get().say();
      // Whoever found the socket before has connected by now, and waits in its queue.
      accept(Integer.MAX_VALUE);
      os.close(listening);
    }
  }

  private void accept(int most) throws OsException {
    try {
      OptionalInt connection = os.accept(listening);
      for (int i = 1; connection.isPresent(); i++) {
        take(connection.getAsInt());
        connection = i < most ? os.accept(listening) : OptionalInt.empty();
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

  private void take(int descriptor) throws OsException {
    idleness.ifPresent(idle -> idle.since = System.nanoTime());
    try {
      SocketCalls.Peer peer = os.peer(descriptor);
      boolean room = peer.user() == os.userId() && clients.size() < MOST_CONNECTIONS;
      if (!room || !ofPeers.take(peer.pid())) {
        os.close(descriptor);
        return;
      }
      try {
        watch(descriptor, PeerProcess.of(kernel, descriptor, peer.pid()));
      } catch (IOException e) {
        ofPeers.giveBack(peer.pid());
        throw e;
      }
    } catch (IOException e) {
      os.close(descriptor);
    }
  }

  private void watch(int descriptor, PeerProcess peer) throws OsException {
    try {
      os.watch(epoll, descriptor);
    } catch (OsException e) {
      peer.close();
      throw e;
    }
    clients.put(descriptor, new Client(peer, new ShimConnection(os, descriptor, peer.id())));
  }

  private void read(Client client) {
    try {
      Optional<Hello> hello = client.shim.read();
      if (client.shim.takesQuestion()) {
        client.shim.state(handler.live(), handler.version());
      }
      if (hello.isPresent()) {
        TaskThreads.OF_THIS_PROCESS.run("guard-call", () -> serve(client, hello.get()));
      }
    } catch (IOException | RuntimeException | Error e) {
      // Out of memory, too: this client had it.
      hangUp(client);
    }
  }

  private void serve(Client client, Hello hello) {
    ShimConnection shim = client.shim;
    try {
      Optional<String> difference = own.differenceOf(viewOf(client));
      if (difference.isPresent()) {
        shim.decline(difference.get());
      } else {
        handler.serve(shim, hello);
      }
    } catch (IOException | RuntimeException | Error e) {
      declineAfter(shim, e);
    }
  }

  private CallerView viewOf(Client client) throws IOException {
    try (PeerProcess peer = client.peer) {
      CallerView view = CallerView.of(kernel.procfs(), peer.id().pid());
      peer.requireThere();
      return view;
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
    if (clients.remove(client.shim.descriptor()) != null) {
      ofPeers.giveBack(client.peer.id().pid());
    }
    client.shim.close();
    try {
      client.peer.close();
    } catch (OsException e) {
      throw new IllegalStateException(e);
    }
  }
}
