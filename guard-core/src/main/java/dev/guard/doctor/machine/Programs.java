package dev.guard.doctor.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks other programs, such as systemctl, for what only they know. */
@FunctionalInterface
public interface Programs {
  /**
   * Runs one that only answers.
   *
   * @param argv the words
   * @param environment the whole environment, but for PATH and a locale
   * @throws IOException when it is not there, or gives no answer in time
   */
  Answer ask(List<String> argv, Map<String, String> environment) throws IOException;

  /**
   * What it said.
   *
   * @param status its exit status
   * @param output its standard output
   * @param errors its standard error
   */
  record Answer(int status, String output, String errors) {}

  /** The real ones. */
  static Programs system() {
    return Programs::run;
  }

  private static Answer run(List<String> argv, Map<String, String> environment) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(argv);
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      CompletableFuture<byte[]> errors =
          CompletableFuture.supplyAsync(() -> all(process.getErrorStream()));
      CompletableFuture<byte[]> output =
          CompletableFuture.supplyAsync(() -> all(process.getInputStream()));
      byte[] said = output.get(Patience.MILLIS, TimeUnit.MILLISECONDS);
      byte[] complained = errors.get(Patience.MILLIS, TimeUnit.MILLISECONDS);
      if (!process.waitFor(Patience.MILLIS, TimeUnit.MILLISECONDS)) {
        throw new TimeoutException();
      }
      return new Answer(
          process.exitValue(),
          new String(said, StandardCharsets.UTF_8),
          new String(complained, StandardCharsets.UTF_8).strip());
    } catch (TimeoutException e) {
      throw new IOException(argv.get(0) + " gave no answer within " + Patience.MILLIS + " ms", e);
    } catch (InterruptedException | ExecutionException e) {
      throw new IOException(argv.get(0) + ": " + e.getMessage(), e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static byte[] all(java.io.InputStream stream) {
    try {
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** How long an answer may take. */
  final class Patience {
    // On a slow machine systemctl itself takes some of it.
    static final long MILLIS = 10_000;

    private Patience() {}
  }
}
