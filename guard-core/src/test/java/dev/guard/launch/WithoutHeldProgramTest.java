package dev.guard.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.guard.os.Errno;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import dev.guard.os.SpawnSpec;
import dev.guard.value.Request;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** A command runs also where its process can not be the native program of {@link HeldLaunch}. */
class WithoutHeldProgramTest {
  private static final int EPERM = 1;

  private static boolean spawnsFromProc(Object[] arguments) {
    return arguments[0] instanceof SpawnSpec spec && spec.path().toString().startsWith("/proc/");
  }

  /** Refuses one call with this error, where its arguments are so. */
  private static Os refusing(String call, int errno, Predicate<Object[]> arguments) {
    return (Os)
        Proxy.newProxyInstance(
            Os.class.getClassLoader(),
            new Class<?>[] {Os.class},
            (proxy, method, given) -> {
              if (method.getName().equals(call) && arguments.test(given)) {
                throw new OsException(call, errno, Errno.text(errno));
              }
              try {
                return method.invoke(Os.linux(), given);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static Launch runsOneOn(Os os) throws Exception {
    Procfs procfs = Procfs.system();
    try (ShellLifeline lifeline = ShellLifeline.start(os);
        Launch launch =
            HeldLaunch.orElse(
                new SpawnLaunch(os, procfs, lifeline, Optional.empty()), os, procfs, lifeline)) {
      Request request = Request.of("sh", "-c", "echo ran in $PWD").capturing(1 << 10);
      try (LaunchedCommand command =
          LaunchedCommand.hold(os, launch, request.withDirectory(OsString.of("/usr")))) {
        assertThat(command.run().output()).isEqualTo("ran in /usr\n");
      }
      return launch;
    }
  }

  @Test
  void whereThereAreNoFilesInMemory() throws Exception {
    assertThat(runsOneOn(refusing("memoryFile", EPERM, given -> true)))
        .isInstanceOf(SpawnLaunch.class);
  }

  @Test
  void whereItCanNotBeExecuted() throws Exception {
    assertThat(runsOneOn(refusing("spawn", Errno.EACCES, WithoutHeldProgramTest::spawnsFromProc)))
        .isInstanceOf(HeldLaunch.class);
  }
}
