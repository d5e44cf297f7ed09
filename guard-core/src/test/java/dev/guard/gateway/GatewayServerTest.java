package dev.guard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Cgroupfs;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import dev.guard.process.TaskThreads;
import dev.guard.testing.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.AdditionalAnswers;
import org.mockito.Mockito;
import org.mockito.invocation.InvocationOnMock;

/** What a client of a gateway does wrong is nothing to the others. */
class GatewayServerTest {
  private static final Os OS = Os.linux();

  @TempDir private Path directory;
  private final AtomicInteger refusals = new AtomicInteger();
  private final Os os = Mockito.mock(Os.class, this::refuseOrCall);
  private final CountDownLatch over = new CountDownLatch(1);
  private Path socket;

  @BeforeEach
  void serve() throws IOException {
    socket = directory.resolve("s");
    int listening = OS.listen(OsString.of(socket.toString()), 128);
    Kernel kernel = new Kernel(os, Procfs.system(), Cgroupfs.system());
    run(new GatewayServer(kernel, listening, this::serve));
  }

  private static Thread run(GatewayServer server) {
    Thread thread =
        new Thread(
            () -> {
              try {
                server.run();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            },
            "gateway-server-test");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private Object refuseOrCall(InvocationOnMock call) throws Throwable {
    boolean accepts = call.getMethod().getName().equals("accept");
    if (accepts && refusals.get() > 0) {
      refusals.decrementAndGet();
      throw new OsException("accept4", 24, "Too many open files");
    }
    return AdditionalAnswers.delegatesTo(OS).answer(call);
  }

  @AfterEach
  void letGo() {
    over.countDown();
  }

  private void serve(ShimConnection shim, Hello hello) throws IOException {
    String wanted = hello.arguments().get(0).toString();
    switch (wanted) {
      case "fail" -> throw new IOException("no");
      case "error" -> throw new StackOverflowError("deep");
      case "much" -> shim.say(new byte[8 << 20]);
      case "wait" -> await();
      case "print" ->
          shim.result(shim.print(new byte[] {'x'}), 0, false, false, new byte[0], new byte[0]);
      default -> shim.result(7, 0, false, false, new byte[0], new byte[0]);
    }
  }

  private void await() {
    try {
      over.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private boolean isServed() {
    try (TestShim shim = TestShim.connect(socket)) {
      shim.sayHello("usual");
      return shim.next().isPresent();
    } catch (IOException e) {
      // It has been hung up on already.
      return false;
    }
  }

  private void serves() throws IOException {
    try (TestShim shim = TestShim.connect(socket)) {
      shim.sayHello("usual");
      Frame result = shim.next().orElseThrow();
      assertThat(result.type()).isEqualTo(Frame.RESULT);
      FieldReader fields = new FieldReader(result);
      assertThat(fields.u8()).isZero();
      assertThat(fields.u32()).isEqualTo(7);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "00000000",
        "ffffff7f01",
        "0100000003",
        "0200000001ff",
        "01000000ff",
        "0500000001020000ff",
      })
  void whoBreaksTheProtocolIsHungUpOn(String hex) throws IOException {
    try (TestShim shim = TestShim.connect(socket)) {
      shim.send(HexFormat.of().parseHex(hex));
      assertThat(shim.next()).isEmpty();
    }
    serves();
  }

  @Test
  void aSecondFirstMessageIsOneTooMany() throws IOException {
    try (TestShim shim = TestShim.connect(socket)) {
      shim.sayHello("wait");
      shim.sayHello("usual");
      assertThat(shim.next()).isEmpty();
    }
    serves();
  }

  @Test
  void garbageOfManyIsNothingToOthers() throws IOException {
    Random random = new Random(17);
    for (int i = 0; i < PeerConnections.MOST - 1; i++) {
      byte[] garbage = new byte[random.nextInt(2000)];
      random.nextBytes(garbage);
      try (TestShim shim = TestShim.connect(socket)) {
        shim.send(garbage);
      } catch (OsException e) {
        // EPIPE: it had been hung up on before all was sent.
        assertThat(e.errno()).isEqualTo(32);
      }
    }
    serves();
  }

  @Test
  void manyWhoSayHalfAMessageHoldNobodyUpAndOneProcessHasSoManyAndNoMore() throws Exception {
    List<TestShim> silent = new ArrayList<>();
    try {
      for (int i = 1; i < PeerConnections.MOST; i++) {
        silent.add(TestShim.connect(socket));
        silent.get(i - 1).send(new byte[] {80, 0, 0});
      }
      serves();
      silent.add(TestShim.connect(socket));
      silent.get(silent.size() - 1).sayHello("wait");
      try (TestShim oneTooMany = TestShim.connect(socket)) {
        assertThat(oneTooMany.next()).isEmpty();
      }
      silent.get(0).hangUp();
      Await.until("there is room again", this::isServed);
    } finally {
      for (TestShim shim : silent) {
        shim.close();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"fail", "error"})
  void aFailureOfOneCallIsToldToThatOne(String how) throws IOException {
    try (TestShim shim = TestShim.connect(socket)) {
      shim.sayHello(how);
      assertThat(shim.next().orElseThrow().type()).isEqualTo(Frame.DECLINE);
    }
    serves();
  }

  @Test
  void whoDoesNotReadHoldsNobodyUp() throws IOException {
    try (TestShim slow = TestShim.connect(socket)) {
      slow.sayHello("much");
      for (int i = 0; i < 20; i++) {
        serves();
      }
    }
    serves();
  }

  @Test
  void withoutADescriptorItGoesOnLater() throws IOException {
    refusals.set(3);
    serves();
    assertThat(refusals.get()).as("refusals left").isZero();
  }

  /**
   * A shim that hears nothing for some seconds looks for another server; one whose reader takes
   * minutes would have its connection full of signs.
   */
  @Test
  void whoWaitsHearsThatTheGatewayLivesAndWhoPrintsDoesNot() throws IOException {
    try (TestShim shim = TestShim.connect(socket);
        TestShim printing = TestShim.connect(socket)) {
      printing.sayHello("print");
      assertThat(printing.next().orElseThrow().type()).isEqualTo(Frame.PRINT);
      shim.sayHello("wait");
      for (int i = 0; i < 2; i++) {
        Frame sign = shim.next().orElseThrow();
        assertThat(sign.type()).isEqualTo(Frame.SAY);
        assertThat(new FieldReader(sign).string().length()).isZero();
      }
      printing.send(new FrameWriter(Frame.ANSWER).u32(28).frame());
      Frame result = printing.next().orElseThrow();
      assertThat(result.type()).isEqualTo(Frame.RESULT);
      FieldReader fields = new FieldReader(result);
      assertThat(fields.u8()).isZero();
      assertThat(fields.u32()).as("the errno that it has told").isEqualTo(28);
    }
  }

  @Test
  void whoAsksIsToldHowItIs() throws IOException {
    try (TestShim shim = TestShim.connect(socket)) {
      shim.send(new FrameWriter(Frame.STATUS).frame());
      Frame answer = shim.next().orElseThrow();
      assertThat(answer.type()).isEqualTo(Frame.STATE);
      assertThat(new FieldReader(answer).u32()).isZero();
    }
  }

  /** Whoever has connected before the place was given up is served, and then it ends. */
  @Test
  void withNothingToDoItEndsAfterWhoComesAtThatMoment() throws Exception {
    Path place = directory.resolve("idle");
    int listening = OS.listen(OsString.of(place.toString()), 8);
    GatewayServer idle = new GatewayServer(Kernel.system(), listening, this::serve);
    CompletableFuture<TestShim> last = new CompletableFuture<>();
    idle.endWhenIdle(
        Duration.ofMillis(1),
        Optional.of(
            () -> {
              TestShim shim = TestShim.connect(place);
              shim.sayHello("usual");
              Files.delete(place);
              last.complete(shim);
            }));
    Thread thread = run(idle);
    try (TestShim shim = last.get(10, TimeUnit.SECONDS)) {
      assertThat(shim.next().orElseThrow().type()).isEqualTo(Frame.RESULT);
      assertThat(thread.isAlive()).isTrue();
    }
    thread.join(10_000);
    assertThat(thread.isAlive()).isFalse();
  }

  @Test
  void whoIsThereWhenItIsStoppedIsToldGoodbye() throws Exception {
    Path place = directory.resolve("stopped");
    int listening = OS.listen(OsString.of(place.toString()), 8);
    GatewayServer server = new GatewayServer(Kernel.system(), listening, this::serve);
    CompletableFuture<Boolean> stopped = new CompletableFuture<>();
    TaskThreads.OF_THIS_PROCESS.run(
        "gateway-server-test",
        () -> {
          try {
            stopped.complete(server.run());
          } catch (IOException e) {
            stopped.completeExceptionally(e);
          }
        });
    try (TestShim shim = TestShim.connect(place);
        TestShim other = TestShim.connect(place)) {
      shim.sayHello("wait");
      assertThat(shim.next().orElseThrow().type()).isEqualTo(Frame.SAY);
      other.hangUp();
      server.stop();
      assertThat(stopped.get(10, TimeUnit.SECONDS)).isTrue();
      server.sayGoodbye();
      Frame frame = shim.next().orElseThrow();
      while (frame.type() == Frame.SAY) {
        frame = shim.next().orElseThrow();
      }
      assertThat(frame.type()).isEqualTo(Frame.GOODBYE);
    }
  }

  @Test
  void aLiveCommandOrAConnectionKeepsIt() throws Exception {
    Path place = directory.resolve("kept");
    int listening = OS.listen(OsString.of(place.toString()), 8);
    AtomicInteger looks = new AtomicInteger();
    AtomicBoolean left = new AtomicBoolean();
    CallHandler busy =
        new CallHandler() {
          @Override
          public void serve(ShimConnection shim, Hello hello) throws IOException {
            GatewayServerTest.this.serve(shim, hello);
          }

          @Override
          public int live() {
            // It is asked only where there is no connection.
            return looks.incrementAndGet() < 3 ? 1 : 0;
          }
        };
    GatewayServer idle = new GatewayServer(Kernel.system(), listening, busy);
    idle.endWhenIdle(Duration.ofMillis(1), Optional.of(() -> left.set(true)));
    try (TestShim shim = TestShim.connect(place)) {
      shim.sayHello("wait");
      Thread thread = run(idle);
      assertThat(shim.next().orElseThrow().type()).isEqualTo(Frame.SAY);
      assertThat(shim.next().orElseThrow().type()).isEqualTo(Frame.SAY);
      assertThat(left).isFalse();
      shim.hangUp();
      thread.join(10_000);
      assertThat(thread.isAlive()).isFalse();
    }
    assertThat(left).isTrue();
    assertThat(looks.get()).isGreaterThanOrEqualTo(3);
  }
}
