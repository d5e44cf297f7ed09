package dev.guard.doctor.finding;

import java.util.List;
import java.util.Optional;

/**
 * A finding says what a check has found.
 *
 * @param check the check
 * @param subject the thing that the finding is about: a layer, a unit, a command, a process; empty
 *     for the host
 * @param status how bad the finding is
 * @param reason the fact that was found, in one line
 * @param details more lines, one fact each
 * @param remedy the means to make the finding go away; always there unless it is passed or skipped
 * @param namespace the details once more, for programs, of a finding about a mount namespace
 */
public record Finding(
    Check check,
    String subject,
    Verdict status,
    String reason,
    List<String> details,
    Optional<Remedy> remedy,
    Optional<NamespaceFacts> namespace) {

  /** The verdict says how bad a finding is. */
  public enum Verdict {
    /** The check found nothing wrong. */
    PASS,
    /** The checked thing works, and something could go wrong. */
    CAUTION,
    /** The checked thing does not work, or will be lost. */
    FAIL,
    /** The check could not be made, or does not apply here. */
    SKIPPED
  }

  /** Copies the details. */
  public Finding {
    details = List.copyOf(details);
    if (remedy.isEmpty() && (status == Verdict.CAUTION || status == Verdict.FAIL)) {
      throw new IllegalArgumentException(check + " " + subject + ": no remedy");
    }
    if (remedy.isPresent() && remedy.get() instanceof Remedy.Script && !check.isScripted()) {
      throw new IllegalArgumentException(check + " gives no scripts: no test would run this one");
    }
  }

  private static Finding of(
      Check check, String subject, Verdict status, String reason, Optional<Remedy> remedy) {
    return new Finding(check, subject, status, reason, List.of(), remedy, Optional.empty());
  }

  public static Finding pass(Check check, String subject, String reason) {
    return of(check, subject, Verdict.PASS, reason, Optional.empty());
  }

  public static Finding skipped(Check check, String subject, String reason) {
    return of(check, subject, Verdict.SKIPPED, reason, Optional.empty());
  }

  public static Finding caution(Check check, String subject, String reason, Remedy remedy) {
    return of(check, subject, Verdict.CAUTION, reason, Optional.of(remedy));
  }

  public static Finding fail(Check check, String subject, String reason, Remedy remedy) {
    return of(check, subject, Verdict.FAIL, reason, Optional.of(remedy));
  }

  /** Answers this finding with these lines as its details. */
  public Finding with(List<String> lines) {
    return new Finding(check, subject, status, reason, lines, remedy, namespace);
  }

  /** Answers this finding with these facts about a namespace. */
  public Finding with(NamespaceFacts facts) {
    return new Finding(check, subject, status, reason, details, remedy, Optional.of(facts));
  }
}
