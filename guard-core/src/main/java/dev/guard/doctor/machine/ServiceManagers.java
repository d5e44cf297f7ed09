package dev.guard.doctor.machine;

import dev.guard.os.OsString;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Asks the service managers of this host. Another user's manager is asked as that user: {@code
 * systemctl --machine=USER@} would open a login session for it, and that is no longer only to look.
 */
public final class ServiceManagers {
  /** The property that says whether a program has made the unit, so that no file of it lasts. */
  public static final String TRANSIENT = "Transient";

  private static final String VARIABLE = "XDG_RUNTIME_DIR";

  private final ExaminedMachine machine;

  public ServiceManagers(ExaminedMachine machine) {
    this.machine = machine;
  }

  /** Answers whether this host is under systemd, see sd_booted(3). */
  public boolean present() {
    return Files.isDirectory(machine.root().resolve("run/systemd/system"));
  }

  /** Answers where a user's manager listens, whatever the environment says. */
  public static String runtime(int user) {
    return "/run/user/" + Integer.toUnsignedString(user);
  }

  /** Answers where this user's manager can be reached from here; empty when there is none. */
  public Optional<String> reachable() {
    return Stream.concat(Stream.of(runtime(machine.os().userId())), named().stream())
        .filter(d -> has(d + "/systemd/private") || hasBus(d))
        .findFirst();
  }

  /** Answers whether there is a user's bus in this directory. */
  public boolean hasBus(String runtime) {
    return has(runtime + "/bus");
  }

  private boolean has(String socket) {
    return Files.exists(machine.root().resolve(socket.substring(1)));
  }

  /** Answers XDG_RUNTIME_DIR as guard was called with it, where that can be one. */
  public Optional<String> named() {
    return machine
        .environment()
        .get(VARIABLE)
        .map(OsString::toString)
        .filter(d -> d.startsWith("/"));
  }

  /**
   * Runs systemctl, and answers what it says.
   *
   * @param user whose manager is asked; empty: the system's
   * @throws IOException also when systemctl could not do so
   */
  public String ask(Optional<Integer> user, List<String> words) throws IOException {
    List<String> argv = new ArrayList<>();
    Map<String, String> environment = Map.of();
    if (user.isPresent()) {
      argv.addAll(becoming(user.get()));
      boolean own = user.get() == machine.os().userId();
      String directory = runtime(user.get());
      environment = Map.of(VARIABLE, own ? reachable().orElse(directory) : directory);
    }
    argv.add("systemctl");
    if (user.isPresent()) {
      argv.add("--user");
    }
    argv.addAll(words);
    Programs.Answer answer = machine.programs().ask(argv, environment);
    if (answer.status() != 0) {
      throw new IOException(
          String.join(" ", argv) + ": " + answer.errors().lines().findFirst().orElse("failed"));
    }
    return answer.output();
  }

  private List<String> becoming(int user) throws IOException {
    int self = machine.os().userId();
    if (user == self) {
      return List.of();
    }
    if (self != 0) {
      throw new IOException("only root may ask the manager of another user");
    }
    String id = Integer.toUnsignedString(user);
    return List.of("setpriv", "--reuid=" + id, "--regid=" + group(user), "--clear-groups");
  }

  private String group(int user) throws IOException {
    Optional<Users.User> entry = new Users(machine.root(), machine.programs()).find(user);
    return Integer.toUnsignedString(entry.map(Users.User::group).orElse(user));
  }

  /**
   * Answers the words of a shell before those of a program that is to run as a user with that
   * user's manager.
   */
  public String asUser(int user) throws IOException {
    String id = Integer.toUnsignedString(user);
    return "setpriv --reuid="
        + id
        + " --regid="
        + group(user)
        + " --init-groups env "
        + VARIABLE
        + "="
        + runtime(user);
  }

  /**
   * Answers the properties of units, by their names; of units that are not known there are the
   * defaults.
   *
   * @param user the user whose manager is asked, as for {@link #ask}
   */
  public Map<String, Map<String, String>> show(
      Optional<Integer> user, List<String> properties, List<String> units) throws IOException {
    List<String> words =
        new ArrayList<>(List.of("show", "-p", "Id," + String.join(",", properties), "--"));
    words.addAll(units);
    Map<String, Map<String, String>> all = new LinkedHashMap<>();
    for (String block : ask(user, words).split("\n\n", -1)) {
      Map<String, String> one = new LinkedHashMap<>();
      for (String line : block.strip().lines().toList()) {
        int is = line.indexOf('=');
        one.put(line.substring(0, Math.max(is, 0)), line.substring(is + 1));
      }
      all.put(one.getOrDefault("Id", ""), one);
    }
    return all;
  }
}
