package dev.guard.gateway;

import java.io.IOException;

/** The other side has sent what the protocol does not allow, so nothing it says can be trusted. */
final class ProtocolException extends IOException {
  private static final long serialVersionUID = 1L;

  ProtocolException(String message) {
    super(message);
  }
}
