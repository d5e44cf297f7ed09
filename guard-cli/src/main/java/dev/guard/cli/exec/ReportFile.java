package dev.guard.cli.exec;

import dev.guard.os.OsException;
import dev.guard.os.OsString;
import java.util.Optional;

/** Names where the report goes, which the shim opens with the caller's rights. */
final class ReportFile {
  private static final String FD = "fd:";

  private ReportFile() {}

  static String notOpen(OsString to) {
    return to + " is not an open descriptor; open it in the caller, e.g. 3>report.json";
  }

  static String notWritable(OsException why) {
    return why.getMessage() + "; name a file that can be written";
  }

  /** Tells whether this is meant as a descriptor, and not as a file. */
  static boolean isDescriptor(OsString to) {
    return to.toString().startsWith(FD);
  }

  /** Answers the N of fd:N. */
  static Optional<Integer> descriptor(OsString to) {
    String text = to.toString();
    return text.matches("fd:[0-9]{1,6}")
        ? Optional.of(Integer.valueOf(text.substring(FD.length())))
        : Optional.empty();
  }
}
