package dev.guard.gateway;

import dev.guard.os.Kernel;
import dev.guard.os.OsString;
import dev.guard.os.ProgramResult;
import dev.guard.os.ProgramRunner;
import dev.guard.systemd.Manager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Names the units by which a service manager listens at the gateway's socket, and starts one when
 * somebody connects: for root the system's, else the user's own. They are there where somebody has
 * installed them.
 */
public final class GatewayUnits {
  /** The unit that listens. */
  public static final String SOCKET = "guard-gateway.socket";

  /** The unit that it starts. */
  public static final String SERVICE = "guard-gateway.service";

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Kernel kernel;
  private final Path folder;

  private GatewayUnits(Kernel kernel, Path folder) {
    this.kernel = kernel;
    this.folder = folder;
  }

  /**
   * Names those of this user.
   *
   * @param home as passwd(5) has it: a gateway is one of the user, and not of some HOME
   */
  public static GatewayUnits of(Kernel kernel, String home) {
    boolean root = kernel.os().userId() == 0;
    return new GatewayUnits(
        kernel,
        root ? Path.of("/etc/systemd/system") : Path.of(home).resolve(".config/systemd/user"));
  }

  /** Names the folder of their files. */
  public Path folder() {
    return folder;
  }

  /** Tells whether they are there, and a manager that can know them. */
  public boolean areInstalled() {
    return Files.exists(folder.resolve(SOCKET)) && managerProblem().isEmpty();
  }

  /** Says why no manager can have them; empty: one can. */
  public Optional<String> managerProblem() {
    try {
      manager();
      return Optional.empty();
    } catch (Manager.NoManagerException e) {
      return Optional.of(e.getMessage());
    }
  }

  private Manager manager() throws Manager.NoManagerException {
    return Manager.of(kernel.cgroupfs(), kernel.os().userId(), Optional.empty());
  }

  /** Tells what the socket's unit is: active while the manager, or a gateway, listens. */
  public String state() throws IOException {
    return ask("show", "--property=ActiveState", "--value", SOCKET).strip();
  }

  /** Tells whether a gateway would only be started by whoever connects. */
  public boolean isWaiting() throws IOException {
    return areInstalled()
        && state().equals("active")
        && ask("show", "--property=MainPID", "--value", SERVICE).strip().equals("0");
  }

  /** Has the manager listen no more, and ends the gateway that it has started. */
  public void stop() throws IOException {
    ask("stop", SOCKET, SERVICE);
  }

  /**
   * Asks the manager by systemctl, and answers what that says.
   *
   * @throws IOException when it could not do so, with the reason
   */
  public String ask(String... words) throws IOException {
    List<String> argv = argv(words);
    ProgramResult ended =
        ProgramRunner.run(
            kernel.os(), argv.stream().map(OsString::of).toList(), entries(), PATIENCE);
    if (ended.status() != 0) {
      throw new IOException(String.join(" ", argv) + ": " + ended.errors().strip());
    }
    return ended.output();
  }

  /** Answers the words of systemctl for the manager of this user. */
  public List<String> argv(String... words) {
    List<String> argv = new ArrayList<>(List.of("/usr/bin/systemctl"));
    argv.add(kernel.os().userId() == 0 ? "--system" : "--user");
    argv.addAll(List.of(words));
    return argv;
  }

  /** Answers how one is started by them. */
  StartWay way() throws IOException {
    return new StartWay(argv("start", SOCKET).stream().map(OsString::of).toList(), entries(), true);
  }

  private List<OsString> entries() throws IOException {
    return StartWay.entries(manager().environment());
  }
}
