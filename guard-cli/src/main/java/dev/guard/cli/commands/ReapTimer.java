package dev.guard.cli.commands;

import dev.guard.cli.shared.ExitCode;
import dev.guard.cli.shared.Installation;
import dev.guard.cli.shared.Messages;
import dev.guard.os.Os;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Has {@code guard reap} run every five minutes: {@code --install-timer}. */
final class ReapTimer {
  private static final String UNIT = "guard-reap";
  private static final String USUAL_PROGRAM = "/opt/guard/bin/guard";
  private static final String CRON = "*/5 * * * * ";
  private static final Pattern NO_TABLE = Pattern.compile("(?i)no crontab|no such file");

  private ReapTimer() {}

  static int install(Os os, boolean user) throws IOException {
    if (os.userId() != 0 && !user && Files.isDirectory(Path.of("/run/systemd/system"))) {
      Messages.print("--install-timer: only root can have it for the system; add --user");
      return ExitCode.GUARD_ERROR;
    }
    return Files.isDirectory(Path.of("/run/systemd/system")) ? timer(user) : cron();
  }

  private static String quoted(Path path) {
    return "\"" + path + "\"";
  }

  private static int timer(boolean user) throws IOException {
    Path units = user ? userUnits() : Path.of("/etc/systemd/system");
    Files.createDirectories(units);
    String java = "[Service]\nEnvironment=\"JAVA_HOME=" + System.getProperty("java.home") + "\"";
    for (String unit : List.of(UNIT + ".service", UNIT + ".timer")) {
      String text =
          unitFile(unit)
              .replace(USUAL_PROGRAM, Installation.guard().toString().replace("%", "%%"))
              .replace("[Service]", java.replace("%", "%%"));
      Files.writeString(units.resolve(unit), text);
    }
    run(systemctl(user, "daemon-reload"), "");
    run(systemctl(user, "enable", "--now", UNIT + ".timer"), "");
    return 0;
  }

  /** Answers the text of a unit in config/systemd. */
  private static String unitFile(String unit) throws IOException {
    try (InputStream file = ReapTimer.class.getResourceAsStream("/systemd/" + unit)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static Path userUnits() throws IOException {
    Optional<String> config =
        Optional.ofNullable(System.getenv("XDG_CONFIG_HOME")).filter(c -> c.startsWith("/"));
    Optional<String> home = Optional.ofNullable(System.getenv("HOME"));
    return Path.of(
            config
                .or(() -> home.map(h -> h + "/.config"))
                .orElseThrow(() -> new IOException("HOME is not set; set it")))
        .resolve("systemd/user");
  }

  private static List<String> systemctl(boolean user, String... words) {
    List<String> argv = new ArrayList<>(List.of("systemctl"));
    if (user) {
      argv.add("--user");
    }
    argv.addAll(List.of(words));
    return argv;
  }

  /** Puts one line into the user's crontab, however often it is asked for. */
  private static int cron() throws IOException {
    String reap = quoted(Installation.guard()) + " reap";
    String line =
        CRON + "JAVA_HOME=" + quoted(Path.of(System.getProperty("java.home"))) + " " + reap;
    String table;
    try {
      table = run(List.of("crontab", "-l"), "");
    } catch (NotThereException e) {
      Messages.print(
          "--install-timer: there is neither systemd nor crontab; have this run: " + line);
      return ExitCode.GUARD_ERROR;
    } catch (IOException e) {
      // crontab tells a user who has no table yet so with a failure. Any other failure must not
      // replace the table.
      if (!NO_TABLE.matcher(e.getMessage()).find()) {
        throw e;
      }
      table = "";
    }
    if (table.lines().noneMatch(line::equals)) {
      run(List.of("crontab", "-"), table + line + "\n");
    }
    return 0;
  }

  private static final class NotThereException extends IOException {
    private static final long serialVersionUID = 1L;

    NotThereException(IOException cause) {
      super(cause);
    }
  }

  private static String run(List<String> argv, String input) throws IOException {
    Path errors = Files.createTempFile("guard-", "");
    try {
      Process process = start(new ProcessBuilder(argv).redirectError(errors.toFile()));
      process.getOutputStream().write(input.getBytes(StandardCharsets.ISO_8859_1));
      process.getOutputStream().close();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      if (process.waitFor() != 0) {
        String complaint = said + Files.readString(errors);
        throw new IOException(String.join(" ", argv) + ": " + complaint.strip());
      }
      return said;
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    } finally {
      Files.delete(errors);
    }
  }

  private static Process start(ProcessBuilder builder) throws NotThereException {
    try {
      return builder.start();
    } catch (IOException e) {
      throw new NotThereException(e);
    }
  }
}
