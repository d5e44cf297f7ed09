package dev.guard.gateway;

/**
 * A frame is one message on the wire: a length of 4 bytes, a type of one byte, and the fields.
 *
 * @param type which message it is
 * @param payload the bytes of its fields
 */
record Frame(int type, byte[] payload) {
  static final int HELLO = 1;
  static final int HELD = 2;
  static final int EXECUTED = 3;
  static final int NOT_EXECUTED = 4;
  static final int ENDED = 5;
  static final int SIGNAL = 6;
  static final int ANSWER = 7;

  /** In place of the first message: no command is to be run, and {@link #STATE} is the answer. */
  static final int STATUS = 8;

  /** The caller of a detached command has its id. */
  static final int TOLD = 9;

  /** The command is to end, since nobody is told its id. */
  static final int CANCEL = 10;

  static final int DECLINE = 65;
  static final int SAY = 66;
  static final int OPEN = 67;
  static final int GRANT = 68;
  static final int RELEASE = 69;
  static final int ABANDON = 70;
  static final int RESULT = 71;
  static final int STATE = 72;
  static final int DETACH = 73;
  static final int TELL = 74;
  static final int ADOPTED = 75;

  /** For descriptor 1 of a call that starts no command; {@link #ANSWER} says how that went. */
  static final int PRINT = 76;

  /** The gateway ends on purpose. */
  static final int GOODBYE = 77;
}
