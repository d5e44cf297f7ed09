package dev.guard.gateway;

import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.ProcessId;
import dev.guard.os.WaitStatus;
import dev.guard.store.CommandLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * A connection to one shim. One thread reads from all connections and must never wait; the stages
 * of the command write, and wait for what the shim answers. What fails here is this client's alone.
 */
public final class ShimConnection {
  // A shim answers in less than a millisecond, unless it is stopped, or its machine is out of
  // memory.
  private static final long ANSWER_SECONDS = 10;
  private static final long WRITE_PATIENCE_NANOS = 5_000_000_000L;
  private static final long WRITE_RETRY_NANOS = 1_000_000;
  // Bits of a result.
  private static final int DIES = 1;
  private static final int WAS_ENDED = 2;
  private static final int KEEPS = 4;
  private static final int UNAVAILABLE = 8;

  /** Takes what the shim does beside its answers, on the thread that reads; must not wait. */
  public interface Events {
    /**
     * Tells of a signal that has come to the shim, which passes it on to the command once that is
     * released.
     */
    void signal(int signal, boolean fromKernel);

    /** The caller of a detached command has been told its id. */
    void told();

    /** Nobody was told the id of a detached command, nor will be. */
    void cancelled();

    /** The shim has gone before it had its result. */
    void hungUp();
  }

  private final Os os;
  private final int descriptor;
  // The same, or the other of two pipes.
  private final int out;
  private final ProcessId process;
  private final FrameReader frames;
  private final ReentrantLock writing = new ReentrantLock();
  private Optional<Hello> hello = Optional.empty();
  private Optional<Events> events = Optional.empty();
  // What the shim is to say next.
  private CompletableFuture<HeldAnswer> next = new CompletableFuture<>();
  // The errno of what it was asked to open or to print.
  private Optional<CompletableFuture<Integer>> asked = Optional.empty();
  // What has come before there was a command that it could be for.
  private final List<Consumer<Events>> early = new ArrayList<>();
  private Optional<ShimChild> child = Optional.empty();
  private Optional<WaitStatus> end = Optional.empty();
  private boolean asks;
  private boolean prints;
  private boolean executed;
  private volatile boolean finished;
  private volatile Optional<String> leftBecause = Optional.empty();
  private boolean closed;

  ShimConnection(Os os, int descriptor, ProcessId process) {
    this.os = os;
    this.descriptor = descriptor;
    this.out = descriptor;
    this.process = process;
    this.frames = new FrameReader();
  }

  /** Speaks to the only shim of this process over two pipes, in frames as long as it likes. */
  ShimConnection(Os os, int in, int out, ProcessId process) {
    this.os = os;
    this.descriptor = in;
    this.out = out;
    this.process = process;
    this.frames = new FrameReader(Integer.MAX_VALUE - Long.BYTES);
  }

  /** Names the shim. */
  public ProcessId process() {
    return process;
  }

  int descriptor() {
    return descriptor;
  }

  /** Tells whether it has said how it was called. */
  synchronized boolean hasSaidHello() {
    return hello.isPresent();
  }

  /** Tells whether it has asked for the state of the gateway since the last call. */
  synchronized boolean takesQuestion() {
    boolean asked = asks;
    asks = false;
    return asked;
  }

  /** Tells whether it waits for something from here, and so for a sign of life. */
  synchronized boolean waits() {
    boolean runs = executed && end.isEmpty();
    return !runs && !prints;
  }

  /** Tells whether the connection is still there, as far as was seen. */
  public synchronized boolean isOpen() {
    return !closed;
  }

  /** Tells whether it was sent its result, so that it has nothing more to do here. */
  boolean hasFinished() {
    return finished;
  }

  // ---- what the shim says, on the thread that reads

  /**
   * Takes what can be read now.
   *
   * @return the first message, when that has just come whole
   * @throws IOException when the shim has gone, or has sent what the protocol does not allow
   */
  Optional<Hello> read() throws IOException {
    byte[] bytes = new byte[8192];
    int count = os.read(descriptor, bytes);
    if (count == 0) {
      throw new IOException("the shim has gone");
    }
    frames.add(bytes, Math.max(count, 0));
    Optional<Hello> first = Optional.empty();
    Optional<Frame> frame = frames.next();
    while (frame.isPresent()) {
      Optional<Hello> said = take(frame.get());
      first = said.isPresent() ? said : first;
      frame = frames.next();
    }
    return first;
  }

