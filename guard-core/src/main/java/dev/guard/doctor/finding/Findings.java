package dev.guard.doctor.finding;

import java.io.IOException;
import java.util.List;

/** Makes checks so that what one can not look at does not hide what the others find. */
public final class Findings {
  private Findings() {}

  /** Looks at one thing, and may fail at it. */
  @FunctionalInterface
  public interface Examination {
    /** Answers what was found. */
    List<Finding> findings() throws IOException;
  }

  /** Answers what an examination finds, or the one finding that it could not be made. */
  public static List<Finding> orUnable(Check check, Examination examination) {
    try {
      return examination.findings();
    } catch (IOException e) {
      return List.of(unable(check, "", e));
    }
  }

  /** Makes the finding that something could not be looked at: it is not taken for healthy. */
  public static Finding unable(Check check, String subject, IOException e) {
    return Finding.fail(
        check,
        subject,
        "could not be looked at: " + (e.getMessage() == null ? e : e.getMessage()),
        new Remedy.Advice(
            "Read the reason; a permission that is missing is for root of the host to give."));
  }
}
