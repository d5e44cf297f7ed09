package dev.guard.cli.exec;

import dev.guard.os.DescriptorCalls;
import dev.guard.os.Os;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Takes the report; it is opened before the command runs, so that a bad place is known in time. */
record ReportFile(Os os, int descriptor) {
  private static final String FD = "fd:";

  static ReportFile open(Os os, OsString to, List<Integer> inherited) throws IOException {
    if (to.toString().startsWith(FD)) {
      int fd = descriptor(to).orElse(-1);
      if (fd != 1 && fd != 2 && !inherited.contains(fd)) {
        throw new IOException(notOpen(to));
      }
      return new ReportFile(os, fd);
    }
    try {
      return new ReportFile(
          os,
          os.open(
              to,
              DescriptorCalls.Open.WRITE
                  | DescriptorCalls.Open.CREATE
                  | DescriptorCalls.Open.TRUNCATE,
              0666));
    } catch (OsException e) {
      throw new IOException(notWritable(e), e);
    }
  }

  static String notOpen(OsString to) {
    return to + " is not an open descriptor; open it in the caller, e.g. 3>report.json";
  }

  static String notWritable(OsException why) {
    return why.getMessage() + "; name a file that can be written";
  }

  /** Answers the N of fd:N. */
  static Optional<Integer> descriptor(OsString to) {
    String text = to.toString();
    return text.matches("fd:[0-9]{1,6}")
        ? Optional.of(Integer.valueOf(text.substring(FD.length())))
        : Optional.empty();
  }

  void write(byte[] bytes) throws OsException {
    os.write(descriptor, bytes);
  }
}
