package dev.guard.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Runs tests of {@code guard reap} one class at a time, since one JVM would reap what another looks
 * for.
 */
final class ReapLock implements BeforeAllCallback, AfterAllCallback {
  private FileChannel lock;

  @Override
  public void beforeAll(ExtensionContext context) throws IOException {
    Path file = Files.createDirectories(Store.DIRECTORY).resolve("reap-it.lock");
    lock = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    lock.lock();
  }

  @Override
  public void afterAll(ExtensionContext context) throws IOException {
    lock.close();
  }
}
