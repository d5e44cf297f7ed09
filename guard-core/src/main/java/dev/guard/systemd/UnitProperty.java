package dev.guard.systemd;

import java.util.List;

/**
 * A property of a transient unit, see org.freedesktop.systemd1(5).
 *
 * @param name as the service manager has it
 * @param value a text, a number, a truth value, the ids of processes, or the words of a program,
 *     the first one a path
 */
public record UnitProperty(String name, Object value) {
  /** The number that stands for no limit. */
  public static final long INFINITY = -1;

  /** Makes a property of a text. */
  public static UnitProperty text(String name, String value) {
    return new UnitProperty(name, value);
  }

  /** Makes a property of a number of 64 bits. */
  public static UnitProperty number(String name, long value) {
    return new UnitProperty(name, value);
  }

  /** Makes a property of a truth value. */
  public static UnitProperty flag(String name, boolean value) {
    return new UnitProperty(name, value);
  }

  /** Makes a property of a program that is to be run. */
  public static UnitProperty program(String name, List<String> words) {
    return new UnitProperty(name, List.copyOf(words));
  }

  /** Makes a property of processes, that are to be in the unit. */
  public static UnitProperty processes(String name, List<Integer> pids) {
    return new UnitProperty(name, pids.stream().mapToInt(Integer::intValue).toArray());
  }

  /** Writes it as the structure (sv). */
  void write(DBusWriter to) {
    to.align(8).string(name);
    if (value instanceof String text) {
      to.signature("s").string(text);
    } else if (value instanceof Long number) {
      to.signature("t").u64(number);
    } else if (value instanceof Boolean flag) {
      to.signature("b").u32(flag ? 1 : 0);
    } else if (value instanceof int[] pids) {
      to.signature("au")
          .array(
              4,
              () -> {
                for (int pid : pids) {
                  to.u32(pid);
                }
              });
    } else {
      // The last one says that its failure is no success.
      List<?> words = (List<?>) value;
      to.signature("a(sasb)")
          .array(
              8,
              () ->
                  to.align(8)
                      .string(words.get(0).toString())
                      .array(4, () -> words.forEach(word -> to.string(word.toString())))
                      .u32(0));
    }
  }
}
