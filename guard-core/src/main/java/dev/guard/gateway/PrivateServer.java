package dev.guard.gateway;

import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.ProcessId;
import dev.guard.process.TaskThreads;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * A server serves the one shim that has started this process, over two pipes, as {@link
 * GatewayServer} serves many. It does not read or write but by read(2) and write(2), which every
 * sandbox allows.
 */
public final class PrivateServer {
  private static final int SIGN_MILLIS = 1000;
  private static final long FIRST_LOOK_NANOS = 500_000;

  private final Os os;
  private final int in;
  private final int parent;
  private final CallHandler handler;
  private final ShimConnection shim;
  private final CompletableFuture<Void> served = new CompletableFuture<>();
  private boolean serves;

  private PrivateServer(Os os, int in, int parent, CallHandler handler, ShimConnection shim) {
    this.os = os;
    this.in = in;
    this.parent = parent;
    this.handler = handler;
    this.shim = shim;
  }

  /**
   * Serves the parent of this process until that has its result, or has gone, and nothing is left
   * to be done for it.
   *
   * @param in a pipe that the parent writes, which does not block
   * @param out a pipe that it reads
   */
  public static void run(Kernel kernel, int in, int out, CallHandler handler) throws IOException {
    ProcessId parent = ProcessId.of(kernel.os().parentPid(), kernel.procfs());
    int pidfd = kernel.os().pidfd(parent.pid());
    ShimConnection shim = new ShimConnection(kernel.os(), in, out, parent);
    try {
      // It fails where the parent has gone: then the number above is of whoever has adopted this
      // process.
      shim.giveSign();
    } catch (IOException e) {
      return;
    }
    new PrivateServer(kernel.os(), in, pidfd, handler, shim).serve();
  }

  private void serve() {
    long nextSign = System.nanoTime();
    while (!isDone()) {
      try {
        boolean[] ready = os.poll(new int[] {in, parent}, SIGN_MILLIS);
        if (ready[0]) {
          read();
        } else if (ready[1]) {
          // Whoever has opened the pipe, too, as any program of the user can, hides its end.
          throw new IOException("the shim has gone");
        }
        if (System.nanoTime() - nextSign >= 0) {
          nextSign = System.nanoTime() + SIGN_MILLIS * 1_000_000L;
          handler.look();
          if (shim.waits() && !shim.hasFinished()) {
            shim.giveSign();
          }
        }
      } catch (IOException | RuntimeException e) {
        endWithoutShim();
        return;
      }
    }
  }

  private boolean isDone() {
    return shim.hasFinished() && served.isDone() && handler.live() == 0;
  }

  private void read() throws IOException {
    Optional<Hello> hello = shim.read();
    if (hello.isPresent()) {
      serves = true;
      TaskThreads.OF_THIS_PROCESS.run("guard-call", () -> serve(hello.get()));
    }
  }

  private void serve(Hello hello) {
    try {
      handler.serve(shim, hello);
    } catch (IOException | RuntimeException | Error e) {
      GatewayServer.declineAfter(shim, e);
    } finally {
      served.complete(null);
    }
  }

  /** Waits until the command has been ended, and the history has its line. */
  private void endWithoutShim() {
    shim.close();
    if (serves) {
      served.join();
    }
    // Most have ended a moment later; leftovers without a cgroup can take days.
    long pause = FIRST_LOOK_NANOS;
    while (handler.live() > 0) {
      LockSupport.parkNanos(pause);
      pause = Math.min(2 * pause, SIGN_MILLIS * 1_000_000L);
      handler.look();
    }
  }
}
