package dev.guard.doctor.finding;

import java.io.IOException;
import java.util.List;

/** Makes checks so that a failure to look at one thing does not hide the findings of the others. */
public final class Findings {
  private Findings() {}

  /** Looks at one thing, and may fail at it. */
  @FunctionalInterface
  public interface FindingSource {
    /** Looks, and answers the findings. */
    List<Finding> findings() throws IOException;
  }

  /** Answers the findings of an examination, or the one finding that it could not be made. */
  public static List<Finding> orUnable(Check check, FindingSource source) {
    try {
      return source.findings();
    } catch (IOException e) {
      return List.of(unable(check, "", e));
    }
  }

  /**
   * Makes the finding that something could not be looked at, which must not be taken for healthy.
   */
  public static Finding unable(Check check, String subject, IOException e) {
    return Finding.fail(
        check,
        subject,
        "could not be looked at: " + (e.getMessage() == null ? e : e.getMessage()),
        new Remedy.Advice(
            "Read the reason; a permission that is missing is for root of the host to give."));
  }
}
