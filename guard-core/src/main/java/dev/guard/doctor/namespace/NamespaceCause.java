package dev.guard.doctor.namespace;

import java.util.List;
import java.util.Optional;

/**
 * Says what made a namespace.
 *
 * @param directives as in a unit's file; those of the unit where it could be asked, else what the
 *     mounts look like
 * @param unit the unit, and what its manager says of it, where that is known
 * @param silent units that the cause might be and whose managers could not be asked, with the
 *     reason
 */
record NamespaceCause(
    CauseKind kind, List<String> directives, Optional<UnitSettings> unit, List<String> silent) {
  /** Names the kinds of cause, each of which is known in one way. */
  enum CauseKind {
    /** The unit has directives that made the namespace. */
    UNIT("read from unit"),
    /** The unit had directives that made the namespace when it was started. */
    FORMER("inferred from its mounts"),
    /** Directives made the namespace, of a unit that is not known. */
    DIRECTIVES("inferred from its mounts"),
    /** A program that called unshare(2) made the namespace. */
    UNSHARE("inferred from its mounts"),
    /** The processes are in no namespace of their own, but have another root directory. */
    CHROOT("inferred from its mounts"),
    /** A container made the namespace. */
    CONTAINER("read from its cgroup or its namespace of processes");

    private final String source;

    CauseKind(String source) {
      this.source = source;
    }
  }

  /** Answers the cause of a kind of which no more needs to be known. */
  static NamespaceCause of(CauseKind kind) {
    return new NamespaceCause(kind, List.of(), Optional.empty(), List.of());
  }

  /**
   * Answers whether somebody wanted the processes in the namespace to see other files than the
   * host's.
   */
  boolean isMeant() {
    return kind == CauseKind.CONTAINER || kind == CauseKind.CHROOT;
  }

  /** Answers the kind's word in JSON. */
  String name() {
    return switch (kind) {
      case UNIT, FORMER, DIRECTIVES -> "directives";
      case UNSHARE -> "unshare";
      case CHROOT -> "chroot";
      case CONTAINER -> "container";
    };
  }

  /** Answers the source's word in JSON. */
  String source() {
    return kind == CauseKind.UNIT ? "unit" : kind == CauseKind.CONTAINER ? "process" : "mounts";
  }

  /** Says in one line what the cause is, and how that is known. */
  String text() {
    String what =
        switch (kind) {
          case UNIT, FORMER, DIRECTIVES -> String.join(" ", directives);
          case UNSHARE -> "unshare, or a program that does as it does";
          case CHROOT -> "chroot, or a program that does as it does";
          case CONTAINER -> "a container";
        };
    String known =
        kind.source
            + switch (kind) {
              case UNIT -> " " + unit.orElseThrow().name();
              case FORMER -> "; unit " + unit.orElseThrow().name() + " has no such directive now";
              default -> "";
            };
    return (what.isEmpty() ? "a directive that shows in no mount, as PrivateMounts=" : what)
        + ", "
        + known;
  }
}