  private synchronized Optional<Hello> take(Frame frame) throws IOException {
    if (hello.isEmpty()) {
      if (frame.type() == Frame.STATUS) {
        new FieldReader(frame).end();
        asks = true;
        return Optional.empty();
      }
      if (frame.type() != Frame.HELLO) {
        throw new ProtocolException("message " + frame.type() + " before the first");
      }
      hello = Optional.of(Hello.of(frame));
      return hello;
    }
    switch (frame.type()) {
      case Frame.ANSWER -> {
        FieldReader fields = new FieldReader(frame);
        int errno = fields.u32();
        fields.end();
        asked.ifPresent(a -> a.complete(errno));
      }
      case Frame.HELD -> next.complete(HeldAnswer.held(frame));
      case Frame.EXECUTED -> {
        new FieldReader(frame).end();
        executed = true;
        next.complete(new HeldAnswer(0, Optional.empty()));
      }
      case Frame.NOT_EXECUTED -> next.complete(HeldAnswer.failed(HeldAnswer.NotMade.of(frame)));
      case Frame.ENDED -> {
        // It may have been killed before it was known here.
        end = Optional.of(status(frame));
        if (child.isPresent()) {
          child.get().ended(end.get());
        }
      }
      case Frame.SIGNAL -> signal(frame);
      case Frame.TOLD -> {
        new FieldReader(frame).end();
        happened(Events::told);
      }
      case Frame.CANCEL -> {
        new FieldReader(frame).end();
        happened(Events::cancelled);
      }
      default -> throw new ProtocolException("message " + frame.type());
    }
    return Optional.empty();
  }

  private void signal(Frame frame) throws ProtocolException {
    FieldReader fields = new FieldReader(frame);
    int signal = fields.u32();
    boolean fromKernel = fields.u8() != 0;
    fields.end();
    if (signal < 1 || signal > 64) {
      throw new ProtocolException("signal " + signal);
    }
    happened(to -> to.signal(signal, fromKernel));
  }

  private void happened(Consumer<Events> event) {
    if (events.isPresent()) {
      event.accept(events.get());
    } else {
      early.add(event);
    }
  }

  private static WaitStatus status(Frame frame) throws ProtocolException {
    FieldReader fields = new FieldReader(frame);
    int status = fields.u32();
    long cpuMicros = fields.u64() + fields.u64();
    long peakBytes = fields.u64();
    fields.end();
    int signal = status & 0x7f;
    return new WaitStatus(signal == 0 ? status >> 8 & 0xff : -1, signal, cpuMicros, peakBytes);
  }

