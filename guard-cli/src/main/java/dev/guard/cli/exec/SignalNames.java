package dev.guard.cli.exec;

import dev.guard.os.Signals;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names of signals, as kill(1) has them. */
final class SignalNames {
  // By number, from 1 on; the same on x86-64 and aarch64.
  private static final List<String> NAMES =
      List.of(
          "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
          "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
          "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS");
  private static final Pattern REALTIME = Pattern.compile("RT(MIN|MAX)([+-][0-9]{1,2})?");
  private static final int RTMIN = 34;

  private SignalNames() {}

  /** The number of a signal, given by its name, with or without SIG, or its number. */
  static OptionalInt of(String text) {
    if (text.matches("[0-9]{1,2}")) {
      return valid(Integer.parseInt(text), 1);
    }
    String upper = text.toUpperCase(Locale.ROOT);
    String name = upper.startsWith("SIG") ? upper.substring(3) : upper;
    if (NAMES.contains(name)) {
      return OptionalInt.of(NAMES.indexOf(name) + 1);
    }
    Matcher realtime = REALTIME.matcher(name);
    if (!realtime.matches()) {
      return OptionalInt.empty();
    }
    int offset = realtime.group(2) == null ? 0 : Integer.parseInt(realtime.group(2));
    return valid((realtime.group(1).equals("MIN") ? RTMIN : Signals.LAST) + offset, RTMIN);
  }

  private static OptionalInt valid(int number, int least) {
    return number >= least && number <= Signals.LAST ? OptionalInt.of(number) : OptionalInt.empty();
  }
}
