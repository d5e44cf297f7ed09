package dev.guard.command;

import java.io.IOException;
import java.util.List;

/** Says that a reference leads to several commands. */
public final class AmbiguousReferenceException extends IOException {
  private static final long serialVersionUID = 1L;

  AmbiguousReferenceException(String reference, List<String> ids) {
    super(reference + " could be each of " + String.join(", ", ids) + "; write more of the id");
  }
}