  /** Takes note that the connection has ended, and closes it. Again: no effect. */
  void close() {
    Optional<Events> told;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      told = events;
      IOException gone = new IOException("its guard, process " + process.pid() + ", has gone");
      next.completeExceptionally(gone);
      asked.ifPresent(a -> a.completeExceptionally(gone));
    }
    told.ifPresent(Events::hungUp);
    writing.lock();
    try {
      if (child.isPresent()) {
        child.get().shimHasGone();
      }
      os.close(descriptor);
      if (out != descriptor) {
        os.close(out);
      }
    } catch (OsException e) {
      throw new IllegalStateException(e);
    } finally {
      writing.unlock();
    }
  }

  // ---- what is said to the shim

  /** Sends its events there from now on; false when it has gone already. */
  public synchronized boolean tell(Events to) {
    events = Optional.of(to);
    early.forEach(event -> event.accept(to));
    early.clear();
    return !closed;
  }

  /** Does not serve it. */
  public void decline(String reason) throws IOException {
    send(new FrameWriter(Frame.DECLINE).string(OsString.of(reason)).frame());
  }

  /** Has it leave its caller: another shim calls then, which stays with the command. */
  public void detach() throws IOException {
    send(new FrameWriter(Frame.DETACH).frame());
  }

  /** Has it tell its caller the id of a detached command, which runs. */
  public void tell(String id, Path log) throws IOException {
    send(
        new FrameWriter(Frame.TELL)
            .string(OsString.of(id))
            .string(OsString.of(log.toString()))
            .u64(CommandLog.FULL)
            .frame());
  }

  /** Answers whoever has asked how this gateway is. */
  void state(int commands, String version) throws IOException {
    byte[] state = new FrameWriter(Frame.STATE).u32(commands).string(OsString.of(version)).frame();
    send(state, 0);
  }

  /** Has it write this on its standard error. */
  public void say(byte[] lines) throws IOException {
    send(new FrameWriter(Frame.SAY).string(lines).frame());
  }

  /** Shows it that the gateway lives; whoever does not read what it is sent is hung up on. */
  void giveSign() throws IOException {
    if (writing.tryLock()) {
      try {
        send(new FrameWriter(Frame.SAY).string(new byte[0]).frame(), 0);
      } finally {
        writing.unlock();
      }
    }
  }

  /** Tells it that this gateway ends on purpose; whoever does not read finds out by itself. */
  void sayGoodbye() throws IOException {
    if (writing.tryLock()) {
      try {
        send(new FrameWriter(Frame.GOODBYE).frame(), 0);
      } finally {
        writing.unlock();
      }
    }
  }

  /**
   * Has it open what the report is to be written to.
   *
   * @return 0, or its errno
   */
  public int open(OsString report) throws IOException {
    return await(ask(new FrameWriter(Frame.OPEN).string(report).frame()));
  }

  /**
   * Has it write this on its standard output, and waits until it has, however slow the reader is.
   *
   * @return 0, or the errno of what could not be written
   */
  public int print(byte[] bytes) throws IOException {
    prints(true);
    try {
      return ask(new FrameWriter(Frame.PRINT).string(bytes).frame()).get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      throw new IOException("interrupted while the shim prints", e);
    } finally {
      prints(false);
    }
  }

  private synchronized void prints(boolean now) {
    prints = now;
  }

  private CompletableFuture<Integer> ask(byte[] frame) throws IOException {
    CompletableFuture<Integer> answer = new CompletableFuture<>();
    synchronized (this) {
      requireOpen();
      asked = Optional.of(answer);
    }
    send(frame);
    return answer;
  }

  /** Has it make the child. */
  HeldAnswer grant(Grant grant) throws IOException {
    return await(request(grant.frame()));
  }

  /** Takes the child that it has made, whose end it will tell. */
  synchronized void child(ShimChild made) throws IOException {
    requireOpen();
    child = Optional.of(made);
    if (end.isPresent()) {
      made.ended(end.get());
    }
  }

  /** Has it release the child; completes with the answer when that has exec'd, or has failed. */
  CompletableFuture<HeldAnswer> release() throws IOException {
    return request(new FrameWriter(Frame.RELEASE).frame());
  }

  /** Tells it that its command, which runs, is looked after here from now on. */
  public void adopted() throws IOException {
    synchronized (this) {
      executed = true;
    }
    send(new FrameWriter(Frame.ADOPTED).frame());
  }

  /** Has it end the child unrun. */
  void abandon() throws IOException {
    send(new FrameWriter(Frame.ABANDON).frame());
  }

  /** Has the shim run the command itself, in the place of a result, since nothing has run. */
  void leaveToItself(String why) {
    leftBecause = Optional.of(why);
  }

  /**
   * Ends the call.
   *
   * @param signal of which the shim is to die; 0: it exits with the status
   * @param wasEnded whether the command has not ended by itself, so that the modes of its terminal
   *     can be of use to nobody
   * @param keeps whether it has left processes that stay
   */
  public void result(
      int status, int signal, boolean wasEnded, boolean keeps, byte[] lines, byte[] report)
      throws IOException {
    int how = (signal == 0 ? 0 : DIES) | (wasEnded ? WAS_ENDED : 0) | (keeps ? KEEPS : 0);
    end(how, signal == 0 ? status : signal, lines, report);
  }

  /**
   * Ends the call of a command that has not run, since Guard could not, and not since it was
   * refused.
   */
  public void unavailable(int status, byte[] lines) throws IOException {
    end(UNAVAILABLE, status, lines, new byte[0]);
  }

  private void end(int how, int number, byte[] lines, byte[] report) throws IOException {
    finished = true;
    if (leftBecause.isPresent()) {
      decline(leftBecause.get());
      return;
    }
    send(new FrameWriter(Frame.RESULT).u8(how).u32(number).string(lines).string(report).frame());
  }

  private CompletableFuture<HeldAnswer> request(byte[] frame) throws IOException {
    CompletableFuture<HeldAnswer> answer = new CompletableFuture<>();
    synchronized (this) {
      requireOpen();
      next = answer;
    }
    send(frame);
    return answer;
  }

  private static <T> T await(CompletableFuture<T> answer) throws IOException {
    try {
      return answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("its guard does not answer", e);
    } catch (InterruptedException e) {
      throw new IOException("interrupted while its guard was asked", e);
    }
  }

  private void send(byte[] frame) throws IOException {
    send(frame, WRITE_PATIENCE_NANOS);
  }

  /** Sends a whole frame; half of one would be garbage, so a failure ends the connection. */
  private void send(byte[] frame, long patienceNanos) throws IOException {
    long deadline = System.nanoTime() + patienceNanos;
    writing.lock();
    try {
      int done = 0;
      while (done < frame.length) {
        requireOpen();
        int count = os.writeSome(out, Arrays.copyOfRange(frame, done, frame.length));
        done += count;
        if (count == 0) {
          if (System.nanoTime() >= deadline) {
            throw new IOException("its guard, process " + process.pid() + ", does not read");
          }
          LockSupport.parkNanos(WRITE_RETRY_NANOS);
        }
      }
    } finally {
      writing.unlock();
    }
  }

  private synchronized void requireOpen() throws IOException {
    if (closed) {
      throw new IOException("its guard, process " + process.pid() + ", has gone");
    }
  }
}
