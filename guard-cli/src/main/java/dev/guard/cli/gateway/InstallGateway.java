package dev.guard.cli.gateway;

import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Installation;
import dev.guard.cli.shared.Messages;
import dev.guard.gateway.GatewayLog;
import dev.guard.gateway.GatewaySocket;
import dev.guard.gateway.GatewayUnits;
import dev.guard.os.Kernel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code guard gateway install}. */
@Command(
    name = "install",
    description =
        "Has your service manager listen at the socket, and start a gateway for whoever calls.",
    mixinStandardHelpOptions = true)
public final class InstallGateway implements Callable<Integer> {
  private static final String USUAL_PROGRAM = "/opt/guard/bin/guard";
  private static final String USUAL_SOCKET = "/run/guard/gateway-1";
  private static final String USUAL_LOG = "/root/.local/state/guard/gateway.log";

  private final Kernel kernel = Kernel.system();
  private final GatewayUnits units = GatewayUnits.of(kernel, System.getProperty("user.home"));

  @Option(names = "--user", description = "By your own manager; nobody but root has another.")
  private boolean user;

  @Option(names = "--system", description = "By the system's manager; root has no other.")
  private boolean system;

  @Option(names = "--dry-run", description = "Only say what would be done.")
  private boolean dryRun;

  @Option(names = "--undo", description = "Remove them; commands that run go on.")
  private boolean undo;

  @Override
  public Integer call() throws IOException {
    Optional<String> obstacle = obstacle();
    if (obstacle.isPresent()) {
      Messages.print("gateway install: " + obstacle.get());
      return ExitCode.GUARD_ERROR;
    }
    if (undo) {
      remove();
      return 0;
    }
    return install();
  }

  private Optional<String> obstacle() {
    boolean root = kernel.os().userId() == 0;
    if (system && (user || !root)) {
      return Optional.of("only root can have it by the system's manager; leave --system out");
    }
    if (user && root) {
      return Optional.of("root's gateway is the system's; leave --user out");
    }
    return units
        .managerProblem()
        .map(problem -> problem + "; guard exec starts a gateway by itself where it can");
  }

  private int install() throws IOException {
    GatewaySocket socket = GatewaySocket.ofUser(kernel);
    String home = System.getProperty("user.home");
    Map<Path, String> files = files(socket, GatewayLog.usual(home));
    if (dryRun) {
      files.forEach((file, text) -> say("would write " + file + ":\n" + text.stripTrailing()));
      say("would run " + words("enable", "--now", GatewayUnits.SOCKET));
      return 0;
    }
    GatewayLog.make(kernel.os(), home);
    try {
      Files.createDirectories(units.folder());
      for (Map.Entry<Path, String> file : files.entrySet()) {
        Files.writeString(file.getKey(), file.getValue());
      }
    } catch (AccessDeniedException e) {
      Messages.print("gateway install: no right to write " + e.getFile() + "; see who owns it");
      return ExitCode.GUARD_ERROR;
    }
    units.ask("daemon-reload");
    // Of an installation before this one, or started by itself: the place can have one alone.
    int status = new StopGateway().call();
    if (status == 0) {
      units.ask("enable", "--now", GatewayUnits.SOCKET);
    }
    return status;
  }

  private Map<Path, String> files(GatewaySocket socket, Path log) throws IOException {
    String java = "[Service]\nEnvironment=\"JAVA_HOME=" + System.getProperty("java.home") + "\"";
    Map<Path, String> files = new TreeMap<>();
    for (String unit : List.of(GatewayUnits.SERVICE, GatewayUnits.SOCKET)) {
      files.put(
          units.folder().resolve(unit),
          unitFile(unit)
              .replace(USUAL_PROGRAM, escaped(Installation.guard().toString()))
              .replace(USUAL_SOCKET, escaped(socket.path().toString()))
              .replace(USUAL_LOG, escaped(log.toString()))
              .replace("[Service]", escaped(java)));
    }
    return files;
  }

  /** Answers the text of a unit in config/systemd. */
  private static String unitFile(String unit) throws IOException {
    try (InputStream file = InstallGateway.class.getResourceAsStream("/systemd/" + unit)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String escaped(String text) {
    return text.replace("%", "%%");
  }

  private void remove() throws IOException {
    List<Path> files =
        List.of(GatewayUnits.SERVICE, GatewayUnits.SOCKET).stream()
            .map(units.folder()::resolve)
            .filter(Files::exists)
            .toList();
    if (dryRun) {
      say("would run " + words("disable", GatewayUnits.SOCKET));
      say("would run " + words("stop", GatewayUnits.SOCKET, GatewayUnits.SERVICE));
      files.forEach(file -> say("would remove " + file));
      return;
    }
    if (!files.isEmpty()) {
      units.ask("disable", GatewayUnits.SOCKET);
      units.stop();
    }
    for (Path file : files) {
      Files.delete(file);
    }
    units.ask("daemon-reload");
  }

  private String words(String... words) {
    return String.join(" ", units.argv(words));
  }

  private static void say(String line) {
    System.out.writeBytes((line + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
